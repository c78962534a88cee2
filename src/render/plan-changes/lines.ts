import type { Exception } from '../../domain/rollout/plan.ts';
import { formatWorkload } from '../../domain/world/workload.ts';
import type { ListChange, PlanChanges, StageChange } from '../../domain/rollout/compare/plan-changes.ts';

/** Part of what changed: a heading, and lines of which some have lines of their own below them. */
export interface ChangeSection {
  readonly heading: string;
  readonly lines: readonly ChangeLine[];
}

/** A line, with what belongs below it. */
export interface ChangeLine {
  readonly text: string;
  readonly below: readonly string[];
}

const SHOWN = 20;

/** What changed as sections for people, those without a line left out; the same for every format. */
export function changeSections(changes: PlanChanges): readonly ChangeSection[] {
  const { stages, moved, exceptions, leftOut, warnings } = changes;
  const sections: readonly ChangeSection[] = [
    { heading: 'New stages', lines: stages.added.map(({ id, state, title }) => plain(`${id} (${state}): ${title}`)) },
    {
      heading: 'Stages that are gone',
      lines: stages.removed.map(({ id, state, title }) => plain(`${id} (${state}): ${title}`)),
    },
    { heading: 'Stages that changed', lines: stages.changed.map(toLine) },
    {
      heading: 'Workloads in another wave',
      lines: moved.map(({ workload, from, to }) => plain(`${workload}: ${from ?? 'no wave'} -> ${to ?? 'no wave'}`)),
    },
    { heading: 'New exceptions', lines: exceptions.added.map(toRow) },
    { heading: 'Exceptions that are gone', lines: exceptions.removed.map(toRow) },
    { heading: 'Exceptions whose end has come', lines: exceptions.expired.map(toRow) },
    { heading: 'Left out', lines: listed(leftOut).map(plain) },
    { heading: 'Warnings', lines: listed(warnings).map(plain) },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

/** One sentence over all of it. */
export function changeSummary({ stages, target, read, sameInput }: PlanChanges): string {
  const { added, removed, changed, unchanged } = stages;
  const between = `between ${read.from ?? 'a time that is not known'} and ${read.to ?? 'a time that is not known'}`;
  const input = sameInput ? 'Both were made from the same objects and calls.' : `The cluster was read ${between}.`;
  const turned = target.from === target.to ? '' : ` The target was ${target.from} and is ${target.to}.`;
  return `${String(added.length)} stages are new, ${String(removed.length)} are gone, ${String(changed.length)} changed, ${String(unchanged)} are the same. ${input}${turned}`;
}

function plain(text: string): ChangeLine {
  return { text, below: [] };
}

function toLine({ id, state, number, steps, gates, blockedBy, dependsOn }: StageChange): ChangeLine {
  const told = [
    ...(state === undefined ? [] : [`${state.from} -> ${state.to}`]),
    ...(number === undefined ? [] : [`number ${String(number.from)} -> ${String(number.to)}`]),
  ];
  const below = [
    ...(steps === undefined ? [] : [...listed(steps), ...cut(steps.changed).map((step) => `~ ${step}`)]),
    ...lists('gate', gates),
    ...lists('blocked by', blockedBy),
    ...lists('after', dependsOn),
  ];
  return { text: told.length === 0 ? id : `${id}: ${told.join(', ')}`, below };
}

function lists(what: string, change: ListChange | undefined): readonly string[] {
  if (change === undefined) return [];
  return [
    ...cut(change.added).map((text) => `+ ${what} ${text}`),
    ...cut(change.removed).map((text) => `- ${what} ${text}`),
  ];
}

function listed(change: ListChange): readonly string[] {
  return [...cut(change.added).map((text) => `+ ${text}`), ...cut(change.removed).map((text) => `- ${text}`)];
}

function cut(texts: readonly string[]): readonly string[] {
  if (texts.length <= SHOWN) return texts;
  return [...texts.slice(0, SHOWN), `and ${String(texts.length - SHOWN)} more`];
}

function toRow({ workload, layer, ports, reason, owner, expires }: Exception): ChangeLine {
  const which = ports.length === 0 ? '' : ` port ${ports.join(', ')}`;
  return plain(`${formatWorkload(workload)}${which} (${layer}): ${reason}; owner ${owner}, expires ${expires}`);
}
