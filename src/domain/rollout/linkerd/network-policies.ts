import { asNumber, asObject, asObjects, asText, asTexts, at, type JsonObject } from '../../../lib/json.ts';
import { compareBy } from '../../../lib/order.ts';
import { scrapersOf } from '../../calls/scraped-by.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { DEFAULT_INBOUND_POLICY, PROXY_PORTS } from '../../mesh/linkerd/names.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { Exception } from '../plan.ts';
import { portsNoLongerApart, wayOut, type MeshServer, type WayOut } from '../ways-out.ts';
import { dissolvedPorts } from './dissolved-ports.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';

/** Policies that let the proxies of a namespace's workloads do their work, and what they loosen. */
export interface OpenedPolicies {
  readonly steps: readonly ApplyStep[];
  /** What port rules no longer keep apart. */
  readonly gaps: readonly PortGap[];
}

/** What a policy's port rules no longer keep apart once its pods have proxies. */
export interface PortGap {
  /** As a paragraph. */
  readonly note: string;
  /** As rows of the register. */
  readonly exceptions: readonly Exception[];
  /** Ports that are known to be there and that peers reach who did not: somebody has to accept each. */
  readonly opens: readonly string[];
}

/** Workloads whose policies are asked for, and the servers in the mesh as some of them see them. */
export interface MeshEnds {
  readonly workloads: readonly Workload[];
  readonly servers: (clients: readonly Workload[]) => readonly MeshServer[];
}

/**
 * One policy beside each that isolates pods of these workloads, with its selector, so that no pod is isolated that was
 * not before: peers that were admitted to a port reach the proxy too, as does the scraper; and the proxy reaches the
 * control plane. Source: https://github.com/linkerd/linkerd2/issues/15246.
 */
export function openedPolicies(world: World, facts: LinkerdFacts, { workloads, servers }: MeshEnds): OpenedPolicies {
  const [first] = workloads;
  if (first === undefined) return { steps: [], gaps: [] };
  const policies = [...world.listIn(KIND.networkPolicy, first.namespace).objects]
    .filter((policy) => policy.metadata.labels['app.kubernetes.io/managed-by'] !== 'meshwise')
    .sort(compareBy(({ metadata }) => metadata.name));
  const steps: ApplyStep[] = [];
  const gaps: PortGap[] = [];
  for (const policy of policies) {
    const selected = workloads.filter((workload) => selects(policy, workload));
    if (selected.length === 0) continue;
    const ingress = isolates(policy, 'Ingress') ? ingressRules(world, policy) : [];
    const ways = isolates(policy, 'Egress') ? waysOut(world, policy, servers(selected)) : [];
    const egress = isolates(policy, 'Egress') ? egressRules(facts, ways) : [];
    if (ingress.length > 0) steps.push(beside(policy, 'linkerd-in', { policyTypes: ['Ingress'], ingress }));
    if (egress.length > 0) steps.push(beside(policy, 'linkerd-out', { policyTypes: ['Egress'], egress }));
    if (ingress.length > 0) gaps.push(...gapOf(world, policy, { selected, policies }));
    if (ways.length > 0) gaps.push(gapOnTheWayOut(policy, selected, ways));
  }
  return { steps, gaps };
}

function selects({ spec }: KubeObject, workload: Workload): boolean {
  const selector = parseLabelSelector(at(spec, 'podSelector'));
  return cohortsOf(workload).some(({ pod }) => matchesSelector(selector, pod.labels));
}

function isolates({ spec }: KubeObject, direction: 'Ingress' | 'Egress'): boolean {
  const types = asTexts(at(spec, 'policyTypes'));
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || at(spec, 'egress') !== undefined;
}

/** Rules without ports admit their peers everywhere already. */
function ingressRules(world: World, { spec }: KubeObject): readonly JsonObject[] {
  const rules = asObjects(at(spec, 'ingress')).filter((rule) => !admits(rule, PROXY_PORTS.inbound));
  const opened = rules.map((rule) => ({ ...peersOf(rule), ports: tcp(PROXY_PORTS.inbound) }));
  const scraped = scraperPeers(world);
  return [...opened, ...(scraped.length === 0 ? [] : [{ from: scraped, ports: tcp(PROXY_PORTS.admin) }])];
}

/** Ports of the control plane's Services. Source: linkerd2 charts/linkerd-control-plane/templates. */
const CONTROL_PLANE_PORTS = [8080, 8086, 8090] as const;

/** Of the rules that do not admit the proxy's port, those that lead to a server in the mesh. */
function waysOut(world: World, { metadata, spec }: KubeObject, servers: readonly MeshServer[]): readonly WayOut[] {
  const rules = asObjects(at(spec, 'egress')).filter((rule) => !admits(rule, PROXY_PORTS.inbound));
  return rules.flatMap((rule) => wayOut(world, rule, { namespace: metadata.namespace ?? '', servers }) ?? []);
}

