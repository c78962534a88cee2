import { asObjects, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type Kind, type KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { selectsLabels, servicesIn } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import type { ServerEnd } from '../mesh.ts';

/** A setting of a config entry, with the object that sets it. */
export interface EntrySetting {
  readonly value: string;
  readonly evidence: Evidence;
}

const SERVICE = 'consul.hashicorp.com/connect-service';

/** The names that a pod's service has in Consul: as annotated, else those of the Services that pick the pod. */
export function consulServices({ workload, cohort }: Omit<ServerEnd, 'port'>, world: World): Fact<readonly string[]> {
  const annotated = cohort.pod.annotations[SERVICE];
  if (annotated !== undefined) return known(annotated.split(',').map((name) => name.trim()));
  const { gap } = world.listIn(KIND.service, workload.namespace);
  if (gap !== undefined) return unknown(gap);
  const names = servicesIn(world, workload.namespace)
    .filter((service) => selectsLabels(service, cohort.pod.labels))
    .map(({ name }) => name);
  return names.length === 0 ? unknown('no Service picks the pod, so its name in Consul is not known') : known(names);
}

/**
 * A field of the entry of that name, or undefined where nothing sets it. Names are Consul's and do not end at a
 * namespace, so that two objects of one name are two opinions; one that Consul has not taken over is none.
 */
export function entrySetting(
  world: World,
  entry: { readonly kind: Kind; readonly name: string },
  field: string,
): Fact<EntrySetting | undefined> {
  const { objects, gap } = world.list(entry.kind);
  if (gap !== undefined) return unknown(gap);
  const named = objects.filter(({ metadata }) => metadata.name === entry.name);
  const [object, second] = named;
  if (object === undefined) return known(undefined);
  if (second !== undefined) return unknown(`several namespaces hold a ${object.kind} ${entry.name}`);
  if (!isSynced(object)) return unknown(`${object.kind} ${entry.name} is not synced to Consul`);
  const raw = at(object.spec, field);
  const value = typeof raw === 'boolean' ? String(raw) : asText(raw);
  if (value === undefined || value === '') return known(undefined);
  return known({
    value,
    evidence: { object: refOf(object), field: `spec.${field}`, value, rule: 'config entry of Consul' },
  });
}

/** Manifests have no status, and what stands in them is taken as what will be. */
export function isSynced(object: KubeObject): boolean {
  const synced = asObjects(at(object.status, 'conditions')).find((condition) => condition['type'] === 'Synced');
  return synced === undefined || synced['status'] === 'True';
}
