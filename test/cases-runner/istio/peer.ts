import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import type { Finding } from '../../../src/domain/checks/check.ts';
import { runChecks } from '../../../src/domain/checks/run-checks.ts';
import { istio } from '../../../src/domain/mesh/istio/istio.ts';
import { parseAuthorizationPolicy } from '../../../src/domain/mesh/istio/authorization/parse.ts';
import { portProtocol } from '../../../src/domain/mesh/istio/protocol/port-protocol.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { readPodShape } from '../../../src/domain/world/pod-shape.ts';
import { readService } from '../../../src/domain/world/service.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { asObject, at } from '../../../src/lib/json.ts';
import { compareText } from '../../../src/lib/order.ts';
import { peerWorld, type PeerWorld } from './peer-world.ts';

/**
 * What istioctl says where a check of ours finds something, once for each thing that it says it of. Ours see more in
 * some worlds; each entry then keeps to istioctl's own narrower condition.
 */
const PEERS: Readonly<Record<string, (finding: Finding, world: PeerWorld) => readonly string[]>> = {
  'pods-not-restarted-after-label': podMissingProxy,
  'authz-selector-matches-nothing': noMatchingWorkloads,
  'port-protocol-unrecognised': portNames,
  'server-first-port-undeclared-istio': serverFirstPorts,
  'externalname-aliases': externalNamePorts,
  'injection-labels-conflict': multipleLabels,
  'ambient-and-sidecar-both': multipleLabelsOfAmbient,
  'authz-principal-unknown': namespacesNotFound,
};

/** The namespace that istioctl never looks at, by its name. */
const ROOT = 'istio-system';

/** Answers a case of the group `peer` in the form of its `expect`; undefined for a form that it does not know. */
export function run(input: unknown, topic: string): unknown {
  const known = ['namespace', 'namespaces', 'pod', 'pods', 'policy', 'policies', 'service', 'services'];
  const fields = Object.keys(asObject(input) ?? {});
  if (topic !== 'istioctl-analyze' || !fields.some((field) => known.includes(field))) return undefined;
  const peer = peerWorld(input);
  const { world } = peer;
  const context = { world, graph: buildCallGraph(world, []), target: 'istio-sidecar' } as const;
  const report = runChecks(context, { checks: Object.keys(PEERS) });
  const [undecided] = report.notAssessed;
  if (undecided !== undefined) return { messages: `not assessed: ${undecided.reason}` };
  const codes = report.findings.flatMap((finding) => PEERS[finding.check]?.(finding, peer) ?? []);
  return { messages: [...codes, ...notInjected(input, world)].sort(compareText) };
}

/** istioctl looks only at namespaces that are labelled istio-injection=enabled, and only for a container's name. */
function podMissingProxy({ object }: Finding, { world, pods }: PeerWorld): readonly string[] {
  const { namespace, name } = object;
  const labels = labelsOf(world, namespace ?? '');
  const isChecked = labels['istio-injection'] === 'enabled' && labels['istio.io/dataplane-mode'] !== 'ambient';
  const pod = pods.find((each) => each.namespace === namespace && each.name === name);
  return isChecked && pod?.hasProxy === false ? ['IST0103'] : [];
}

/** istioctl takes no notice of targetRefs: without a selector it only asks whether the namespace has pods in the mesh. */
function noMatchingWorkloads({ object }: Finding, { world, pods }: PeerWorld): readonly string[] {
  const policy = world.get(object);
  if (policy === undefined) return [];
  const { selector } = parseAuthorizationPolicy(policy);
  const hasPods = pods.some(({ namespace, inMesh }) => inMesh && namespace === object.namespace);
  return selector === undefined && hasPods ? [] : ['IST0127'];
}

function portNames({ evidence }: Finding): readonly string[] {
  return evidence.map(() => 'IST0118');
}

/** Ports that ours leaves to a check of its own, whose finding is worse; istioctl says the same of all ports. */
function serverFirstPorts({ object, evidence }: Finding, { world }: PeerWorld): readonly string[] {
  const service = world.get(object);
  if (service?.kind !== 'Service') return [];
  return readService(service)
    .ports.filter((_port, index) => evidence.some(({ field }) => field === `spec.ports[${String(index)}]`))
    .filter((port) => portProtocol(port).protocol === 'Unsupported')
    .map(() => 'IST0118');
}

/** istioctl minds ports without a known protocol and those that are called exactly tcp; tcp-something passes. */
function externalNamePorts({ object }: Finding, { world }: PeerWorld): readonly string[] {
  const service = world.get(object);
  if (service === undefined) return [];
  return readService(service)
    .ports.filter((port) => port.name === 'tcp' || portProtocol(port).protocol === 'Unsupported')
    .map(() => 'IST0150');
}

/** istioctl minds only the value that injects; where a namespace has all three labels, it still says it once. */
function multipleLabels({ object }: Finding, { world }: PeerWorld): readonly string[] {
  return object.name !== ROOT && labelsOf(world, object.name)['istio-injection'] === 'enabled' ? ['IST0123'] : [];
}

function multipleLabelsOfAmbient({ object }: Finding, { world }: PeerWorld): readonly string[] {
  const labels = labelsOf(world, object.name);
  const isSaid = labels['istio-injection'] !== undefined && labels['istio.io/rev'] !== undefined;
  return object.name === ROOT || isSaid ? [] : ['IST0123'];
}

/** istioctl looks up the namespaces of sources alone, in any case, and says it once for each value. */
function namespacesNotFound({ evidence }: Finding, { world }: PeerWorld): readonly string[] {
  const names = world.list(KIND.namespace).objects.map(({ metadata }) => metadata.name);
  return evidence
    .filter(({ field }) => /\.source\.(namespaces|notNamespaces)$/.test(field ?? ''))
    .filter(({ value }) => value !== undefined && !names.includes(value.toLowerCase()))
    .map(() => 'IST0101');
}

/** Of a namespace that the case is about: where no label says anything of it, whether something injects its pods. */
function notInjected(input: unknown, world: World): readonly string[] {
  const name = at(input, 'namespace', 'name');
  if (typeof name !== 'string' || name === ROOT) return [];
  const labels = labelsOf(world, name);
  const isLabelled = (labels['istio-injection'] ?? '') !== '' || labels['istio.io/rev'] !== undefined;
  if (isLabelled || labels['istio.io/dataplane-mode'] === 'ambient') return [];
  const { decision } = istio.enrolment(name, readPodShape({}, {}), world);
  return decision === 'unknown' ? [] : [decision === 'skip' ? 'IST0102' : 'IST0148'];
}

function labelsOf(world: World, namespace: string): Readonly<Record<string, string>> {
  return world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels ?? {};
}
