import { findNamedWorkload } from '../domain/calls/workload-name.ts';
import { storyOf, type CallOutcome, type WorkloadStory } from '../domain/inventory/workload-story.ts';
import { fateOf } from '../domain/simulate/fate-of.ts';
import type { Call } from '../domain/calls/call.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { formatWorkload, type Workload } from '../domain/world/workload.ts';
import { workloadsOf } from '../domain/world/workloads-of.ts';
import type { World } from '../domain/world/world.ts';
import { usageError, type AppError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { refuseUnknownNamespaces } from './known-namespaces.ts';
import type { OpenedWorld } from './open-world.ts';

const FEW_CHOICES = 20;

/**
 * The whole story of the workload that somebody named (`[KIND/]NAME`, `NAMESPACE/[KIND/]NAME`), looked for in the
 * namespaces given or in all. Throws a usage error where it is none, or may be several.
 */
export function tellWorkload(
  { world, graph, headFor }: OpenedWorld,
  name: string,
  namespaces: readonly string[],
): ResultHead & WorkloadStory {
  refuseUnknownNamespaces(world, namespaces);
  const workload = theWorkload(world, name, namespaces);
  const outcomeOf = (call: Call): CallOutcome => {
    const { cohorts: _cohorts, ...outcome } = fateOf(call, world);
    return outcome;
  };
  return { ...headFor('WorkloadStory'), ...storyOf(workload, { world, graph, outcomeOf }) };
}

function theWorkload(world: World, text: string, namespaces: readonly string[]): Workload {
  const places = namespaces.length === 0 ? [undefined] : namespaces;
  const answers = places.map((namespace) => findNamedWorkload(world, { text, namespace }));
  const found = answers.flatMap(({ workload }) => workload ?? []);
  const choices = answers.flatMap((answer) => ('choices' in answer ? answer.choices : []));
  const [workload, second] = found;
  if (workload !== undefined && second === undefined && choices.length === 0) return workload;
  throw notOne(world, text, [...found.map(formatWorkload), ...choices]);
}

function notOne(world: World, text: string, choices: readonly string[]): AppError {
  const shown = text.slice(0, 100);
  if (choices.length > 0) {
    const more = choices.length > FEW_CHOICES ? ` and ${String(choices.length - FEW_CHOICES)} more` : '';
    return usageError(
      'ambiguous-workload',
      `${shown} may be any of ${String(choices.length)} workloads`,
      `name one of them: ${choices.slice(0, FEW_CHOICES).join(', ')}${more}`,
    );
  }
  const names = workloadsOf(world);
  const near = nearest(lastPart(text), [...new Set(names.map(({ name }) => name))]);
  const meant = names.filter(({ name }) => name === near).map(formatWorkload);
  return usageError(
    'unknown-workload',
    `there is no workload ${shown}`,
    ...(meant.length === 0 ? [] : [`did you mean ${meant.slice(0, 5).join(' or ')}?`]),
    'write it as NAME with -n NAMESPACE, or as NAMESPACE/KIND/NAME; meshwise inventory lists them',
  );
}

function lastPart(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1);
}
