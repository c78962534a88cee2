import { asNumber, asObjects, asText, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { Kind, KubeObject } from '../kubernetes/object.ts';
import { derivedFrom } from '../world/derived.ts';
import type { Service } from '../world/service.ts';
import type { World } from '../world/world.ts';

/** One address at which somebody else answers for a Service or a registered host. */
export interface WrittenAddress {
  /** A host name or an IP address. */
  readonly address: string;
  /** Ports there; empty where the ones that are called hold there too. */
  readonly ports: readonly number[];
  readonly pod?: PodName;
}

/** The name of a pod. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** The legacy list of addresses; the control plane mirrors it into EndpointSlices, which a file may lack. */
const ENDPOINTS: Kind = 'Endpoints';
const SERVICE_NAME = 'kubernetes.io/service-name';

/**
 * The addresses that somebody writes for a Service without a selector, in EndpointSlices and Endpoints. Sources:
 * https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors,
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/.
 */
export function writtenEndpoints(world: World, { namespace, name }: Service): readonly WrittenAddress[] {
  const slices = world
    .listIn(KIND.endpointSlice, namespace)
    .objects.filter(({ metadata }) => metadata.labels[SERVICE_NAME] === name);
  const legacy = world.get({ kind: ENDPOINTS, namespace, name });
  return [
    ...slices.flatMap((slice) => inSlice(slice).map((each) => withPod(world, each))),
    ...asObjects(legacy?.['subsets']).flatMap((subset) =>
      asObjects(subset['addresses']).flatMap((entry) =>
        toAddress(asText(entry['ip']), { entry, namespace, ports: numbersOf(subset['ports'], 'port') }).map((each) =>
          withPod(world, each),
        ),
      ),
    ),
  ];
}

/** The pods of a namespace whose addresses EndpointSlices tell, those that are not ready included. */
export function podsWithAddress(world: World, namespace: string): readonly PodName[] {
  const pods = derivedFrom(world.list(KIND.endpointSlice).objects, podsByAddress);
  return [...pods.values()].filter((pod) => pod.namespace === namespace);
}

/** The endpoints of a ServiceEntry. Source: https://istio.io/latest/docs/reference/config/networking/service-entry/. */
export function registeredEndpoints(world: World, entry: KubeObject): readonly WrittenAddress[] {
  return asObjects(at(entry.spec, 'endpoints')).flatMap((endpoint) => {
    const own = Object.values(endpoint['ports'] ?? {}).flatMap((port) => asNumber(port) ?? []);
    const address = asText(endpoint['address']);
    return address === undefined ? [] : [withPod(world, { address, ports: [...own, ...targetPorts(entry)] })];
  });
}

/** The ports at which a ServiceEntry's endpoints are called where it tells another than the one that is dialled. */
export function targetPorts({ spec }: KubeObject): readonly number[] {
  return numbersOf(at(spec, 'ports'), 'targetPort');
}

function inSlice(slice: KubeObject): readonly WrittenAddress[] {
  const { namespace = '' } = slice.metadata;
  const ports = numbersOf(slice['ports'], 'port');
  return asObjects(slice['endpoints']).flatMap((entry) =>
    asTexts(entry['addresses']).flatMap((address) => toAddress(address, { entry, namespace, ports })),
  );
}

interface Listed {
  readonly entry: JsonObject;
  readonly namespace: string;
  readonly ports: readonly number[];
}

function toAddress(address: string | undefined, { entry, namespace, ports }: Listed): readonly WrittenAddress[] {
  if (address === undefined) return [];
  const name = at(entry, 'targetRef', 'kind') === 'Pod' ? asText(at(entry, 'targetRef', 'name')) : undefined;
  if (name === undefined) return [{ address, ports }];
  const home = asText(at(entry, 'targetRef', 'namespace')) ?? namespace;
  return [{ address, ports, pod: { namespace: home, name } }];
}

/** Addresses of pods are not kept with them, but EndpointSlices of other Services name the pod beside its address. */
function withPod(world: World, written: WrittenAddress): WrittenAddress {
  if (written.pod !== undefined) return written;
  const pod = derivedFrom(world.list(KIND.endpointSlice).objects, podsByAddress).get(written.address);
  return pod === undefined ? written : { ...written, pod };
}

function podsByAddress(slices: readonly KubeObject[]): ReadonlyMap<string, PodName> {
  const found = slices.flatMap(inSlice);
  return new Map(found.flatMap(({ address, pod }) => (pod === undefined ? [] : [[address, pod] as const])));
}

function numbersOf(list: unknown, field: string): readonly number[] {
  return asObjects(list).flatMap((each) => asNumber(each[field]) ?? []);
}
