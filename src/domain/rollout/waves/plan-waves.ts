import { compareText } from '../../../lib/order.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { Step } from '../../world/step.ts';
import type { Enrolled } from '../enrolled.ts';
import { fnvHex } from '../fnv.ts';
import { toObstacle, tryNow, type Planning } from '../planning.ts';
import type { Trial, WorseCall } from '../simulate-stage.ts';
import { previousWaves } from '../previous/previous-waves.ts';
import { draftWaves, type Draft } from './draft-waves.ts';
import { limitsOf } from './chunk-waves.ts';
import { losing } from './lost-calls.ts';
import { shareOf } from './wave-traffic.ts';
import { namespacesByScore, scoresOf, type Scores } from './wave-score.ts';
import { waveNotes } from './wave-notes.ts';

/** Workloads that get into the mesh together, as they were tried. */
export interface Wave {
  /** Made of the namespace and a hash of the members. */
  readonly id: string;
  /** Counts from 1. */
  readonly number: number;
  readonly dependsOn: readonly string[];
  /** As they are in the plan's world before the wave, in the order of their steps; all of one namespace. */
  readonly workloads: readonly [Workload, ...Workload[]];
  /** The steps and what becomes of the calls; without steps the wave is done. */
  readonly trial: Trial;
  /** Why these and why now, as paragraphs. */
  readonly notes: readonly string[];
  /** It is one workload whose part of the counted traffic is more than a wave may touch. */
  readonly isOverShare: boolean;
}

/** How a target gets workloads into its mesh. */
export interface WaveTarget {
  /** Ids of the stages that the first wave waits for. */
  readonly after: readonly string[];
  /** All steps that enrol these workloads of one namespace in the plan's world of now; none where that is done. */
  readonly steps: (workloads: readonly Workload[]) => readonly Step[];
  /**
   * Writes the stage of the wave into the plan (`addStage` as done or outline, `writeStage`). Undefined where later
   * stages may rest on it, else why its workloads are left out.
   */
  readonly write: (wave: Wave) => string | undefined;
  /** Another order of the steps of one wave. */
  readonly inOrder?: (workloads: readonly Workload[]) => readonly Workload[];
  /** Members that must not hold up the others of their wave: they get one of their own after it. */
  readonly apart?: (wave: Pick<Wave, 'workloads' | 'trial'>) => readonly Workload[];
}

interface Run {
  readonly planning: Planning;
  readonly target: WaveTarget;
  readonly scores: Scores;
  readonly all: readonly Workload[];
  readonly waves: Map<string, string[]>;
  readonly waveOf: Map<string, string>;
  readonly heldBack: Draft[];
  /** The wave that each workload came to be in, whether it holds or not, by formatted reference. */
  readonly placed: Map<string, string>;
  /** Why a workload could not stay where it was put first. */
  readonly moved: Map<string, string>;
  readonly ids: Set<string>;
  after: readonly string[];
  count: number;
}

/**
 * Plans the waves in which workloads get into the mesh: one namespace each, least score first, and those of an earlier
 * plan as it had them. Members that would make a call worse are held back and tried again at the end, alone. `members`
 * are the workloads to enrol of each namespace, those that are in already among them.
 */
export function planWaves(
  planning: Planning,
  members: ReadonlyMap<string, readonly Workload[]>,
  target: WaveTarget,
): Enrolled {
  const scores = scoresOf(planning, members);
  const order = namespacesByScore(scores, members, planning.input.choices.waves);
  const { drafts, moved } = draftWaves(planning, {
    scores,
    members,
    order,
    isDone: (workloads) => target.steps(workloads).length === 0,
  });
  const run: Run = {
    planning,
    target,
    scores,
    all: [...members.values()].flat(),
    waves: new Map(),
    waveOf: new Map(),
    heldBack: [],
    placed: new Map(),
    moved: new Map(moved),
    ids: new Set(drafts.flatMap(({ id }) => id ?? [])),
    after: target.after,
    count: 0,
  };
  for (const draft of drafts) planWave(run, draft, 'hold-back');
  planHeldBack(run);
  planning.warnings.push(...moves(planning, run));
  return { namespaces: order, waves: run.waves, waveOf: run.waveOf };
}

/** Those that were held back, alone; each that goes through may clear the way for others. */
function planHeldBack(run: Run): void {
  let waiting = run.heldBack.splice(0);
  for (;;) {
    const free = waiting.find(
      ({ workloads }) => !breaks(tryNow(run.planning, 'trial', run.target.steps(inOrder(run, workloads)))),
    );
    if (free === undefined) break;
    planWave(run, free, 'final');
    waiting = waiting.filter((draft) => draft !== free);
  }
  for (const draft of waiting) planWave(run, draft, 'final');
}

