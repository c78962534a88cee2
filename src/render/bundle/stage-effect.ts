import { formatRef } from '../../domain/kubernetes/object.ts';
import type { Stage } from '../../domain/rollout/plan.ts';
import type { Step } from '../../domain/world/step.ts';
import { capped } from './cut.ts';
import { refOfManifest } from './manifest-files.ts';
import { code, markdown, plain, type Markdown } from './markdown.ts';

const CHANGES_SHOWN = 30;

const ROWS_UNFOLDED = 8;

const OPENINGS_SHOWN = 20;

/** As many objects as somebody still reads in one review. */
const REVIEWABLE = 50;

/** What each step does, in words. */
export function changesOf(steps: readonly Step[]): readonly Markdown[] {
  const { shown, more } = capped(steps, CHANGES_SHOWN);
  return [...shown.map(changeOf), ...(more === '' ? [] : [markdown(more)])];
}

function changeOf(step: Step): Markdown {
  switch (step.step) {
    case 'apply':
      return markdown(`Applies ${code(formatRef(refOfManifest(step.manifest))).markdown}.`);
    case 'patch':
      return markdown(`Patches ${code(formatRef(step.target)).markdown}: ${plain(step.why).markdown}`);
    case 'delete':
      return markdown(`Deletes ${code(formatRef(step.target)).markdown}.`);
    case 'restart':
      return markdown(`Makes the pods of ${code(formatRef(step.workload)).markdown} new.`);
    case 'external':
      return markdown(`Runs commands: ${plain(step.title).markdown}`);
  }
}

/** What to say of a stage that is more than one review; empty for any other. */
export function tooLargeText({ steps }: Stage): string {
  const objects = steps.filter(({ step }) => step === 'apply' || step === 'patch' || step === 'delete').length;
  if (objects <= REVIEWABLE) return '';
  return `it changes ${String(objects)} objects, and ${String(REVIEWABLE)} are about what one review bears. Plan again with fewer namespaces (-n), or with smaller waves (plan.waves.maxWorkloads in meshwise.yaml).`;
}

/** How the calls fare, as the template shows it. */
export function simulationPart({ simulation, state }: Stage): object {
  const { ok, degraded, partial, unknown, breaks, opens, notOk } = simulation;
  const openings = capped(opens, OPENINGS_SHOWN);
  return {
    simulated: state !== 'outline' && state !== 'done',
    counts: { ok, degraded, partial, unknown, breaks },
    total: ok + degraded + partial + unknown + breaks,
    opens: [...openings.shown, ...(openings.more === '' ? [] : [openings.more])],
    notOk: notOk.map(({ call, verdict, why }) => ({ call: code(call), verdict, why })),
    collapsed: notOk.length > ROWS_UNFOLDED ? `the ${String(notOk.length)} worst of them` : '',
  };
}
