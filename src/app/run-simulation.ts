import type { CallGraph } from '../domain/calls/call.ts';
import { callCoverage, coverageShare, type CallCoverage } from '../domain/calls/coverage.ts';
import { assumableMesh, assume } from '../domain/simulate/assume.ts';
import type { Assumption } from '../domain/simulate/assumption.ts';
import {
  followCall,
  followCalls,
  transitionsOf,
  type Followed,
  type FollowedCall,
  type SimulationAnswer,
  type StagesNotFollowed,
  type UnderStrict,
} from '../domain/simulate/followed.ts';
import { compareSimulated, simulate, type NamedWorld, type Simulation } from '../domain/simulate/simulate.ts';
import { traceCall } from '../domain/simulate/trace-call.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { AppError } from '../lib/errors.ts';
import { askedCall, type TypedCall } from './asked-call.ts';
import { refuseUnknownNamespaces } from './known-namespaces.ts';
import type { OpenedWorld } from './open-world.ts';
import { countedCalls, coverageWithin, type EvidenceLevel } from './simulated-calls.ts';
import { simulatedWorlds, type StageToSimulate } from './simulated-worlds.ts';
import { answerOf } from './simulation-answer.ts';

/** Every call through the worlds; `calls` holds those that are not ok everywhere or change, worst first. */
export interface SimulationResult extends ResultHead, Followed {
  readonly callCoverage: CallCoverage;
  /** Rows of calls files and references in objects that could not be used, each with the reason. */
  readonly unresolved: CallGraph['unresolved'];
}

/** What may be asked beside which worlds; all calls of all namespaces if nothing is. */
export interface SimulationOptions {
  readonly assumptions?: readonly Assumption[];
  /** The weakest evidence that counts. */
  readonly evidence?: EvidenceLevel;
  /** Only calls with an end in one of these; all are read and followed from all the same. */
  readonly namespaces?: readonly string[];
  /** The least share of ports with observed calls, in percent. */
  readonly minCoverage?: number | undefined;
  /** Of a plan: the stages that are not among those to follow. */
  readonly notFollowed?: readonly StagesNotFollowed[] | undefined;
  /** One call instead of all. */
  readonly call?: TypedCall | undefined;
}

/**
 * Follows each call through the world as it is, with its overlays, with each assumption, and after each stage in turn.
 * Throws a usage error for what is asked of nothing that is there.
 */
export function runSimulation(
  opened: OpenedWorld,
  stages: readonly StageToSimulate[],
  options: SimulationOptions = {},
): SimulationResult {
  const { evidence = 'inferred', namespaces = [], minCoverage } = options;
  refuseUnknownNamespaces(opened.world, namespaces);
  const asked = options.call === undefined ? undefined : askedCall(opened, options.call);
  const counted = countedCalls(opened.graph, evidence, namespaces);
  const graph = asked === undefined ? counted.graph : { ...opened.graph, calls: [asked] };
  const { worlds, assumptions } = simulatedWorlds(opened, options.assumptions ?? [], stages);
  const simulation = simulate(graph, worlds);
  const last = worlds.at(-1)?.world;
  const calls =
    asked === undefined
      ? [...followCalls(simulation.calls, worlds)].sort(compareFollowed)
      : simulation.calls.map((call) => followCall(call, last));
  const coverage = coverageWithin(callCoverage(opened.world, opened.graph), namespaces);
  return {
    ...opened.headFor('Simulation'),
    cluster: opened.world.cluster,
    answer: ofThePlan(
      answerOf({
        calls,
        worlds: worlds.length,
        followed: simulation.calls.length,
        coverage: coverageShare(coverage),
        minCoverage,
        isAsked: asked !== undefined,
      }),
      stages,
      options.notFollowed,
    ),
    worlds: simulation.worlds,
    followed: simulation.calls.length,
    calls,
    counts: simulation.counts,
    transitions: transitionsOf(simulation.calls, worlds),
    opens: simulation.opens.map((list) => list.filter((what) => isIn(what, namespaces))),
    assumptions,
    ...(worlds.length === 1 && asked === undefined ? asItIs(simulation, opened, graph) : {}),
    ...(asked === undefined ? {} : { trace: worlds.map(({ id, world }) => traceCall(asked, { id, world })) }),
    evidence: { atLeast: evidence, leftOut: asked === undefined ? counted.leftOut : 0 },
    ...(options.notFollowed === undefined ? {} : { notFollowed: options.notFollowed }),
    namespaces: [...namespaces],
    callCoverage: coverage,
    unresolved: opened.graph.unresolved,
  };
}

