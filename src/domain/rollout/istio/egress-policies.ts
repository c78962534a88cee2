import { asNumber, asObject, asObjects, asText, asTexts, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import { namespaceLabels } from '../../calls/find-workloads.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { MeshFacts } from './mesh-facts.ts';

const ISTIOD_PORT = 15012;
const ISTIOD_LABELS = { app: 'istiod' };

/**
 * The policies that let the proxies of these workloads reach istiod and DNS where existing ones would not: one for
 * each policy in the way, with its selector, so that no pod is isolated that was not before.
 */
export function policiesTowardsIstiod(
  world: World,
  facts: MeshFacts,
  workloads: readonly Workload[],
): readonly ApplyStep[] {
  const [first] = workloads;
  if (first === undefined) return [];
  const { namespace } = first;
  const policies = world.listIn(KIND.networkPolicy, namespace).objects.filter(limitsEgress);
  const isStuck = (workload: Workload): boolean =>
    cohortsOf(workload).some(({ pod }) => {
      const selecting = policies.filter((policy) => selects(policy, pod.labels));
      return selecting.length > 0 && !selecting.some((policy) => letsReachIstiod(world, policy, facts));
    });
  const stuck = workloads.filter(isStuck);
  return policies
    .filter((policy) => stuck.some((workload) => cohortsOf(workload).some(({ pod }) => selects(policy, pod.labels))))
    .map((policy) => additivePolicy(policy, facts));
}

function selects(policy: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  return matchesSelector(parseLabelSelector(at(policy.spec, 'podSelector')), labels);
}

/** Source: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/, `policyTypes`. */
function limitsEgress({ spec }: KubeObject): boolean {
  const types = asTexts(at(spec, 'policyTypes'));
  return types.length > 0 ? types.includes('Egress') : at(spec, 'egress') !== undefined;
}

function letsReachIstiod(world: World, { spec }: KubeObject, facts: MeshFacts): boolean {
  return asObjects(at(spec, 'egress')).some((rule) => {
    const peers = asObjects(rule['to']);
    const reaches = peers.length === 0 || peers.some((peer) => isIstiod(world, peer, facts));
    return reaches && allowsPort(rule['ports'], ISTIOD_PORT);
  });
}

/** An address range is not taken to cover pods: whether it does depends on the network plugin. */
function isIstiod(world: World, peer: unknown, facts: MeshFacts): boolean {
  const namespaceSelector = at(peer, 'namespaceSelector');
  if (namespaceSelector === undefined) return false;
  const inNamespace = matchesSelector(parseLabelSelector(namespaceSelector), namespaceLabels(world, facts.namespace));
  return inNamespace && matchesSelector(parseLabelSelector(at(peer, 'podSelector')), ISTIOD_LABELS);
}

function allowsPort(ports: unknown, wanted: number): boolean {
  const listed = asObjects(ports);
  if (listed.length === 0) return true;
  return listed.some((entry) => {
    if ((asText(entry['protocol']) ?? 'TCP') !== 'TCP') return false;
    const first = asNumber(entry['port']);
    if (first === undefined) return entry['port'] === undefined;
    return first <= wanted && wanted <= (asNumber(entry['endPort']) ?? first);
  });
}

function additivePolicy(policy: KubeObject, facts: MeshFacts): ApplyStep {
  const { name, namespace } = policy.metadata;
  const inNamespace = (value: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': value } });
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: `${name}-to-istiod`,
        ...(namespace === undefined ? {} : { namespace }),
        labels: MANAGED_LABELS,
      },
      spec: {
        podSelector: asObject(at(policy.spec, 'podSelector')) ?? {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ namespaceSelector: inNamespace(facts.namespace), podSelector: { matchLabels: ISTIOD_LABELS } }],
            ports: [{ protocol: 'TCP', port: ISTIOD_PORT }],
          },
          {
            to: [
              {
                namespaceSelector: inNamespace('kube-system'),
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            ports: [
              { protocol: 'UDP', port: 53 },
              { protocol: 'TCP', port: 53 },
            ],
          },
        ],
      },
    },
  };
}

/** Policies around istiod that keep proxies of the namespace from it; somebody else's to change. */
export function policiesAroundIstiod(world: World, facts: MeshFacts, namespace: string): readonly Obstacle[] {
  const istiods = workloadsIn(world, facts.namespace).filter(({ template }) => template.labels['app'] === 'istiod');
  const policies = world.listIn(KIND.networkPolicy, facts.namespace).objects.filter(limitsIngress);
  return istiods.flatMap((istiod): readonly Obstacle[] => {
    const selecting = policies.filter((policy) => selects(policy, istiod.template.labels));
    if (selecting.length === 0 || selecting.some((policy) => admits(world, policy, namespace))) return [];
    const names = selecting.map(({ metadata }) => metadata.name).join(', ');
    return [
      {
        kind: 'object',
        what: `NetworkPolicy ${names} in ${facts.namespace} keeps proxies of ${namespace} from ${formatWorkload(istiod)}`,
        remedy: `admit TCP ${String(ISTIOD_PORT)} from namespace ${namespace} there`,
      },
    ];
  });
}

function limitsIngress({ spec }: KubeObject): boolean {
  const types = asTexts(at(spec, 'policyTypes'));
  return types.length === 0 || types.includes('Ingress');
}

function admits(world: World, { spec }: KubeObject, namespace: string): boolean {
  return asObjects(at(spec, 'ingress')).some((rule) => {
    const peers = asObjects(rule['from']);
    const comesFrom = peers.some((peer) => {
      const selector = at(peer, 'namespaceSelector');
      const admitsAllPods = Object.keys(asObject(at(peer, 'podSelector')) ?? {}).length === 0;
      return (
        selector !== undefined &&
        admitsAllPods &&
        matchesSelector(parseLabelSelector(selector), namespaceLabels(world, namespace))
      );
    });
    return (peers.length === 0 || comesFrom) && allowsPort(rule['ports'], ISTIOD_PORT);
  });
}
