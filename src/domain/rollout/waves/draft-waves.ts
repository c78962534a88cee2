import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { Planning } from '../planning.ts';
import { previousWaves, type PreviousWave } from '../previous/previous-waves.ts';
import { chunkWaves, eachProtocolFirst, limitsOf } from './chunk-waves.ts';
import { byScore, lowRiskOf, type Scores } from './wave-score.ts';

/** A wave before it was tried; with the id that an earlier plan gave it. */
export interface Draft {
  readonly id?: string;
  readonly workloads: readonly Workload[];
}

/** What waves are drawn from. */
export interface DraftInput {
  readonly scores: Scores;
  readonly members: ReadonlyMap<string, readonly Workload[]>;
  /** Namespaces in the order in which they get their waves. */
  readonly order: readonly string[];
  /** Whether these workloads are in the mesh already. */
  readonly isDone: (workloads: readonly Workload[]) => boolean;
}

/** The waves in their order, and the workloads that cannot stay in the wave of an earlier plan, with the reason. */
export interface Drafts {
  readonly drafts: readonly Draft[];
  readonly moved: ReadonlyMap<string, string>;
}

/** The waves of an earlier plan with those of their members that are left, then new ones, namespace by namespace. */
export function draftWaves(planning: Planning, input: DraftInput): Drafts {
  const byName = new Map([...input.members.values()].flat().map((workload) => [formatWorkload(workload), workload]));
  const moved = new Map<string, string>();
  const kept = previousWaves(planning.input).flatMap((wave) => keptWave(planning, input, { wave, byName, moved }));
  const known = new Set(kept.flatMap(({ workloads }) => workloads.map(formatWorkload)));
  const isPilot = kept.length === 0;
  const fresh = input.order.flatMap((namespace, position) => {
    const own = (input.members.get(namespace) ?? []).filter((workload) => !known.has(formatWorkload(workload)));
    return newWaves(planning, input, { own, isPilot: isPilot && position === 0 });
  });
  return { drafts: [...kept, ...fresh], moved };
}

interface Kept {
  readonly wave: PreviousWave;
  readonly byName: ReadonlyMap<string, Workload>;
  readonly moved: Map<string, string>;
}

/** What does not fit any more becomes waves of its own, unless all of it is done. */
function keptWave(
  { index, input: { choices } }: Planning,
  { isDone }: DraftInput,
  { wave, byName, moved }: Kept,
): readonly Draft[] {
  const left = wave.members.flatMap((member) => byName.get(formatWorkload(member)) ?? []);
  if (left.length === 0) return [];
  if (isDone(left)) return [{ id: wave.id, workloads: left }];
  const [first = [], ...rest] = chunkWaves(index, left, limitsOf(choices.waves));
  for (const workload of rest.flat()) moved.set(formatWorkload(workload), 'the wave is larger than a wave may be');
  return [{ id: wave.id, workloads: first }, ...rest.map((workloads) => ({ workloads }))];
}

function newWaves(
  { index, input: { choices } }: Planning,
  { scores }: DraftInput,
  { own, isPilot }: { readonly own: readonly Workload[]; readonly isPilot: boolean },
): readonly Draft[] {
  const sorted = byScore(scores, own);
  const ordered = isPilot ? eachProtocolFirst(index, sorted, lowRiskOf(scores)) : sorted;
  return chunkWaves(index, ordered, limitsOf(choices.waves)).map((workloads) => ({ workloads }));
}
