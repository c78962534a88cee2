import { asTextMap, asTexts, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { derivedFrom } from '../world/derived.ts';
import type { Service } from '../world/service.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { Call, CallTarget } from './call.ts';
import { entryNames } from './external-ports.ts';
import { findService } from './find-services.ts';
import { podsOf, workloadsSelected } from './find-workloads.ts';
import { hostTarget } from './host-target.ts';
import { ownerByPodName } from './pod-owner.ts';
import { serversOf, type CallServer } from './resolve-target.ts';
import { registeredEndpoints, targetPorts, writtenEndpoints, type WrittenAddress } from './written-endpoints.ts';

/** Who answers calls to a name that stands for others in the cluster. */
export interface StoodFor {
  /** The objects that say so, for people. */
  readonly by: string;
  readonly servers: readonly CallServer[];
}

/** A name may stand for a name that stands for a third one; a circle ends here. */
const LONGEST_CHAIN = 8;

/**
 * The workloads that a call reaches though its target has no selector that says so: an ExternalName that names a Service
 * of the world, addresses that somebody wrote for a Service without a selector, and a ServiceEntry whose endpoints are
 * Services or workloads here. Undefined where the target answers for itself, or stands for nobody in the world.
 */
export function stoodFor({ to }: Pick<Call, 'to'>, world: World): StoodFor | undefined {
  if (to.kind === 'pod-port') return undefined;
  const found = to.kind === 'external-host' ? ofHost(world, to) : ofService(world, to, LONGEST_CHAIN);
  return found === undefined || found.servers.length === 0 ? undefined : found;
}

type ServiceTarget = Extract<CallTarget, { kind: 'service-port' | 'headless-instance' }>;

function ofService(world: World, to: ServiceTarget, left: number): StoodFor | undefined {
  const service = findService(world, to.namespace, to.service);
  if (service === undefined || left === 0) return undefined;
  const name = `Service ${to.namespace}/${to.service}`;
  if (service.type === 'ExternalName') {
    const host = service.externalName ?? '';
    const servers = atHost(world, { host, ports: [to.port] }, { namespace: to.namespace, left });
    return { by: `${name}, an ExternalName for ${host}`, servers };
  }
  if (service.selector !== undefined) return undefined;
  const seeker = { namespace: to.namespace, left };
  const servers = writtenEndpoints(world, service).flatMap((each) => atAddress(world, each, seeker));
  return { by: `${name}, whose endpoints are written by hand`, servers };
}

/** The addresses that somebody wrote for the Service and at which nobody of the world is known to answer. */
export function strayAddresses(world: World, service: Service): readonly WrittenAddress[] {
  const seeker = { namespace: service.namespace, left: LONGEST_CHAIN };
  return writtenEndpoints(world, service).filter((each) => atAddress(world, each, seeker).length === 0);
}

function ofHost(world: World, to: Extract<CallTarget, { kind: 'external-host' }>): StoodFor | undefined {
  const byHost = derivedFrom(world.list(KIND.serviceEntry).objects, entriesByHost);
  const entries = entryNames(to.host).flatMap((name) => byHost.get(name) ?? []);
  const [first] = entries;
  if (first === undefined) return undefined;
  const { namespace = '', name } = first.metadata;
  const dialled = to.port === undefined ? [] : [to.port];
  const servers = entries.flatMap((entry) => [
    ...registeredEndpoints(world, entry).flatMap((each) =>
      atAddress(world, { ...each, ports: [...each.ports, ...dialled] }, { namespace, left: LONGEST_CHAIN }),
    ),
    ...selectedBy(world, entry, dialled),
  ]);
  return { by: `ServiceEntry ${namespace}/${name} for ${to.host}`, servers };
}

function entriesByHost(entries: readonly KubeObject[]): ReadonlyMap<string, readonly KubeObject[]> {
  const found = new Map<string, KubeObject[]>();
  for (const entry of entries) {
    for (const host of asTexts(at(entry.spec, 'hosts'))) {
      const name = host.toLowerCase();
      found.set(name, [...(found.get(name) ?? []), entry]);
    }
  }
  return found;
}

function selectedBy(world: World, entry: KubeObject, dialled: readonly number[]): readonly CallServer[] {
  const matchLabels = asTextMap(at(entry.spec, 'workloadSelector', 'labels'));
  if (Object.keys(matchLabels).length === 0) return [];
  const selector = { matchLabels, matchExpressions: [] };
  const selected = workloadsSelected(world, entry.metadata.namespace ?? '', selector);
  return selected.flatMap(({ workload }) => atPorts(workload, [...targetPorts(entry), ...dialled]));
}

interface Seeker {
  readonly namespace: string;
  readonly left: number;
}

function atAddress(world: World, written: WrittenAddress, seeker: Seeker): readonly CallServer[] {
  const { pod, address, ports } = written;
  const owner = pod === undefined ? undefined : ownerByPodName(world, pod.namespace, pod.name);
  return owner === undefined ? atHost(world, { host: address, ports }, seeker) : atPorts(owner, ports);
}

interface Dialled {
  readonly host: string;
  readonly ports: readonly number[];
}

/** Whoever answers at one of the ports; where nobody does, whoever answers at any, so that no caller gets lost. */
function atHost(world: World, { host, ports }: Dialled, { namespace, left }: Seeker): readonly CallServer[] {
  const token = { source: '', host };
  const targets = ports.flatMap((port) => hostTarget(world, { ...token, port }, namespace).targets);
  const exact = targets.flatMap((to) => answering(world, to, left));
  if (exact.length > 0) return exact;
  return hostTarget(world, token, namespace).targets.flatMap((to) => answering(world, to, left));
}

function answering(world: World, to: CallTarget, left: number): readonly CallServer[] {
  const { servers } = serversOf({ to }, world);
  if (servers.length > 0 || to.kind === 'pod-port' || to.kind === 'external-host') return servers;
  return ofService(world, to, left - 1)?.servers ?? [];
}

/** Those of the ports that the workload opens; all that it opens where none of them is. */
function atPorts(workload: Workload, ports: readonly number[]): readonly CallServer[] {
  const open = podsOf(workload).flatMap((pod) => pod.containers.flatMap((container) => container.ports));
  const opened = [...new Set(open.filter(({ protocol }) => protocol === 'TCP').map(({ port }) => port))];
  const meant = opened.filter((port) => ports.includes(port));
  return (meant.length > 0 ? meant : [...new Set([...opened, ...ports])]).map((port) => ({ workload, port }));
}
