import { asList, asText, asTextMap, at } from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { istio } from '../../../src/domain/mesh/istio/istio.ts';
import type { DeclaredPort, InboundConnection } from '../../../src/domain/mesh/istio/mtls/inbound-filter-chain.ts';
import type { Inbound, PortMode, ServerEnd } from '../../../src/domain/mesh/mesh.ts';
import { known } from '../../../src/domain/world/fact.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { completeWorld, controlPlane, object, pod, service } from '../case-world.ts';
import { peerAuthenticationObject } from './destinationrule-objects.ts';
import { podEnd } from './seam-ends.ts';

/** One pod with a sidecar and the policies of a case about it. */
export interface ServerWorld {
  readonly world: World;
  readonly server: Omit<ServerEnd, 'port'>;
}

const PORT_NAMES: Readonly<Record<Exclude<DeclaredPort, 'none'>, string>> = {
  HTTP: 'http',
  TCP: 'tcp',
  AUTO: 'custom',
};

/** The world of a case with `policies`, `workload` and `rootNamespace`; ports by container port as a Service declares them. */
export function serverWorld(input: unknown, declared: Readonly<Record<string, DeclaredPort>> = {}): ServerWorld {
  const namespace = asText(at(input, 'workload', 'namespace')) ?? 'default';
  const labels = { ...asTextMap(at(input, 'workload', 'labels')), 'case-server': 'yes' };
  const ports = Object.entries(declared)
    .filter(([, protocol]) => protocol !== 'none')
    .map(([port, protocol]) => ({
      port: Number(port),
      name: `${PORT_NAMES[protocol === 'none' ? 'AUTO' : protocol]}-${port}`,
    }));
  const services =
    ports.length === 0 ? [] : [service(namespace, 'server', { selector: { 'case-server': 'yes' }, ports })];
  return worldOf(input, namespace, [pod({ namespace, name: 'server', labels, sidecar: true }), ...services]);
}

function worldOf(input: unknown, namespace: string, objects: readonly KubeObject[]): ServerWorld {
  const rootNamespace = asText(at(input, 'rootNamespace')) ?? 'istio-system';
  const policies = asList(at(input, 'policies')).map(peerAuthenticationObject);
  const world = completeWorld([...controlPlane({ mesh: { rootNamespace } }), ...objects, ...policies]);
  return { world, server: podEnd(world, namespace, 'server') };
}

/** The mode on a container port in Istio's words. */
export function modeInWorld({ world, server }: ServerWorld, port: number): PortMode {
  return istio.portMode({ ...server, port }, world);
}

/** The modes of a case's workload and of the given ports. */
export function modesInWorld(input: unknown, otherPort: number, ports: readonly string[]): unknown {
  const asked = serverWorld(input);
  const byPort = ports.map((port) => [port, modeInWorld(asked, Number(port)).declared]);
  return { mode: modeInWorld(asked, otherPort).declared, ports: Object.fromEntries(byPort) as unknown };
}

/** What the seam says of a connection. */
export function inboundInWorld(
  { world, server }: ServerWorld,
  port: number,
  { wire, payload }: InboundConnection,
): Inbound {
  const arrival = { sender: 'workload', wire, payload, serverFirst: known(false) } as const;
  return istio.inbound({ ...server, port }, arrival, world);
}

/** Whether a PeerAuthentication with these labels, in a namespace with these labels, is read by the pod's istiod. */
export function readInWorld(input: unknown): unknown {
  const revision = asText(at(input, 'istiodRevision')) ?? 'default';
  const mesh = { discoverySelectors: asList(at(input, 'discoverySelectors')) };
  const strict = { selector: { matchLabels: { app: 'server' } }, mtls: { mode: 'STRICT' } };
  const world = completeWorld([
    ...controlPlane({ mesh, revision }),
    object('v1', 'Namespace', { name: 'app', labels: asTextMap(at(input, 'namespaceLabels')) }),
    pod({ namespace: 'app', name: 'server', labels: { app: 'server' }, sidecar: true, revision }),
    object('security.istio.io/v1', 'PeerAuthentication', {
      name: 'strict',
      namespace: 'app',
      labels: asTextMap(at(input, 'resourceLabels')),
      spec: strict,
    }),
  ]);
  return { read: istio.portMode({ ...podEnd(world, 'app', 'server'), port: 80 }, world).mode === 'strict' };
}