function egressRules(facts: LinkerdFacts, ways: readonly WayOut[]): readonly JsonObject[] {
  const inNamespace = (name: string): JsonObject => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  return [
    { to: [{ namespaceSelector: inNamespace(facts.namespace) }], ports: tcp(...CONTROL_PLANE_PORTS) },
    {
      to: [{ namespaceSelector: inNamespace('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
      ports: [{ protocol: 'UDP', port: 53 }, ...tcp(53)],
    },
    ...ways.map(({ peers }) => ({ to: peers, ports: tcp(PROXY_PORTS.inbound) })),
  ];
}

function peersOf(rule: JsonObject): JsonObject {
  const peers = asObjects(rule['from']);
  return peers.length === 0 ? {} : { from: peers };
}

function tcp(...ports: readonly number[]): readonly JsonObject[] {
  return ports.map((port) => ({ protocol: 'TCP', port }));
}

function admits(rule: JsonObject, wanted: number): boolean {
  const ports = asObjects(rule['ports']);
  return ports.length === 0 || ports.some((entry) => coversPort(entry, wanted));
}

function coversPort(entry: JsonObject, wanted: number): boolean {
  if ((asText(entry['protocol']) ?? 'TCP') !== 'TCP') return false;
  const first = asNumber(entry['port']);
  if (first === undefined) return entry['port'] === undefined;
  return first <= wanted && wanted <= (asNumber(entry['endPort']) ?? first);
}

/** The pods of a Prometheus of the world, which may come from another namespace. */
function scraperPeers(world: World): readonly JsonObject[] {
  return scrapersOf(world).flatMap((source): readonly JsonObject[] => {
    const workload = source.kind === 'workload' ? findWorkload(world, source.workload) : undefined;
    if (workload === undefined || Object.keys(workload.template.labels).length === 0) return [];
    const home = { matchLabels: { 'kubernetes.io/metadata.name': workload.namespace } };
    return [{ namespaceSelector: home, podSelector: { matchLabels: ownLabels(workload) } }];
  });
}

function ownLabels({ object, template }: Workload): Readonly<Record<string, unknown>> {
  return asObject(at(object.spec, 'selector', 'matchLabels')) ?? template.labels;
}

function beside({ metadata, spec }: KubeObject, suffix: string, rules: JsonObject): ApplyStep {
  const { name, namespace } = metadata;
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: `${name}-${suffix}`,
        ...(namespace === undefined ? {} : { namespace }),
        labels: MANAGED_LABELS,
      },
      spec: { podSelector: asObject(at(spec, 'podSelector')) ?? {}, ...rules },
    },
  };
}

/** What clients are held to by the servers' Servers alone, until their namespaces are denied. */
function gapOnTheWayOut({ metadata }: KubeObject, selected: readonly Workload[], all: readonly WayOut[]): PortGap {
  const ways = all.map(({ peers, reached }) => ({
    peers,
    reached: reached.filter(({ template }) => template.annotations[DEFAULT_INBOUND_POLICY] !== 'deny'),
  }));
  return {
    opens: [],
    note: `NetworkPolicy ${metadata.name} keeps ports apart on the way out of ${selected.map(formatWorkload).join(', ')}: towards servers of the mesh 4143 is admitted, and leads on to their other ports until these are denied.`,
    exceptions: portsNoLongerApart(selected, { policy: metadata.name, through: PROXY_PORTS.inbound, ways }),
  };
}

interface Selected {
  readonly selected: readonly Workload[];
  readonly policies: readonly KubeObject[];
}

/** Whoever reaches the proxy's port reaches every port of the pod over mutual TLS, those that nobody declares too. */
function gapOf(world: World, policy: KubeObject, { selected, policies }: Selected): readonly PortGap[] {
  const { metadata, spec } = policy;
  if (!asObjects(at(spec, 'ingress')).some((rule) => asObjects(rule['ports']).length > 0)) return [];
  const namespace = metadata.namespace ?? '';
  const apart = selected.filter(({ template }) => template.annotations[DEFAULT_INBOUND_POLICY] !== 'deny');
  const others = (workload: Workload): readonly KubeObject[] =>
    policies.filter((each) => isolates(each, 'Ingress') && selects(each, workload));
  return [
    {
      opens: dissolvedPorts(world, policy, { workloads: apart, others }),
      note: `Gap: NetworkPolicy ${metadata.name} keeps ports apart, and mutual TLS of the mesh comes in at port 4143 for all of them. From the wave of ${selected.map(formatWorkload).join(', ')} until stage deny-${namespace}, peers that are in the mesh and that it admits to one port reach the others of these pods too; at ports that nobody declares until stage default-${namespace}. Pods without a proxy stay held to their ports.`,
      exceptions: apart.map((workload) => ({
        workload: workloadRef(workload),
        layer: 'authorization',
        ports: [],
        reason: `NetworkPolicy ${metadata.name} admits peers to some of its ports, and from the enrolment of ${formatWorkload(workload)} on those that are in the mesh reach the others through 4143`,
        owner: ownerToBeNamed(workload),
        expires: `with stage deny-${namespace}, and at ports that nobody declares with stage default-${namespace}`,
      })),
    },
  ];
}
