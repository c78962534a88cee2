import { asObject, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { Exception } from '../plan.ts';
import { sameValue } from '../same-value.ts';
import { portsNoLongerApart, wayOut, type MeshServer, type WayOut } from '../ways-out.ts';
import {
  admitsHbone,
  HBONE_PORT,
  peersOf,
  policiesAround,
  rulesFor,
  tcpPortsOf,
  type Direction,
} from './policy-rules.ts';

/** The addresses that the node agent gives the kubelet's probes, so that ztunnel lets them pass. */
const PROBE_SOURCES = ['169.254.7.127/32', 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128'] as const;

/** A policy beside one of the user's, which lets HBONE pass where that one lets the called ports pass. */
export interface TunnelPolicy {
  /** The policy that it extends. */
  readonly extended: KubeObject;
  readonly step: ApplyStep;
  /** Whether the world holds it as it is written here. */
  readonly isThere: boolean;
  /** What it no longer keeps apart on the way out. */
  readonly gaps: readonly Exception[];
}

/**
 * What NetworkPolicies need so that these workloads of one namespace can stand behind ztunnel: beside each policy that
 * isolates them one more with the same pods, which admits port 15008 for exactly the peers of each rule, and the
 * kubelet's probes at the address that the node agent gives them. What goes out is admitted towards servers of the mesh
 * alone, which the rule leads to. Rules that admit 15008 already need nothing.
 * Source: https://istio.io/latest/docs/ambient/usage/networkpolicy/.
 */
export function tunnelPolicies(
  world: World,
  workloads: readonly Workload[],
  servers: (clients: readonly Workload[]) => readonly MeshServer[],
): readonly TunnelPolicy[] {
  const extended = new Set(
    workloads.flatMap((workload) => [
      ...policiesAround(world, workload, 'Ingress'),
      ...policiesAround(world, workload, 'Egress'),
    ]),
  );
  return [...extended].flatMap((policy): readonly TunnelPolicy[] => {
    const ingress = [...rulesIn(world, policy, workloads), ...probeRules(world, policy, workloads)];
    const clients = isolatedBy(world, policy, { workloads, direction: 'Egress' });
    const ways = clients.length === 0 ? [] : waysOut(world, policy, servers(clients));
    const egress = ways.map(({ peers }) => ({ to: peers, ports: HBONE }));
    if (ingress.length === 0 && egress.length === 0) return [];
    const step = besidePolicy(policy, ingress, egress);
    const gaps = portsNoLongerApart(clients, { policy: policy.metadata.name, through: HBONE_PORT, ways });
    return [{ extended: policy, step, isThere: isThere(world, step), gaps }];
  });
}

interface Asked {
  readonly workloads: readonly Workload[];
  readonly direction: Direction;
}

const HBONE = [{ protocol: 'TCP', port: HBONE_PORT }];

/** The workloads that it isolates; none where some policy lets HBONE pass for all of them already. */
function isolatedBy(world: World, policy: KubeObject, { workloads, direction }: Asked): readonly Workload[] {
  const isolated = workloads.filter((workload) => policiesAround(world, workload, direction).includes(policy));
  return isolated.every((workload) => isOpen(world, workload, direction)) ? [] : isolated;
}

/** The rules that admit some TCP port and not 15008. */
function withoutHbone(policy: KubeObject, direction: Direction): readonly JsonObject[] {
  return rulesFor(policy, direction).filter((rule) => !admitsHbone(rule) && tcpPortsOf(rule).length > 0);
}

/** One rule for each of these, with its peers as they are. */
function rulesIn(world: World, policy: KubeObject, workloads: readonly Workload[]): readonly JsonObject[] {
  if (isolatedBy(world, policy, { workloads, direction: 'Ingress' }).length === 0) return [];
  return withoutHbone(policy, 'Ingress').map((rule) => {
    const peers = peersOf(rule, 'Ingress');
    return peers.length === 0 ? { ports: HBONE } : { from: peers, ports: HBONE };
  });
}

function waysOut(world: World, policy: KubeObject, servers: readonly MeshServer[]): readonly WayOut[] {
  const namespace = policy.metadata.namespace ?? '';
  return withoutHbone(policy, 'Egress').flatMap((rule) => wayOut(world, rule, { namespace, servers }) ?? []);
}

/** Whether some policy lets HBONE pass for everybody. */
function isOpen(world: World, workload: Workload, direction: Direction): boolean {
  return policiesAround(world, workload, direction).some((policy) =>
    rulesFor(policy, direction).some((rule) => peersOf(rule, direction).length === 0 && admitsHbone(rule)),
  );
}

/** Probes come from an address that no rule for pods names. */
function probeRules(world: World, policy: KubeObject, workloads: readonly Workload[]): readonly JsonObject[] {
  const probed = workloads
    .filter((workload) => policiesAround(world, workload, 'Ingress').includes(policy))
    .flatMap(probedPorts);
  const ports = [...new Set(probed)].sort((left, right) => left - right);
  if (ports.length === 0) return [];
  return [
    {
      from: PROBE_SOURCES.map((cidr) => ({ ipBlock: { cidr } })),
      ports: ports.map((port) => ({ protocol: 'TCP', port })),
    },
  ];
}

function probedPorts(workload: Workload): readonly number[] {
  return cohortsOf(workload).flatMap(({ pod }) =>
    [...pod.containers, ...pod.initContainers].flatMap(({ probes }) =>
      probes.flatMap(({ handler, port }) => (handler === 'exec' || port === undefined ? [] : [port])),
    ),
  );
}

function besidePolicy(
  { metadata, spec }: KubeObject,
  ingress: readonly JsonObject[],
  egress: readonly JsonObject[],
): ApplyStep {
  const { name, namespace } = metadata;
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${name}-hbone`, ...(namespace === undefined ? {} : { namespace }), labels: MANAGED_LABELS },
      spec: {
        podSelector: asObject(at(spec, 'podSelector')) ?? {},
        policyTypes: [...(ingress.length > 0 ? ['Ingress'] : []), ...(egress.length > 0 ? ['Egress'] : [])],
        ...(ingress.length > 0 ? { ingress } : {}),
        ...(egress.length > 0 ? { egress } : {}),
      },
    },
  };
}

function isThere(world: World, { manifest }: ApplyStep): boolean {
  const { name, namespace } = manifest.metadata;
  const ref = { kind: KIND.networkPolicy, name, ...(namespace === undefined ? {} : { namespace }) };
  const existing = world.get(ref);
  return existing !== undefined && sameValue(existing.spec, manifest.spec);
}
