import { groupBy, sortedUnique } from '../../lib/order.ts';
import { formatSource } from '../calls/call-id.ts';
import type { Call } from '../calls/call.ts';
import { serversOf, type CallServer } from '../calls/resolve-target.ts';
import { fateOf } from '../simulate/fate-of.ts';
import { speaksFirst } from '../simulate/server-first.ts';
import { cutsCalls, type Fate } from '../simulate/verdict.ts';
import { formatWorkload } from '../world/workload.ts';
import { portProtocol } from '../mesh/istio/protocol/port-protocol.ts';
import { firstOf, shortList } from './casualty-issues.ts';
import type { CheckContext, Issue, Undecided } from './check.ts';
import { startsWithSidecar } from './sidecars-ahead.ts';
import { whatIf } from './what-if.ts';
import { workloadObject } from './workload-object.ts';

interface Hanging {
  readonly call: Call;
  readonly server: CallServer;
  readonly fate: Fate;
}

/**
 * Callers that still send plaintext to a server-first port after enrolment: even where the port is declared TCP, a
 * PERMISSIVE server waits for bytes of the client to tell plaintext from mutual TLS.
 * Source: https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols.
 */
export function* serverFirstCallersOutside(context: CheckContext): Iterable<Issue | Undecided> {
  const { world, graph } = context;
  const { lax } = whatIf(world);
  const hanging: Hanging[] = [];
  for (const call of graph.calls) {
    const servers = serversOf(call, world).servers.filter((server) => isDeclaredServerFirst(call, server));
    if (servers.length === 0) continue;
    const fate = fateOf(call, lax);
    if (!cutsCalls(fate.verdict) || fate.authorization === 'deny' || cutsCalls(fateOf(call, world).verdict)) continue;
    const early = call.phase === 'start' && call.from.kind === 'workload' ? call.from.workload : undefined;
    const native = early === undefined ? undefined : startsWithSidecar(world, early);
    if (early !== undefined && native?.known === false) {
      const notAssessed = `whether its proxy is a native sidecar is not known: ${native.reason}`;
      yield { notAssessed, object: workloadObject(early) };
      continue;
    }
    hanging.push(...servers.map((server) => ({ call, server, fate })));
  }
  const groups = groupBy(hanging, ({ server }) => `${formatWorkload(server.workload)} ${String(server.port)}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first !== undefined) yield issueFor(first.server, group);
  }
}

/** Ports that are not declared have a finding of their own, whoever calls. */
function isDeclaredServerFirst(call: Call, server: CallServer): boolean {
  const first = speaksFirst(call, server);
  if (!first.known || !first.value) return false;
  return server.servicePort === undefined || portProtocol(server.servicePort).declared === 'TCP';
}

function issueFor({ workload, port }: CallServer, hanging: readonly Hanging[]): Issue {
  const callers = shortList(sortedUnique(hanging.map(({ call }) => formatSource(call.from))));
  return {
    object: workloadObject(workload),
    field: 'container ports',
    value: String(port),
    message: `${callers} will still send plaintext to port ${String(port)} of ${formatWorkload(workload)}, where the server speaks first: connections hang as soon as the server has a sidecar and is PERMISSIVE.`,
    evidence: firstOf(
      hanging.flatMap(({ call, fate }) => [
        ...call.evidence.map(({ kind, source, detail }) => ({ rule: `${kind} by ${source}: ${detail}` })),
        { rule: `With sidecars: ${fate.why}` },
      ]),
    ),
    remedy: {
      text: 'Bring the callers into the mesh together with the server, or leave the server out of the mesh until they are.',
    },
  };
}
