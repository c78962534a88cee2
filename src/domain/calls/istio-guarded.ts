import { asNumber, asObjects, asTexts, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { AuthorizationPolicy, TargetRef } from '../mesh/istio/authorization/policy.ts';
import type { World } from '../world/world.ts';
import type { CallTarget } from './call.ts';
import { containerPorts, findService, missingService, workloadsBehind } from './find-services.ts';
import { podsOf, workloadsSelected, type SelectedWorkload } from './find-workloads.ts';
import { istioSettings } from './istio-settings.ts';
import { isWaypoint, ownProxies } from './kubernetes-gateways.ts';

/** A port that a policy guards at another place than in the pods that answer. */
interface GuardedPort {
  readonly to: CallTarget;
  /** As the proxy before it sees it. */
  readonly port: number | undefined;
  /** Of the pods behind it. */
  readonly behind?: number;
}

/** What an AuthorizationPolicy stands before. */
export interface Guarded {
  /** Workloads whose own proxies enforce it. */
  readonly pods: readonly SelectedWorkload[];
  /** What a waypoint enforces it for. */
  readonly others: readonly GuardedPort[];
  /** Why there is more that cannot be named. */
  readonly reasons: readonly string[];
}

/**
 * What a policy stands before: the pods that it selects in its namespace, or in all from the root namespace; else the
 * Services, ServiceEntries and gateways that it targets.
 * Source: https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference.
 */
export function guardedBy(world: World, policy: AuthorizationPolicy): Guarded {
  if (policy.targetRefs.length > 0) return join(policy.targetRefs.map((target) => byTarget(world, target, policy)));
  const isRoot = istioSettings(world).rootNamespaces.includes(policy.namespace);
  const selector = { matchLabels: policy.selector ?? {}, matchExpressions: [] };
  const namespaces = isRoot ? world.namespaces() : [policy.namespace];
  const pods = namespaces.flatMap((namespace) => workloadsSelected(world, namespace, selector));
  return { pods, others: [], reasons: [] };
}

function byTarget(world: World, { kind, name }: TargetRef, { namespace }: AuthorizationPolicy): Guarded {
  switch (kind) {
    case 'Service':
      return ofService(world, namespace, name);
    case 'ServiceEntry':
      return ofServiceEntry(world, namespace, name);
    case 'Gateway': {
      if (isWaypoint(world, namespace, name)) {
        return nothing(`it stands before all that waypoint ${namespace}/${name} serves, which tells of no call`);
      }
      const proxies = ownProxies(world, namespace, name);
      if (proxies.length === 0) return nothing(`no workload here serves Gateway ${namespace}/${name}`);
      return { pods: proxies.map((workload) => ({ workload, pods: podsOf(workload) })), others: [], reasons: [] };
    }
    default:
      return nothing(`it stands before all of ${kind} ${name}, which tells of no call`);
  }
}

function ofService(world: World, namespace: string, name: string): Guarded {
  const service = findService(world, namespace, name);
  if (service === undefined) return nothing(missingService(world, namespace, name));
  const pods = workloadsBehind(world, service).flatMap((each) => each.pods);
  const others = service.ports
    .filter(({ protocol }) => protocol === 'TCP')
    .map((port): GuardedPort => {
      const behind = containerPorts(port, pods)[0];
      const to = { kind: 'service-port', namespace, service: name, port: port.port } as const;
      return { to, port: port.port, ...(behind === undefined ? {} : { behind }) };
    });
  return { pods: [], others, reasons: [] };
}

function ofServiceEntry(world: World, namespace: string, name: string): Guarded {
  const entry = world.get({ kind: KIND.serviceEntry, namespace, name });
  if (entry === undefined) return nothing(`there is no ServiceEntry ${name} in namespace ${namespace}`);
  const ports = asObjects(at(entry.spec, 'ports')).map((port) => asNumber(port['number']));
  const others = asTexts(at(entry.spec, 'hosts')).flatMap((host) =>
    (ports.length === 0 ? [undefined] : ports).map((port): GuardedPort => {
      return { to: { kind: 'external-host', host, ...(port === undefined ? {} : { port }) }, port };
    }),
  );
  return { pods: [], others, reasons: [] };
}

function nothing(reason: string): Guarded {
  return { pods: [], others: [], reasons: [reason] };
}

function join(parts: readonly Guarded[]): Guarded {
  return {
    pods: parts.flatMap(({ pods }) => pods),
    others: parts.flatMap(({ others }) => others),
    reasons: parts.flatMap(({ reasons }) => reasons),
  };
}
