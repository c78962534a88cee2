import { asObjects, asText, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { derivedFrom, oncePer } from '../world/derived.ts';
import type { Service } from '../world/service.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { findService } from './find-services.ts';
import { hostTarget } from './host-target.ts';
import { ownerByPodName } from './pod-owner.ts';
import { strayAddresses } from './stood-for.ts';
import { podsWithAddress, writtenEndpoints, type PodName } from './written-endpoints.ts';

/** Workloads of which any may answer a call, because nothing that was read tells who does. */
export interface MayAnswer {
  /** The Service that has no selector, with the reason, for people. */
  readonly by: string;
  readonly workloads: readonly Workload[];
}

/** A name may stand for a name that stands for a third one; a circle ends here. */
const LONGEST_CHAIN = 8;

/** The label of a Service that Linkerd copies from another cluster, whose pods answer. Source: linkerd2 pkg/k8s/labels.go. */
const MIRRORED = 'mirror.linkerd.io/mirrored-service';

/**
 * The workloads that may answer a call to a Service without a selector where no EndpointSlice tells: all of its
 * namespace where none was read or is there; those whose own addresses nobody knows where it holds an address of which
 * nobody knows whose it is. Undefined where it is told who answers, or that nobody here does.
 */
export function mayAnswer({ to }: Pick<Call, 'to'>, world: World): MayAnswer | undefined {
  if (to.kind !== 'service-port' && to.kind !== 'headless-instance') return undefined;
  const service = endOfChain(world, findService(world, to.namespace, to.service), LONGEST_CHAIN);
  return service === undefined || isElsewhere(service) ? undefined : untold(world, service);
}

/** The Service that an ExternalName names in the end, or the Service itself. */
function endOfChain(world: World, service: Service | undefined, left: number): Service | undefined {
  if (service?.type !== 'ExternalName') return service;
  const [to] = hostTarget(world, { source: '', host: service.externalName ?? '' }, service.namespace).targets;
  if (left === 0 || to?.kind !== 'service-port') return undefined;
  return endOfChain(world, findService(world, to.namespace, to.service), left - 1);
}

/** Whether the Service answers for itself, for the API server, or for another cluster. */
function isElsewhere({ namespace, name, selector, object }: Service): boolean {
  const isApiServer = namespace === 'default' && name === 'kubernetes';
  return selector !== undefined || isApiServer || object.metadata.labels[MIRRORED] !== undefined;
}

const untold = oncePer((world: World, service: Service): MayAnswer | undefined => {
  const { namespace } = service;
  const name = `Service ${namespace}/${service.name}, which has no selector`;
  if (writtenEndpoints(world, service).length === 0) {
    const why = world.listIn(KIND.endpointSlice, namespace).gap ?? 'no EndpointSlice tells its addresses';
    return { by: `${name}: ${why}`, workloads: workloadsIn(world, namespace) };
  }
  const nodes = derivedFrom(world.list(KIND.node).objects, addressesOf);
  const strays = strayAddresses(world, service).filter(({ address }) => !nodes.has(address));
  const workloads = new Map(
    strays
      .flatMap(({ pod }) => (pod === undefined ? withoutAddress(world, namespace) : likeOwners(world, pod)))
      .map((workload) => [formatWorkload(workload), workload] as const),
  );
  if (workloads.size === 0) return undefined;
  const addresses = strays.map(({ address }) => address).join(', ');
  return { by: `${name}: nothing tells whose its addresses are (${addresses})`, workloads: [...workloads.values()] };
});

function addressesOf(nodes: readonly KubeObject[]): ReadonlySet<string> {
  return new Set(
    nodes.flatMap(({ status }) => asObjects(at(status, 'addresses')).flatMap((each) => asText(each['address']) ?? [])),
  );
}

/** The workloads of the namespace none of whose pods an EndpointSlice names: any address may be theirs. */
function withoutAddress(world: World, namespace: string): readonly Workload[] {
  const owners = podsWithAddress(world, namespace).flatMap(({ name }) => ownerByPodName(world, namespace, name) ?? []);
  const told = new Set(owners.map(formatWorkload));
  return workloadsIn(world, namespace).filter((workload) => !told.has(formatWorkload(workload)));
}

/** The workloads whose name the pod's begins with; all of its namespace where none is called so. */
function likeOwners(world: World, pod: PodName): readonly Workload[] {
  const all = workloadsIn(world, pod.namespace);
  const alike = all.filter(({ name }) => pod.name === name || pod.name.startsWith(`${name}-`));
  return alike.length > 0 ? alike : all;
}
