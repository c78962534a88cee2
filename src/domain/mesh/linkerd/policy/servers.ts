import { KIND } from '../../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector, type LabelSelector } from '../../../kubernetes/label-selector.ts';
import { refOf, type KubeObject, type ObjectRef } from '../../../kubernetes/object.ts';
import { compareText } from '../../../../lib/order.ts';
import { asText, at } from '../../../../lib/json.ts';
import { derivedFrom } from '../../../world/derived.ts';
import type { Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import { parseAccessPolicy, type AccessPolicy } from './access-policy.ts';
import { admissionDoubt } from './admission.ts';
import { hasPortNamed } from './place.ts';
import { PROXY_PROTOCOLS, whyServerRefused } from './validate-server.ts';

/** What a Server says that its port speaks. */
export type ProxyProtocol = (typeof PROXY_PROTOCOLS)[number];

/** A Server object, read. */
export interface LinkerdServer {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
  readonly name: string;
  /** Undefined where it is about machines outside the cluster. */
  readonly podSelector: LabelSelector | undefined;
  readonly port: unknown;
  readonly protocol: ProxyProtocol;
  /** Undefined, as for a text that is no policy, grants nothing: as `deny`. */
  readonly accessPolicy: AccessPolicy | undefined;
  /** Milliseconds since 1970; `undefined` where no creation time was read. */
  readonly createdAt: number | undefined;
  /** Whether the policy controller can read it at all. */
  readonly readable: boolean;
}

/** Which Server may be in force on a port; `undefined` among them stands for none. One where that is certain. */
export interface ServerChoice {
  readonly possible: readonly (LinkerdServer | undefined)[];
  /** Why there is more than one, or why there may be others. */
  readonly why: string | undefined;
}

/** Those of the Servers about a pod that are about one of its ports, which need not be declared. */
export function serversOnPort(
  servers: readonly LinkerdServer[],
  pod: PodShape,
  port: number,
): readonly LinkerdServer[] {
  return servers.filter((server) =>
    typeof server.port === 'string' ? hasPortNamed(pod, server.port, port) : server.port === port,
  );
}

/** All Servers of a namespace whose selector matches a pod, whatever their port; an empty selector matches all. */
export function serversAbout(namespace: string, pod: PodShape, world: World): readonly LinkerdServer[] {
  return world
    .listIn(KIND.linkerdServer, namespace)
    .objects.map(parsedServer)
    .filter(({ readable, object }) => readable || admissionDoubt(object, world) !== undefined)
    .filter(({ podSelector }) => podSelector !== undefined && matchesSelector(podSelector, pod.labels));
}

/**
 * The Server in force among those on a port: the oldest, of equal age the first by name; before 2.18 any of them.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/index.rs#Pod::reindex_servers.
 */
export function chooseServer(
  servers: readonly LinkerdServer[],
  { ordered, world }: { readonly ordered: Fact<boolean>; readonly world: World },
): ServerChoice {
  const doubts = servers.map(({ object }) => admissionDoubt(object, world));
  const doubtful = servers.filter((_, index) => doubts[index] !== undefined);
  const certain = servers.filter((_, index) => doubts[index] === undefined);
  const isOrdered = ordered.known && ordered.value;
  const first = isOrdered ? possiblyOldest(certain) : certain;
  const possible = [...(certain.length === 0 ? [undefined] : first), ...doubtful];
  if (possible.length === 1) return { possible, why: undefined };
  return { possible, why: doubts.find((doubt) => doubt !== undefined) ?? whyUndecided(first, ordered) };
}

/** The Servers that may come first by age and name; more than one where creation times were not read. */
function possiblyOldest(servers: readonly LinkerdServer[]): readonly LinkerdServer[] {
  const existing = servers.filter(({ object }) => object.origin.from === 'read');
  const group = existing.length > 0 ? existing : servers;
  const sorted = [...group].sort(
    (left, right) => (left.createdAt ?? 0) - (right.createdAt ?? 0) || compareText(left.name, right.name),
  );
  const undated = sorted.filter(({ createdAt }) => createdAt === undefined);
  if (existing.length === 0) return sorted.slice(0, 1);
  return [...undated, ...sorted.filter(({ createdAt }) => createdAt !== undefined).slice(0, 1)];
}

function whyUndecided(servers: readonly LinkerdServer[], ordered: Fact<boolean>): string {
  const names = servers.map(({ name }) => name).join(', ');
  if (!ordered.known) return `Servers ${names} are about one port, and ${ordered.reason}`;
  return ordered.value
    ? `the oldest of Servers ${names} wins, and which one that is is not known (no creation time)`
    : `Servers ${names} are about one port, and before Linkerd 2.18 any of them may win`;
}

function parsedServer(object: KubeObject): LinkerdServer {
  return derivedFrom(object, parseServer);
}

function parseServer(object: KubeObject): LinkerdServer {
  const { spec, metadata } = object;
  const selector = at(spec, 'podSelector');
  const protocol = asText(at(spec, 'proxyProtocol'));
  const created = metadata.creationTimestamp === undefined ? Number.NaN : Date.parse(metadata.creationTimestamp);
  return {
    ref: refOf(object),
    object,
    name: metadata.name,
    podSelector: selector === undefined ? undefined : parseLabelSelector(selector),
    port: at(spec, 'port'),
    protocol: PROXY_PROTOCOLS.find((known) => known === protocol) ?? 'unknown',
    accessPolicy: parseAccessPolicy(asText(at(spec, 'accessPolicy')) ?? 'deny'),
    createdAt: Number.isNaN(created) ? undefined : created,
    readable: whyServerRefused(withoutPolicy(object)) === undefined,
  };
}

/** The policy controller reads a Server with an access policy that it does not know, and leaves that out. */
function withoutPolicy(object: KubeObject): KubeObject {
  const fields = Object.entries(object.spec ?? {}).filter(([key]) => key !== 'accessPolicy');
  return { ...object, spec: Object.fromEntries(fields) };
}
