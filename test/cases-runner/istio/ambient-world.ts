import { asList, asNumber, asObject, asText, asTextMap, at } from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { istio } from '../../../src/domain/mesh/istio/istio.ts';
import type { Arrival } from '../../../src/domain/mesh/mesh.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { ambientMesh, ambientPod, completeWorld, gatewayPod, object, pod, service } from '../case-world.ts';
import { policyObject, textIn } from './authz-objects.ts';
import { peerAuthenticationObject } from './destinationrule-objects.ts';
import { podEnd } from './seam-ends.ts';

/** What ztunnel makes of plaintext at a container port of the case's workload. */
export function plaintextInWorld(input: unknown, port: number): 'accept' | 'reject' | 'unknown' {
  const namespace = asText(at(input, 'workload', 'namespace')) ?? 'default';
  const rootNamespace = asText(at(input, 'rootNamespace')) ?? 'istio-system';
  const world = completeWorld([
    ...ambientMesh({ mesh: { rootNamespace, defaultConfig: {} } }),
    ambientPod({ namespace, name: 'server', labels: asTextMap(at(input, 'workload', 'labels')) }),
    ...asList(at(input, 'policies')).map(peerAuthenticationObject),
  ]);
  const server = { ...podEnd(world, namespace, 'server'), port };
  const arrival: Arrival = { sender: 'workload', wire: 'plaintext', payload: 'tcp', serverFirst: known(false) };
  const { outcome, mode } = istio.inbound(server, arrival, world);
  if (outcome === 'unknown') return 'unknown';
  const accepts = outcome === 'accepted';
  return accepts === (mode.mode === 'permissive') ? (accepts ? 'accept' : 'reject') : 'unknown';
}

/** The facts of a connection that a call can carry; a case that rests on others is asked of the rule itself. */
const SAYABLE: readonly string[] = ['proto', 'port', 'ip', 'spiffe'];

/** The seam's answer about a pod behind ztunnel; undefined where no world says what the case says. */
export function ztunnelInWorld(input: unknown): unknown {
  const raw = at(input, 'connection');
  if (!Object.keys(asObject(raw) ?? {}).every((key) => SAYABLE.includes(key))) return undefined;
  const policies = asList(at(input, 'policies')).map(policyObject);
  const namespace = policies[0]?.metadata.namespace ?? 'default';
  const labels = asTextMap(at(policies[0]?.spec, 'selector', 'matchLabels'));
  const world = completeWorld([...ambientMesh(), ambientPod({ namespace, name: 'server', labels }), ...policies]);
  const spiffe = asText(at(raw, 'spiffe'));
  const wire = spiffe === undefined ? 'plaintext' : 'hbone';
  const question = {
    server: { ...podEnd(world, namespace, 'server'), port: asNumber(at(raw, 'port')) ?? 0 },
    arrival: { sender: 'workload', wire, payload: 'tcp', serverFirst: known(false) },
    handledAs: 'tcp',
    identity: known(spiffe),
    request: { sourceIp: textIn(raw, 'ip') },
  } as const;
  return istio.authorize(question, world).decision;
}

const RULE_HOST = 'server.ns.svc.cluster.local';

/** The wire of a call between two members of the mesh; undefined for waypoints, which no call names as its end. */
export function interopInWorld(input: unknown): string | undefined {
  const [client, server] = [textIn(input, 'client'), textIn(input, 'server')];
  const [from, to] = [memberPod(client, 'client'), memberPod(server, 'server')];
  if (from === undefined || to === undefined) return undefined;
  const headless = at(input, 'headless') === true || at(input, 'service', 'headless') === true;
  const tls = asText(at(input, 'destinationRuleTls'));
  const spec = { host: RULE_HOST, trafficPolicy: { tls: { mode: tls } } };
  const ports = [{ port: 8080, targetPort: 8080, name: 'http' }];
  const world = completeWorld([
    ...ambientMesh(),
    from,
    to,
    service('ns', 'server', { ports, ...(headless ? { clusterIP: 'None' } : {}) }),
    ...(tls === undefined
      ? []
      : [object('networking.istio.io/v1', 'DestinationRule', { name: 'rule', namespace: 'ns', spec })]),
  ]);
  const workload = { namespace: 'ns', kind: 'Pod', name: 'client' };
  return fateOf(
    {
      id: 'case',
      from: { kind: 'workload', workload },
      to: { kind: 'service-port', namespace: 'ns', service: 'server', port: 8080 },
      phase: 'run',
      protocol: 'http',
      evidence: [{ kind: 'declared', source: 'case', detail: 'case' }],
    },
    world,
  ).wire;
}

function memberPod(member: string, name: string): KubeObject | undefined {
  const parts = { namespace: 'ns', name, labels: { app: name } };
  switch (member) {
    case 'ambient':
      return ambientPod(parts);
    case 'sidecar':
    case 'none':
      return pod({ ...parts, sidecar: member === 'sidecar' });
    case 'sidecar-hbone':
      return pod({ ...parts, sidecar: true, labels: { app: name, 'networking.istio.io/tunnel': 'http' } });
    case 'gateway':
      return name === 'client' ? gatewayPod('ns', name) : undefined;
    default:
      return undefined;
  }
}
