import type { Stage } from '../../../src/domain/rollout/plan.ts';
import {
  answersOf,
  nameOfCall,
  nameOfWorkload,
  strangersAt,
  works,
  workloadsIn,
  type NaiveCall,
  type Stranger,
} from './naive-rollout-judge.ts';
import { podsOf, type WorkloadName } from './naive-pods.ts';
import type { RawCluster } from './raw-cluster.ts';
import { SPACES } from './rollout-world.ts';
import { momentsOf, type WalkedStage } from './walk-plan.ts';

type Calls = readonly NaiveCall[];

/** What went against a law, in words; empty where it holds. */
export type Faults = readonly string[];

/** At no moment of any stage does a known call break that passed before the stage. */
export function brokenCalls(walked: readonly WalkedStage[], calls: Calls): Faults {
  return walked.flatMap(({ stage, before, moments }) => {
    const working = calls.filter((call) => works(before, call));
    return moments.flatMap((moment) =>
      working.filter((call) => !works(moment, call)).map((call) => `${stage.id} breaks ${nameOfCall(call)}`),
    );
  });
}

/** A container port of a workload, and somebody who was named nowhere. */
interface Door {
  readonly workload: WorkloadName;
  readonly port: number;
  readonly stranger: Stranger;
}

/** A port that nothing declares stands for all of those. */
const UNDECLARED = 7;

/** Every door of the cluster: plaintext, the mesh's strangers of elsewhere and of the own namespace. */
export function doorsOf(cluster: RawCluster): readonly Door[] {
  return workloadsIn(cluster, SPACES)
    .filter(({ kind }) => kind !== 'CronJob')
    .flatMap((workload) => {
      const declared = podsOf(cluster, workload).flatMap(({ ports }) => ports.map(({ number }) => number));
      const strangers = [
        { namespace: 'elsewhere', meshed: false },
        { namespace: 'elsewhere', meshed: true },
        { namespace: workload.namespace, meshed: true },
      ];
      return [...new Set([...declared, UNDECLARED])].flatMap((port) =>
        strangers.map((stranger) => ({ workload, port, stranger })),
      );
    });
}

function nameOfDoor({ workload, port, stranger }: Door): string {
  const who = `${stranger.meshed ? 'mesh' : 'plaintext'} stranger of ${stranger.namespace}`;
  return `${nameOfWorkload(workload)}:${String(port)} to ${who}`;
}

function openness(cluster: RawCluster, { workload, port, stranger }: Door): 'all' | 'some' | 'none' {
  return strangersAt(cluster, [workload, port], stranger);
}

/** No stage lets somebody in whom it found shut out everywhere, unless the plan has said so by then. */
export function openedDoors(walked: readonly WalkedStage[]): Faults {
  return walked.flatMap(({ stage, before, moments }, at) => {
    const listed = walked.slice(0, at + 1).flatMap((one) => saidOf(one.stage));
    const shut = doorsOf(before).filter((door) => openness(before, door) === 'none' && !isGap(door, listed));
    return moments.flatMap((moment) =>
      shut.filter((door) => openness(moment, door) !== 'none').map((door) => `${stage.id} opens ${nameOfDoor(door)}`),
    );
  });
}

/** What a stage's page says beside its steps. */
function saidOf({ notes, exceptions }: Stage): readonly string[] {
  return [...notes, ...exceptions.map(({ workload, reason }) => `${nameOfWorkload(workload)}: ${reason}`)];
}

/** Whether the tunnel of a mesh, which NetworkPolicies cannot look into, is named as what opens the door. */
function isGap({ workload: { namespace, kind, name } }: Door, listed: readonly string[]): boolean {
  return listed.some(
    (text) =>
      text.includes('NetworkPolicy') &&
      (text.includes(`${namespace}/${kind}/${name}`) || text.includes(`${namespace}/theirs`)),
  );
}

const SHUTS_PLAINTEXT: ReadonlySet<Stage['kind']> = new Set(['strict', 'deny', 'default']);
const SHUTS_IDENTITIES: ReadonlySet<Stage['kind']> = new Set(['deny', 'default']);

/**
 * Strangers are shut out by the stages that are there for it. An enrolment does where policies lie in wait for the pod's
 * proxy: then its page names the workload, and what is behind a Service must have been watched as for any deny.
 */
