import fc from 'fast-check';
import { kindOf, type KubeObject } from '../../src/domain/kubernetes/object.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { asObject, at } from '../../src/lib/json.ts';
import { ambientMesh, waypoint } from '../cases-runner/case-world.ts';
import { objectsOf } from './generated-world.ts';
import { NAMESPACES, worldFacts, type WorldFacts } from './world-facts.ts';

/** A generated world, part of which stands behind ztunnel. */
export interface AmbientFacts {
  readonly base: WorldFacts;
  readonly ambient: Readonly<Record<string, boolean>>;
  /** Whether sidecars were injected so that they take HBONE. */
  readonly tunnels: boolean;
  /** What waypoints of each namespace take, for Services of names that are listed. */
  readonly waypointFor: 'service' | 'all';
  readonly withWaypoint: readonly string[];
}

/** Worlds of sidecars, ambient pods and pods without proxy, with waypoints before some Services. */
export const ambientFacts: fc.Arbitrary<AmbientFacts> = fc.record({
  base: worldFacts,
  ambient: fc.record({ red: fc.boolean(), blue: fc.boolean() }),
  tunnels: fc.boolean(),
  waypointFor: fc.constantFrom('service' as const, 'all' as const),
  withWaypoint: fc.subarray(['web', 'api', 'one', 'two', 'a', 'b']),
});

/** The Kubernetes objects that the facts stand for. */
export function ambientObjects(facts: AmbientFacts): readonly KubeObject[] {
  const names = [...new Set(facts.base.workloads.map(({ name }) => name))];
  const chosen = names.filter((_, index) => facts.withWaypoint.length > index * 2);
  const base = objectsOf(facts.base).filter((one) => !isOfControlPlane(one));
  const mesh = ambientMesh({ mesh: meshOf(facts) });
  const waypoints = NAMESPACES.flatMap((space) =>
    waypoint(space, 'way', { 'istio.io/waypoint-for': facts.waypointFor }),
  );
  return [...mesh, ...waypoints, ...base.map((one) => inAmbient(one, facts, chosen))];
}

function meshOf({ base, tunnels }: AmbientFacts) {
  const proxyMetadata = tunnels ? { ISTIO_META_ENABLE_HBONE: 'true' } : {};
  return { enableAutoMtls: base.autoMtls, defaultConfig: { proxyMetadata } };
}

function isOfControlPlane(object: KubeObject): boolean {
  return object.metadata.namespace === 'istio-system' && ['ConfigMap', 'Deployment'].includes(object.kind);
}

function inAmbient(object: KubeObject, facts: AmbientFacts, chosen: readonly string[]): KubeObject {
  const { metadata } = object;
  const isAmbient = facts.ambient[metadata.namespace ?? metadata.name] === true;
  switch (kindOf(object)) {
    case KIND.namespace:
      return isAmbient ? labelled(object, { 'istio.io/dataplane-mode': 'ambient' }) : object;
    case KIND.service:
      return chosen.includes(metadata.name) ? labelled(object, { 'istio.io/use-waypoint': 'way' }) : object;
    case KIND.pod: {
      const isProxied = metadata.annotations['sidecar.istio.io/status'] !== undefined;
      if (isProxied) return facts.tunnels ? labelled(object, { 'networking.istio.io/tunnel': 'http' }) : object;
      if (!isAmbient || asObject(at(object, 'spec')) === undefined) return object;
      const annotations = { ...metadata.annotations, 'ambient.istio.io/redirection': 'enabled' };
      return { ...object, metadata: { ...metadata, annotations } };
    }
    default:
      return object;
  }
}

function labelled(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}
