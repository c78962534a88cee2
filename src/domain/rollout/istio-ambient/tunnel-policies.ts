import { asObject, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import { sameValue } from '../same-value.ts';
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
}

/**
 * What NetworkPolicies need so that these workloads of one namespace can stand behind ztunnel: beside each policy that
 * isolates them one more with the same pods, which admits port 15008 for exactly the peers of each rule, and the
 * kubelet's probes at the address that the node agent gives them. Rules that admit 15008 already need nothing.
 * Source: https://istio.io/latest/docs/ambient/usage/networkpolicy/.
 */
export function tunnelPolicies(world: World, workloads: readonly Workload[]): readonly TunnelPolicy[] {
  const extended = new Set(
    workloads.flatMap((workload) => [
      ...policiesAround(world, workload, 'Ingress'),
      ...policiesAround(world, workload, 'Egress'),
    ]),
  );
  return [...extended].flatMap((policy): readonly TunnelPolicy[] => {
    const ingress = [
      ...rulesThrough(world, policy, { workloads, direction: 'Ingress' }),
      ...probeRules(world, policy, workloads),
    ];
    const egress = rulesThrough(world, policy, { workloads, direction: 'Egress' });
    if (ingress.length === 0 && egress.length === 0) return [];
    const step = besidePolicy(policy, ingress, egress);
    return [{ extended: policy, step, isThere: isThere(world, step) }];
  });
}

interface Asked {
  readonly workloads: readonly Workload[];
  readonly direction: Direction;
}

/** One rule for each of the policy's own that admits some TCP port and not 15008, with its peers as they are. */
function rulesThrough(world: World, policy: KubeObject, { workloads, direction }: Asked): readonly JsonObject[] {
  const isolated = workloads.filter((workload) => policiesAround(world, workload, direction).includes(policy));
  if (isolated.length === 0 || isolated.every((workload) => isOpen(world, workload, direction))) return [];
  const key = direction === 'Ingress' ? 'from' : 'to';
  return rulesFor(policy, direction).flatMap((rule): readonly JsonObject[] => {
    if (admitsHbone(rule) || tcpPortsOf(rule).length === 0) return [];
    const peers = peersOf(rule, direction);
    const ports = [{ protocol: 'TCP', port: HBONE_PORT }];
    return [peers.length === 0 ? { ports } : { [key]: peers, ports }];
  });
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
