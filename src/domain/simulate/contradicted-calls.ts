import type { Call, CallGraph } from '../calls/call.ts';
import { serversOf } from '../calls/resolve-target.ts';
import { templateSince } from '../calls/template-age.ts';
import type { Workload } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { fateOf } from './fate-of.ts';
import { isSecured, sawPlaintext } from './seen-wire.ts';

/**
 * The graph with a doubt on each call that was seen in plaintext although the world, as it was read, has mutual TLS on
 * its wire: what the rules say of its proxies does not hold, whatever is laid over the world. What was seen before both
 * ends had the templates that they have now is history and no contradiction.
 */
export function doubtContradicted(graph: CallGraph, world: World): CallGraph {
  if (!graph.calls.some((call) => call.evidence.some(sawPlaintext))) return graph;
  return { ...graph, calls: graph.calls.map((call) => contradicted(call, world)) };
}

function contradicted(call: Call, world: World): Call {
  const seen = call.evidence.filter(sawPlaintext);
  if (seen.length === 0 || !isSecured(fateOf(call, world))) return call;
  const changed = lastChange(call, world);
  const [recent] = seen.filter(({ lastSeen }) => lastSeen === undefined || !(Date.parse(lastSeen) < changed));
  if (recent === undefined) return call;
  const when = recent.lastSeen === undefined ? '' : `, last at ${recent.lastSeen}`;
  const doubt = `${recent.source} saw plaintext on it${when}, though its proxies should send mutual TLS`;
  return { ...call, doubt };
}

/** Milliseconds; since when either end has been what it is now, and nothing earlier tells of it. */
function lastChange(call: Call, world: World): number {
  const client = call.from.kind === 'workload' ? findWorkload(world, call.from.workload) : undefined;
  const servers = serversOf(call, world).servers.map(({ workload }) => workload);
  return Math.max(since(servers, world), since(client === undefined ? [] : [client], world));
}

/** The earliest change among the workloads: until then one of them may have been what it is now. */
function since(workloads: readonly Workload[], world: World): number {
  const times = workloads.map((workload) => templateSince(world, workload));
  if (times.length === 0) return -Infinity;
  return Math.min(...times.map((time) => (time.known ? Date.parse(time.value) : -Infinity)));
}
