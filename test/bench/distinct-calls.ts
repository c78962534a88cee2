import { callId } from '../../src/domain/calls/call-id.ts';
import type { Call, CallEvidence } from '../../src/domain/calls/call.ts';
import { applicationName, namespaceName, namespaceOf, type ClusterSize } from './synthetic-cluster.ts';

/** Shares no factor with usual numbers of services, so that a client's calls go to as many servers. */
const STRIDE = 7919;

const SEEN: readonly CallEvidence[] = [{ kind: 'observed', source: 'bench', detail: 'made for the bench', count: 1 }];

/** The application that makes the given one of the calls to another. */
export function callerOf(application: number, which: number, services: number): number {
  const back = (STRIDE * (which + 1)) % services;
  return (application + services - back) % services;
}

/** That many calls, each between other ends, ordered by client as a call graph is; some with what is known of the request. */
export function* distinctCalls(count: number, size: ClusterSize): Generator<Call> {
  const { services } = size;
  const perClient = Math.ceil(count / services);
  for (let index = 0; index < count; index += 1) {
    const client = Math.floor(index / perClient);
    yield callBetween(client, (client + STRIDE * ((index % perClient) + 1)) % services, size);
  }
}

function callBetween(client: number, server: number, size: ClusterSize): Call {
  const from = {
    kind: 'workload',
    workload: {
      namespace: namespaceName(namespaceOf(client, size)),
      kind: 'Deployment',
      name: applicationName(client),
    },
  } as const;
  const to = {
    kind: 'service-port',
    namespace: namespaceName(namespaceOf(server, size)),
    service: applicationName(server),
    port: 80,
  } as const;
  const ends = { from, to, phase: 'run', ...requestOf(client + server) } as const;
  return { id: callId(ends), ...ends, evidence: SEEN };
}

/** Metrics know a method or a path of some calls. */
function requestOf(number: number): Pick<Call, 'request' | 'protocol'> {
  if (number % 5 === 0) return { protocol: 'http', request: { method: 'GET', path: `/orders/${String(number % 50)}` } };
  return number % 5 === 1 ? { protocol: 'grpc' } : {};
}