/** A wave is tried whole; members that would make a call worse are tried again at the end, alone. */
function planWave(run: Run, { id: given, workloads }: Draft, mode: 'hold-back' | 'final'): void {
  const [first, ...others] = inOrder(run, workloads);
  if (first === undefined) return;
  const members = [first, ...others] as const;
  const id = given ?? newId(run, members);
  const trial = tryNow(run.planning, id, run.target.steps(members));
  const culprits = mode === 'final' || !breaks(trial) ? [] : findCulprits(run, members);
  if (culprits.length > 0) {
    const keepsId = culprits.length === members.length && members.length === 1;
    for (const culprit of culprits) {
      run.heldBack.push({ ...(keepsId && given !== undefined ? { id: given } : {}), workloads: [culprit] });
      run.moved.set(formatWorkload(culprit), 'together with the others it would make a call worse');
    }
    planWave(run, { ...(given === undefined ? {} : { id: given }), workloads: without(members, culprits) }, mode);
    return;
  }
  const wave = { workloads: members, trial };
  const apart = [...new Set([...(run.target.apart?.(wave) ?? []), ...losing(run.planning, wave, run.target.steps)])];
  if (apart.length > 0 && apart.length < members.length) {
    for (const workload of apart) run.moved.set(formatWorkload(workload), 'it would hold up the others of its wave');
    planWave(run, { ...(given === undefined ? {} : { id: given }), workloads: without(members, apart) }, mode);
    planWave(run, { workloads: apart }, mode);
    return;
  }
  addWave(run, id, { workloads: members, trial });
}

/** Made of the members, with as many digits as make it the only one. */
function newId(run: Run, workloads: readonly [Workload, ...Workload[]]): string {
  const names = workloads.map(formatWorkload).sort(compareText).join(' ');
  const idOf = (digits: number): string => `enrol-${workloads[0].namespace}-${fnvHex(names, digits)}`;
  let digits = 4;
  while (run.ids.has(idOf(digits)) && digits < 8) digits += 1;
  return idOf(digits);
}

/** The workloads as they are in the plan's world by now. */
function inOrder({ planning, target }: Run, workloads: readonly Workload[]): readonly Workload[] {
  const current = workloads.flatMap((workload) => findWorkload(planning.world, workload) ?? []);
  return target.inOrder?.(current) ?? current;
}

function without(workloads: readonly Workload[], gone: readonly Workload[]): readonly Workload[] {
  return workloads.filter((workload) => !gone.includes(workload));
}

function breaks({ worse }: Trial): boolean {
  return worse.some(({ after }) => after.verdict !== 'unknown');
}

/** Those that break a call by themselves; if each alone is harmless, all of them. */
function findCulprits(run: Run, members: readonly Workload[]): readonly Workload[] {
  const alone = members.filter((member) => breaks(tryNow(run.planning, 'trial', run.target.steps([member]))));
  return alone.length > 0 ? alone : members;
}

function addWave(run: Run, id: string, { workloads, trial }: Pick<Wave, 'workloads' | 'trial'>): void {
  run.count += 1;
  run.ids.add(id);
  const notes = waveNotes(run.planning, { scores: run.scores, all: run.all, workloads, isFirst: run.count === 1 });
  const share = shareOf(run.planning.index, workloads);
  const isOverShare = share > limitsOf(run.planning.input.choices.waves).trafficShare;
  const wave: Wave = { id, number: run.count, dependsOn: run.after, workloads, trial, notes, isOverShare };
  const reason = run.target.write(wave);
  for (const workload of workloads) {
    run.placed.set(formatWorkload(workload), id);
    if (reason === undefined) remember(run, id, workload);
    else run.planning.leftOut.push({ what: formatWorkload(workload), reason });
  }
  if (reason === undefined) run.after = [id];
}

function remember(run: Run, id: string, workload: Workload): void {
  run.waveOf.set(formatWorkload(workload), id);
  const waves = run.waves.get(workload.namespace) ?? [];
  if (!waves.includes(id)) waves.push(id);
  run.waves.set(workload.namespace, waves);
}

/** The workloads of the earlier plan that are not in the wave in which it had them, each with the reason. */
function moves({ input, leftOut }: Planning, { placed, moved }: Run): readonly string[] {
  const reasons = new Map(leftOut.map(({ what, reason }) => [what, reason]));
  return previousWaves(input).flatMap(({ id, members }) =>
    members.map(formatWorkload).flatMap((name) => {
      if (placed.get(name) === id) return [];
      const why = placed.has(name)
        ? (moved.get(name) ?? 'its wave was drawn anew')
        : (reasons.get(name) ?? 'it is not there any more');
      return [`wave ${id}: ${name} moves: ${why}`];
    }),
  );
}

/** Why the members of a wave that is blocked are left out. */
export function whyBlocked(trial: Trial, lost: readonly WorseCall[]): string {
  const broken = [...trial.worse.filter(({ after }) => after.verdict !== 'unknown'), ...lost].map(toObstacle);
  return broken[0] === undefined ? 'its wave is blocked' : `it would make a call worse: ${broken[0].what}`;
}