const FEW_STAGES = 3;

/** The answer with what of a plan it does not cover; where no stage was followed there is none. */
function ofThePlan(
  answer: SimulationAnswer,
  stages: readonly StageToSimulate[],
  notFollowed: readonly StagesNotFollowed[] | undefined,
): SimulationAnswer {
  if (notFollowed === undefined) return answer;
  const left = notFollowed.map(({ why, stages: ids }) => {
    const more = ids.length > FEW_STAGES ? ', ...' : '';
    return `${String(ids.length)} ${why} (${ids.slice(0, FEW_STAGES).join(', ')}${more})`;
  });
  const because = [
    ...answer.because,
    ...(stages.length === 0 ? ['no stage of the plan was followed'] : []),
    ...(left.length === 0 ? [] : [`stages that were not followed: ${left.join(', ')}`]),
  ];
  return { is: stages.length === 0 && answer.is === 'yes' ? 'not-enough-evidence' : answer.is, because };
}

/** By the verdict in the last world, then known calls before probable ones. */
function compareFollowed(left: FollowedCall, right: FollowedCall): number {
  const [a, b] = [left, right].map(({ probable }) => Number(probable));
  return sameVerdict(left, right)
    ? (a ?? 0) - (b ?? 0) || compareSimulated(left, right)
    : compareSimulated(left, right);
}

function sameVerdict(left: FollowedCall, right: FollowedCall): boolean {
  return left.fates.at(-1)?.verdict === right.fates.at(-1)?.verdict;
}

function isIn(opening: string, namespaces: readonly string[]): boolean {
  return namespaces.length === 0 || namespaces.some((namespace) => opening.startsWith(`${namespace}/`));
}

/** With one world alone: what goes in plaintext, and what STRICT would break. */
function asItIs(
  simulation: Simulation,
  { world }: OpenedWorld,
  graph: CallGraph,
): Pick<Followed, 'plaintext' | 'underStrict'> {
  const plain = simulation.calls.filter(
    ({ fates: [fate] }) =>
      fate !== undefined &&
      (fate.verdict === 'ok' || fate.verdict === 'degraded') &&
      (fate.wire === 'plaintext' || fate.wires?.['plaintext'] !== undefined),
  );
  return {
    plaintext: plain.map((call) => followCall(call, world)),
    underStrict: underStrict(simulation, { id: 'now', title: 'now', world }, graph),
  };
}

function underStrict(simulation: Simulation, now: NamedWorld, graph: CallGraph): UnderStrict {
  if (assumableMesh(now.world) === undefined) {
    return { reason: 'there is not one mesh of which STRICT could be asked', notes: [], calls: [] };
  }
  try {
    const strict = assume(now.world, { what: 'strict' });
    const after = simulate(graph, [strict]);
    const both = simulation.calls.map(({ call, fates }, index) => ({
      call,
      fates: [...fates, ...(after.calls[index]?.fates ?? [])],
    }));
    const calls = followCalls(both, [now, strict]).filter(
      ({ changes: [change] }) => change === 'broken' || change === 'unknown',
    );
    return { notes: strict.notes, calls: [...calls].sort(compareFollowed) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { reason: error.message, notes: [], calls: [] };
  }
}
