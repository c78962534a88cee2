import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd, Destination, Outbound, ServerEnd } from '../mesh.ts';
import { anyChange } from '../request.ts';
import { clientSide, type LinkerdClient } from './client-side.ts';
import { runningPod } from './data-plane.ts';
import { identityUnder } from './identity.ts';
import { INBOUND_PORT, PROXY_PORTS, SKIP_INBOUND_PORTS } from './names.ts';
import { meshWire, type MeshWire } from './protocol/mesh-wire.ts';
import { linkerdMarks } from './recognise.ts';
import { whyRoutedElsewhere } from './service-routes.ts';
import { stalling } from './stalling.ts';
import { sendsToInboundPort } from './versions.ts';

type Proxied = Extract<LinkerdClient, { kind: 'proxied' }>;

/** What a client of Linkerd puts on the wire to a server, and with which identity. */
export function outboundOf(client: ClientEnd, destination: Destination, world: World): Outbound {
  const side = clientSide(client, destination, world);
  switch (side.kind) {
    case 'unknown':
      return notKnown(side.why);
    case 'bypass':
      return { wire: 'plaintext', identity: known(undefined), why: side.why, evidence: [] };
    case 'proxied':
      return throughProxy({ side, client, destination }, world);
  }
}

interface Question {
  readonly side: Proxied;
  readonly client: ClientEnd;
  readonly destination: Destination;
}

function throughProxy({ side, client, destination }: Question, world: World): Outbound {
  const { service, server } = destination;
  const elsewhere =
    service === undefined
      ? undefined
      : whyRoutedElsewhere({ ...service, clientNamespace: client.workload.namespace }, world);
  if (elsewhere !== undefined) return notKnown(elsewhere);
  const wire = wireTo(side.plane.namespace, server, world);
  if (!wire.known) return notKnown(wire.reason);
  return { ...sent(wire.value, client, side), ...stalling({ ...side, destination }, world) };
}

type WireToPod = MeshWire & {
  /** Where the annotation of the server's pod has its proxy listen; absent where it does not say. */
  readonly moved: string | undefined;
};

/** The client goes by the label and the annotation of the server's pod, not by its containers. */
function wireTo(clientControlPlane: string, server: ServerEnd, world: World): Fact<WireToPod> {
  const pod = runningPod(server.workload, server.cohort, world);
  if (!pod.known) return pod;
  const { controlPlane } = linkerdMarks(pod.value);
  const skipInboundPorts = pod.value.annotations[SKIP_INBOUND_PORTS];
  const wire = meshWire({
    clientControlPlane,
    server: { kind: 'pod', controlPlane, skipInboundPorts },
    port: server.port,
  });
  return known({ ...wire, moved: pod.value.annotations[INBOUND_PORT] });
}

function sent(wire: WireToPod, client: ClientEnd, { plane }: Proxied): Outbound {
  const { workload, cohort } = client;
  const evidence = [
    { rule: wire.why, source: 'linkerd2 controller/api/destination/endpoint_translator.go#createWeightedAddr' },
  ];
  if (!wire.mtls) return { wire: 'plaintext', identity: known(undefined), why: wire.why, evidence };
  const identity = identityUnder(plane, workload.namespace, cohort.pod.serviceAccount);
  return { wire: 'mtls', identity, why: wire.why, evidence, ...portOnWire(wire, plane.version) };
}

/** The server proxy's own port; proxies of before 2.18 go to the port that is called. */
function portOnWire({ wirePort, moved }: WireToPod, version: Fact<string>): Pick<Outbound, 'wirePort'> {
  const isOwn = sendsToInboundPort(version);
  if (moved !== undefined && moved !== String(PROXY_PORTS.inbound))
    return { wirePort: unknown(`annotation ${INBOUND_PORT} of the server moves its proxy's port to ${moved}`) };
  if (!isOwn.known) return { wirePort: isOwn };
  return isOwn.value ? { wirePort: known(wirePort) } : {};
}

function notKnown(why: string): Outbound {
  return { wire: 'unknown', identity: unknown(why), why, evidence: [], changes: anyChange(why) };
}
