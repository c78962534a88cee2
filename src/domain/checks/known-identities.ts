import { asText, at } from '../../lib/json.ts';
import { groupBy, sortedUnique } from '../../lib/order.ts';
import { CONTROLLER_KINDS, KIND } from '../kubernetes/kinds.ts';
import type { Peer } from '../mesh/istio/authorization/connection.ts';
import { meshSettings } from '../mesh/istio/mesh-settings.ts';
import { unknown, known } from '../world/fact.ts';
import { cohortsOf } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { onlyRevision } from './mesh-cni.ts';

/** Whom certificates of the mesh can be for. */
export interface Identities {
  /** ServiceAccounts by namespace, each sorted. */
  readonly accounts: ReadonlyMap<string, readonly string[]>;
  /** The mesh's own trust domain and its aliases; empty where not known. */
  readonly trustDomains: readonly string[];
  /** Why the namespace may hold ServiceAccounts that are not among `accounts`; undefined where it holds no other. */
  readonly whyMore: (namespace: string) => string | undefined;
}

type WorkloadPeer = Extract<Peer, { kind: 'workload' }>;

/**
 * The ServiceAccounts of all namespaces: the objects, those that workloads run as, `default`, and those that istiod
 * makes for Gateways. Source: istio pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go.
 */
export function knownIdentities(world: World): Identities {
  const objects = groupBy(world.list(KIND.serviceAccount).objects, ({ metadata }) => metadata.namespace ?? '');
  const gateways = groupBy(world.list(KIND.kubernetesGateway).objects, ({ metadata }) => metadata.namespace ?? '');
  const settings = meshSettings(world, onlyRevision(world));
  const accountsIn = (namespace: string): readonly string[] =>
    sortedUnique([
      'default',
      ...(objects.get(namespace) ?? []).map(({ metadata }) => metadata.name),
      ...workloadsIn(world, namespace).flatMap((workload) => cohortsOf(workload).map(({ pod }) => pod.serviceAccount)),
      ...(gateways.get(namespace) ?? []).flatMap(({ metadata: { name }, spec }) => [
        name,
        `${name}-${asText(at(spec, 'gatewayClassName')) ?? 'istio'}`,
      ]),
    ]);
  const names = [...world.namespaces(), ...world.list(KIND.namespace).objects.map(({ metadata }) => metadata.name)];
  return {
    accounts: new Map(sortedUnique(names).map((namespace) => [namespace, accountsIn(namespace)])),
    trustDomains: settings.known ? [settings.value.trustDomain, ...settings.value.trustDomainAliases] : [],
    whyMore: (namespace) => whyMore(world, namespace),
  };
}

/** Manifests rarely hold all ServiceAccounts, but those of a namespace's workloads are what policies name. */
function whyMore(world: World, namespace: string): string | undefined {
  if (world.coverage.basis !== 'declared') return world.listIn(KIND.serviceAccount, namespace).gap;
  if (workloadsIn(world, namespace).length === 0) return `no workload of namespace ${namespace} is among the manifests`;
  return CONTROLLER_KINDS.map((kind) => world.listIn(kind, namespace).gap).find((gap) => gap !== undefined);
}

/** Peers of whom only the namespace is known, and one for each ServiceAccount. */
export function peersOf({ accounts }: Identities): {
  readonly whole: readonly WorkloadPeer[];
  readonly some: readonly WorkloadPeer[];
} {
  const open = unknown('any that the namespace has');
  const peer = (namespace: string, serviceAccount: WorkloadPeer['serviceAccount']): WorkloadPeer => ({
    kind: 'workload',
    namespace,
    serviceAccount,
    trustDomain: unknown('any of the mesh'),
  });
  return {
    whole: [...accounts.keys()].map((namespace) => peer(namespace, open)),
    some: [...accounts].flatMap(([namespace, names]) => names.map((name) => peer(namespace, known(name)))),
  };
}