export function shutTooEarly(walked: readonly WalkedStage[]): Faults {
  return walked.flatMap(({ stage, before, moments }) => {
    const open = doorsOf(before).filter(
      (door) =>
        !(door.stranger.meshed ? SHUTS_IDENTITIES : SHUTS_PLAINTEXT).has(stage.kind) &&
        openness(before, door) === 'all' &&
        !(stage.kind === 'enrol' && saidOf(stage).some((text) => text.includes(nameOfWorkload(door.workload)))),
    );
    return moments.flatMap((moment) =>
      open
        .filter((door) => openness(moment, door) !== 'all')
        .map((door) => `${stage.id} (${stage.kind}) shuts ${nameOfDoor(door)}`),
    );
  });
}

/** Whoever is shut out at a port behind a Service was watched there: nothing is cut on a guess. */
export function cutUnwatched(
  walked: readonly WalkedStage[],
  calls: readonly (NaiveCall & { readonly evidence: string })[],
): Faults {
  const watched = new Set(
    calls
      .filter(({ evidence }) => evidence === 'observed')
      .map(({ to, port }) => `${nameOfWorkload(to)}:${String(port)}`),
  );
  return walked
    .filter(({ stage }) => stage.state === 'ready')
    .flatMap(({ stage, before, after }) =>
      doorsOf(before)
        .filter(
          (door) =>
            door.port !== UNDECLARED &&
            door.port !== 9090 &&
            openness(before, door) === 'all' &&
            openness(after, door) === 'none' &&
            !watched.has(`${nameOfWorkload(door.workload)}:${String(door.port)}`),
        )
        .map((door) => `${stage.id} shuts ${nameOfDoor(door)} unwatched`),
    );
}

/** Everything that the judge can say of a cluster. */
export function picture(cluster: RawCluster, calls: Calls): readonly string[] {
  return [
    ...calls.map((call) => `${nameOfCall(call)}: ${[...new Set(answersOf(cluster, call))].sort().join()}`),
    ...doorsOf(cluster).map((door) => `${nameOfDoor(door)}: ${openness(cluster, door)}`),
  ];
}

/** The stages undone one after the other, last first: each leaves what was there before it. */
export function notRestored(walked: readonly WalkedStage[], calls: Calls): Faults {
  let cluster = walked.at(-1)?.after;
  if (cluster === undefined) return [];
  const faults: string[] = [];
  for (const { stage, before } of [...walked].reverse()) {
    const working = calls.filter((call) => works(cluster ?? before, call) && works(before, call));
    const moments = momentsOf(cluster, stage.rollback.steps);
    for (const moment of moments) {
      for (const call of working.filter((one) => !works(moment, one))) {
        faults.push(`the rollback of ${stage.id} breaks ${nameOfCall(call)}`);
      }
    }
    cluster = moments.at(-1) ?? cluster;
    if (stage.steps.some(({ step }) => step === 'external')) continue;
    const [found, wanted] = [picture(cluster, calls), picture(before, calls)];
    faults.push(
      ...wanted
        .filter((line, index) => line !== found[index])
        .map((line) => `the rollback of ${stage.id} does not restore ${line}`),
    );
  }
  return faults;
}

/** A stage undone out of order breaks nothing, unless it says which later stages go first. */
export function unrefusedRollbacks(walked: readonly WalkedStage[], calls: Calls): Faults {
  const byId = new Map(walked.map(({ stage }) => [stage.id, stage]));
  return walked.flatMap(({ stage, before }, at) => {
    if (stage.rollback.steps.every(({ step }) => step === 'external')) return [];
    const later = walked.slice(at + 1).filter((_one, index) => {
      const applied = new Set(walked.slice(0, at + index + 2).map((one) => one.stage.id));
      return !isRefused(stage, applied, byId);
    });
    // What is refused once is refused for good, so the last moment at which it is not has seen most.
    const moments = [...new Set([later[Math.floor(later.length / 2)], later.at(-1)])].filter(
      (one) => one !== undefined,
    );
    return moments.flatMap(({ stage: last, after }) => {
      const working = calls.filter((call) => works(after, call) && works(before, call));
      return momentsOf(after, stage.rollback.steps).flatMap((moment) =>
        working
          .filter((call) => !works(moment, call))
          .map((call) => `the rollback of ${stage.id} after ${last.id} breaks ${nameOfCall(call)} and is not refused`),
      );
    });
  });
}

function isRefused(stage: Stage, applied: ReadonlySet<string>, byId: ReadonlyMap<string, Stage>): boolean {
  return stage.rollback.undoFirst.some((id) => {
    const later = byId.get(id);
    return later !== undefined && (applied.has(id) || isRefused(later, applied, byId));
  });
}
