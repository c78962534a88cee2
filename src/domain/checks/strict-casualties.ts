import type { Call } from '../calls/call.ts';
import { isAnnotatedScrape } from '../calls/declared-scrapes.ts';
import { serversOf, type CallServer } from '../calls/resolve-target.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { fateOf } from '../simulate/fate-of.ts';
import { cutsCalls, type Fate } from '../simulate/verdict.ts';
import { derivedFrom } from '../world/derived.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import { apart } from '../world/object-world.ts';
import type { World } from '../world/world.ts';
import { asObject } from '../../lib/json.ts';
import { causeOf, type CallCause } from './call-causes.ts';
import type { CheckContext } from './check.ts';
import { hasIstio, whatIf, type WhatIf } from './what-if.ts';

/** As many calls are looked at in one copy of a world. */
const AT_ONCE = 4000;

/** A call that works while servers take plaintext and is cut where they ask for mutual TLS. */
export interface Casualty {
  readonly call: Call;
  readonly cause: CallCause;
  readonly servers: readonly CallServer[];
  /** What becomes of it with STRICT. */
  readonly strict: Fate;
  /** Whether it is cut in the world as it is. */
  readonly already: boolean;
  /** Whether sidecars alone cut it, before any STRICT. */
  readonly atEnrolment: boolean;
}

/** A call of which nobody can tell what STRICT does to it. */
export interface UndecidedCall {
  readonly call: Call;
  readonly cause: CallCause;
  readonly servers: readonly CallServer[];
  readonly reason: string;
}

/** What STRICT does to the calls of a graph, sorted as the graph is. */
export interface StrictCasualties {
  readonly cut: readonly Casualty[];
  readonly undecided: readonly UndecidedCall[];
}

/** The calls of the graph that STRICT in every namespace in scope would cut; computed once for each context. */
export function strictCasualties(context: CheckContext): StrictCasualties {
  return derivedFrom(context, computeCasualties);
}

/** What STRICT does to one call, which need not be in the graph; undefined where it does no harm. */
export function casualtyOf(call: Call, world: World): Casualty | UndecidedCall | undefined {
  return casualtyAhead(call, world, whatIf(world));
}

type Ahead = Pick<WhatIf, 'lax' | 'strict'>;

function casualtyAhead(call: Call, world: World, ahead: Ahead): Casualty | UndecidedCall | undefined {
  const strict = fateOf(call, ahead.strict);
  if (strict.verdict !== 'unknown' && !cutsCalls(strict.verdict)) return undefined;
  const { servers } = serversOf(call, ahead.strict);
  if (servers.length === 0) return undefined;
  const base = { call, cause: causeOf(call, strict, world), servers };
  if (strict.verdict === 'unknown') return { ...base, reason: withoutEnds(strict.why) };
  const already = cutsCalls(fateOf(call, world).verdict);
  const atEnrolment = cutsCalls(fateOf(call, ahead.lax).verdict);
  // What is cut with and without STRICT has another cause, unless a rule of the client decides what it sends.
  if (atEnrolment && (already || base.cause !== 'destination-rule')) return undefined;
  return { ...base, strict, already, atEnrolment };
}

/** The reason without the pair of cohorts that it was found for, so that one reason is told once. */
export function withoutEnds(why: string): string {
  return why.replace(/ \([^()]* to [^()]*\)$/, '');
}

function computeCasualties({ graph, world }: CheckContext): StrictCasualties {
  const cut: Casualty[] = [];
  const undecided: UndecidedCall[] = [];
  let ahead: Ahead = whatIf(world);
  for (const [place, call] of graph.calls.entries()) {
    // What is found on the way of a call lies in the world that it is looked at in: a large graph takes several copies.
    if (place > 0 && place % AT_ONCE === 0) ahead = { lax: apart(ahead.lax), strict: apart(ahead.strict) };
    const merged = isMergedScrape(call, world);
    if (merged.known && merged.value) continue;
    const casualty = casualtyAhead(call, world, ahead);
    if (casualty === undefined) continue;
    const { cause, servers } = casualty;
    if ('reason' in casualty) undecided.push(casualty);
    else if (!merged.known) undecided.push({ call, cause, servers, reason: merged.reason });
    else cut.push(casualty);
  }
  return { cut, undecided };
}

const MERGE = 'prometheus.istio.io/merge-metrics';

/**
 * Whether injection will move the scrape to the agent's port 15020, which is not captured: it rewrites the
 * `prometheus.io` annotations of pods unless merging is switched off for the mesh or the pod.
 * Source: https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging.
 */
function isMergedScrape(call: Call, world: World): Fact<boolean> {
  if (!isAnnotatedScrape(call)) return known(false);
  const { servers } = serversOf(call, world);
  if (servers.some(({ workload }) => workload.template.annotations[MERGE] === 'false')) return known(false);
  const meshes = world
    .list(KIND.configMap)
    .objects.map(({ decoded }) => asObject(decoded?.['mesh']))
    .filter((mesh) => mesh !== undefined);
  if (meshes.some((mesh) => mesh['enablePrometheusMerge'] === false)) return known(false);
  return meshes.length > 0 || !hasIstio(world)
    ? known(true)
    : unknown('the mesh configuration was not read, and it may switch the merging of metrics off');
}
