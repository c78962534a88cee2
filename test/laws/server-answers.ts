import { dataPlaneOf } from '../../src/domain/mesh/registry.ts';
import type { Arrival, ServerEnd } from '../../src/domain/mesh/mesh.ts';
import type { RequestFacts } from '../../src/domain/mesh/request.ts';
import { unmeshedAuthorization, unmeshedInbound } from '../../src/domain/mesh/unmeshed.ts';
import { known } from '../../src/domain/world/fact.ts';
import { cohortsOf, formatWorkload } from '../../src/domain/world/workload.ts';
import { workloadsOf } from '../../src/domain/world/workloads-of.ts';
import type { World } from '../../src/domain/world/world.ts';

/** A server asked about one arrival, with what it answered in the world that was read whole. */
export interface Asked {
  readonly name: string;
  readonly server: ServerEnd;
  readonly arrival: Arrival;
  readonly identity: string | undefined;
  readonly request: RequestFacts;
  readonly answer: Answer;
}

interface Answer {
  readonly inbound: string;
  readonly authorization: string;
}

const ISTIO_ID = 'spiffe://cluster.local/ns/red/sa/web';
const LINKERD_ID = 'web.red.serviceaccount.identity.linkerd.cluster.local';
const CALM = { sender: 'workload', serverFirst: known(false) } as const;
const GET = { method: 'GET', path: '/', host: 'web.red', sourceIp: '10.1.2.3' };

const ARRIVALS: readonly Pick<Asked, 'arrival' | 'identity' | 'request'>[] = [
  { arrival: { ...CALM, wire: 'plaintext', payload: 'http' }, identity: undefined, request: GET },
  { arrival: { ...CALM, wire: 'plaintext', payload: 'tcp' }, identity: undefined, request: {} },
  { arrival: { ...CALM, wire: 'mtls', payload: 'http' }, identity: ISTIO_ID, request: GET },
  { arrival: { ...CALM, wire: 'mtls', payload: 'tcp' }, identity: LINKERD_ID, request: {} },
  { arrival: { ...CALM, wire: 'hbone', payload: 'http' }, identity: ISTIO_ID, request: GET },
  { arrival: { ...CALM, wire: 'tls', payload: 'tls' }, identity: undefined, request: {} },
  { arrival: { ...CALM, sender: 'kubelet', wire: 'plaintext', payload: 'http' }, identity: undefined, request: GET },
];

/** Every cohort of every workload, asked about everything that may arrive at port 8080. */
export function questionsIn(world: World): readonly Asked[] {
  return workloadsOf(world).flatMap((workload) =>
    cohortsOf(workload).flatMap((cohort) =>
      ARRIVALS.map((asked) => {
        const server = { workload, cohort, port: 8080 };
        const name = `${formatWorkload(workload)} ${cohort.id}, ${asked.arrival.sender} ${asked.arrival.wire}`;
        const question = { ...asked, name, server };
        return { ...question, answer: answerIn(question, world) };
      }),
    ),
  );
}

function answerIn({ server, arrival, identity, request }: Omit<Asked, 'answer'>, world: World): Answer {
  const { mesh } = dataPlaneOf(server.workload, server.cohort, world);
  if (mesh === undefined)
    return { inbound: unmeshedInbound(arrival).outcome, authorization: unmeshedAuthorization().decision };
  const { outcome, handledAs } = mesh.inbound(server, arrival, world);
  const question = { server, arrival, handledAs, identity: known(identity), request };
  return { inbound: outcome, authorization: mesh.authorize(question, world).decision };
}

/** The answers that less knowledge may not give: neither the earlier one nor unknown. */
export function surerAnswers(asked: readonly Asked[], less: World): readonly string[] {
  return asked.flatMap((question) => {
    const { answer, name } = question;
    const after = answerIn(question, less);
    return (['inbound', 'authorization'] as const).flatMap((part) =>
      after[part] === answer[part] || after[part] === 'unknown'
        ? []
        : [`${name}: ${part} ${answer[part]} becomes ${after[part]}`],
    );
  });
}
