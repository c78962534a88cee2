import { groupBy, sortedUnique } from '../../lib/order.ts';
import { formatSource } from '../calls/call-id.ts';
import type { Call } from '../calls/call.ts';
import { formatRef } from '../kubernetes/object.ts';
import type { Authorization, Inbound, Outbound } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { formatWorkload, type Cohort, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { fateOf } from './fate-of.ts';
import type { PairWatch, SeenAnswer, WatchedEnds } from './trace-watch.ts';
import type { CallTrace, TracedPair, TraceStep } from './trace.ts';
import { compareVerdicts, type Verdict } from './verdict.ts';

/**
 * The call in one world, step by step, for each pair of client and server pods that differ: told by the resolver itself
 * while it resolves, so that a trace never says something else than the verdict.
 */
export function traceCall(call: Call, { id, world }: { readonly id: string; readonly world: World }): CallTrace {
  const pairs: TracedPair[] = [];
  let current: { readonly ends: WatchedEnds; readonly steps: TraceStep[] } | undefined;
  const fate = fateOf(call, world, {
    begin: (ends) => {
      const steps = endSteps(call, ends, world);
      current = { ends, steps };
      return inOrder(steps);
    },
    end: (verdict) => {
      if (current !== undefined) pairs.push(pairOf(call, { ...current, verdict }));
    },
  });
  return { world: id, fate, pairs: alikeOnce(pairs) };
}

/** Takes answers as they are found, and puts policies before what they hold back from. */
function inOrder(steps: TraceStep[]): PairWatch {
  let hop = steps.length;
  return (seen) => {
    if (seen.part === 'network-policy') steps.splice(hop, 0, ...stepsOf(seen));
    else steps.push(...stepsOf(seen));
    if (seen.part === 'network-policy' || seen.part === 'outbound') hop = steps.length;
  };
}

/** Pairs that differ in nothing but names and in how it is known what stands before them are told once, worst first. */
function alikeOnce(pairs: readonly TracedPair[]): readonly TracedPair[] {
  const groups = groupBy(pairs, ({ verdict, steps }) =>
    JSON.stringify([verdict, steps.map((step) => (isEnd(step) ? [step.part, step.outcome] : step))]),
  );
  return [...groups.values()]
    .flatMap(([first, ...others]): TracedPair[] =>
      first === undefined ? [] : [{ ...first, alike: 1 + others.length }],
    )
    .sort((left, right) => compareVerdicts(right.verdict, left.verdict));
}

function isEnd({ part }: TraceStep): boolean {
  return part === 'client' || part === 'server';
}

interface Looked {
  readonly ends: WatchedEnds;
  readonly steps: readonly TraceStep[];
  readonly verdict: Verdict;
}

function pairOf(call: Call, { ends, steps, verdict }: Looked): TracedPair {
  const { client, cohort, door } = ends;
  return {
    client: client === undefined || cohort === undefined ? formatSource(call.from) : nameOf(client, cohort),
    server: nameOf(door.end.workload, door.end.cohort),
    verdict,
    alike: 1,
    steps,
  };
}

function nameOf(workload: Workload, cohort: Cohort): string {
  return `${formatWorkload(workload)}, ${cohort.state === 'next' ? 'its next pods' : `pod ${cohort.example ?? cohort.id}`}`;
}

/** Where the two ends stand: which data plane is before them, and so whose configuration they follow. */
function endSteps(call: Call, { client, cohort, door }: WatchedEnds, world: World): TraceStep[] {
  const { workload, cohort: serverCohort, port } = door.end;
  const { service, servicePort } = door.server;
  const through =
    service === undefined
      ? 'by its own address'
      : `through Service ${service.namespace}/${service.name}${servicePort === undefined ? '' : ` port ${String(servicePort.port)}`}`;
  return [
    client === undefined || cohort === undefined
      ? callerStep(call)
      : standing('client', { workload: client, cohort, where: formatWorkload(client) }, world),
    standing(
      'server',
      { workload, cohort: serverCohort, where: `${formatWorkload(workload)} port ${String(port)}, called ${through}` },
      world,
    ),
  ];
}

/** A caller that nobody can name may well have a proxy. */
function callerStep({ from }: Call): TraceStep {
  if (from.kind === 'outsider' && from.who === 'unknown') {
    return {
      part: 'client',
      outcome: 'unknown',
      why: 'nobody knows who calls, nor what stands before it',
      evidence: [],
    };
  }
  return { part: 'client', outcome: 'no proxy', why: `${formatSource(from)} is in no mesh`, evidence: [] };
}

interface Standing {
  readonly workload: Workload;
  readonly cohort: Cohort;
  readonly where: string;
}

function standing(part: 'client' | 'server', { workload, cohort, where }: Standing, world: World): TraceStep {
  const { mesh, dataPlane } = dataPlaneOf(workload, cohort, world);
  const { mode, revision, version, captured, reason } = dataPlane;
  const told = [
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(captured.known ? [] : [`whether it takes the traffic is not known: ${captured.reason}`]),
    ...(captured.known && !captured.value && mode !== 'none' ? ['it does not take the traffic'] : []),
  ];
  return {
    part,
    outcome: mesh === undefined ? 'no proxy' : `${mesh.displayName}, ${mode}`,
    why: `${where}: ${[reason, ...told].join('; ')}`,
    evidence: [],
  };
}

function stepsOf(seen: SeenAnswer): readonly TraceStep[] {
  switch (seen.part) {
    case 'outbound':
      return [sentStep(seen.outbound)];
    case 'relay':
      return [
        ...relaySteps(`${formatRef(seen.relay.object)}, as ${seen.relay.identity}`, seen.inbound, seen.authorization),
        sentStep(seen.onward),
      ];
    case 'network-policy':
      return [policyStep(seen)];
    case 'arrival':
      return [arrivalStep(seen.inbound), authorizationStep(seen.authorization)];
  }
}

function sentStep({ wire, identity, why, evidence, stalls, mayStall, mayRelay, relay }: Outbound): TraceStep {
  const as = identity.known ? (identity.value ?? 'nobody') : somebody(identity.reason, why);
  const more = [
    ...(stalls === undefined ? [] : [`it stalls: ${stalls}`]),
    ...(mayStall === undefined ? [] : [`it may stall: ${mayStall}`]),
    ...(mayRelay === undefined ? [] : [`it may be relayed: ${mayRelay}`]),
    ...(relay === undefined ? [] : [`${formatRef(relay.object)} takes it on its way`]),
  ];
  return { part: 'outbound', outcome: wire, why: [`${why}, as ${as}`, ...more].join('; '), evidence };
}

/** The reason is told once: it is often that of the wire too. */
function somebody(reason: string, told: string): string {
  return told.includes(reason) ? 'somebody unknown' : `somebody (${reason})`;
}

function relaySteps(where: string, inbound: Inbound, authorization: Authorization): readonly TraceStep[] {
  const arrival = { ...arrivalStep(inbound), part: 'relay' as const };
  return [
    { ...arrival, why: `${where}: ${inbound.why}` },
    { ...authorizationStep(authorization), why: `at ${where}: ${authorization.why}` },
  ];
}

function policyStep({ held, sent }: Extract<SeenAnswer, { readonly part: 'network-policy' }>): TraceStep {
  const found = held.filter((each) => each !== undefined);
  const part = 'network-policy' as const;
  if (found.length === 0) {
    const port = sent.wirePort?.known === true ? `port ${String(sent.wirePort.value)}` : 'the called port';
    return { part, outcome: 'let through', why: `no network policy that was read shuts ${port} to it`, evidence: [] };
  }
  const isSure = held.every((each) => each?.sure === true);
  return {
    part,
    outcome: isSure ? 'held back' : 'unknown',
    why: sortedUnique(found.map(({ why }) => why)).join('; '),
    evidence: found.flatMap(({ evidence }) => evidence),
  };
}

function arrivalStep({ outcome, handledAs, mode, why, evidence }: Inbound): TraceStep {
  const as = outcome === 'accepted' && handledAs !== 'unknown' ? ` as ${handledAs}` : '';
  const isTold = mode.mode === 'none' || why.includes(`mode ${mode.declared}`);
  return {
    part: 'inbound',
    outcome: `${outcome}${as}`,
    why: isTold ? why : `${why} (mode ${mode.declared})`,
    evidence,
  };
}

function authorizationStep({ decision, by, why, evidence }: Authorization): TraceStep {
  return { part: 'authorization', outcome: by === 'none' ? decision : `${decision} by ${by}`, why, evidence };
}
