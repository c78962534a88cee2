import { setTimeout as sleep } from 'node:timers/promises';
import { asObject, asObjects, asText, at, type JsonObject } from '../../../src/lib/json.ts';
import { pathOf, type Kube, type KubeResource } from './kube.ts';
import { crdWithoutSchema } from './crds.ts';

/** What a loaded object is called: `kind namespace/name`. */
type Uids = Map<string, string>;

/** Kinds that would refuse or change what is loaded after them. */
const LAST = [
  'ResourceQuota',
  'LimitRange',
  'PodDisruptionBudget',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
];
const FIRST = ['Namespace', 'ServiceAccount', 'PriorityClass', 'Node'];
/** The API server makes it by itself. */
const SERVERS_OWN = 'Service default/kubernetes';
const AT_ONCE = 8;

/** Waits until the CRDs that were applied are served. */
export async function installCrds(kube: Kube, crds: readonly JsonObject[]): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const names = crds.map(nameOf);
  await inParallel(crds, (crd) => kube.apply(`${path}/${nameOf(crd)}`, withoutStatus(crd)));
  await until(async () => {
    const list = asObjects((await kube.get(path))['items']);
    const established = list.filter((crd) =>
      asObjects(at(crd, 'status', 'conditions')).some(
        ({ type, status }) => type === 'Established' && status === 'True',
      ),
    );
    return names.every((name) => established.some((crd) => nameOf(crd) === name));
  }, 'the CRDs are not served');
}

/**
 * Creates the objects of a world with their status, as its controllers would have: owners before what they own, with
 * the owners' new UIDs; what enforces something last. There are no controllers that would change any of it.
 */
export async function loadWorld(kube: Kube, world: readonly JsonObject[]): Promise<void> {
  const objects = world.flatMap(asItems);
  const served = new Set((await kube.resources()).map(({ plural, apiVersion }) => `${plural}.${groupOf(apiVersion)}`));
  const crds = objects
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .filter((crd) => !served.has(nameOf(crd)));
  if (crds.length > 0) await installCrds(kube, crds.map(bareCrd));
  const rest = objects.filter(({ kind }) => kind !== 'CustomResourceDefinition');
  const resources = await resourcesFor(kube, [...rest, { apiVersion: 'v1', kind: 'ServiceAccount' }]);
  const load = { kube, resources, uids: new Map<string, string>() };
  const namespaces = rest.filter(({ kind }) => kind === 'Namespace');
  await loadAll(load, namespaces.map(bareNamespace));
  await loadAll(load, namespaces.map(defaultServiceAccount));
  const middle = rest
    .filter(({ kind }) => !FIRST.includes(String(kind)) && !LAST.includes(String(kind)))
    .filter((object) => keyOf(object) !== SERVERS_OWN);
  for (const kind of FIRST.slice(1))
    await loadAll(
      load,
      rest.filter((object) => object['kind'] === kind),
    );
  await loadOwned(load, middle);
  await loadAll(load, namespaces);
  for (const kind of LAST)
    await loadAll(
      load,
      rest.filter((object) => object['kind'] === kind),
    );
}

interface Load {
  readonly kube: Kube;
  readonly resources: ReadonlyMap<string, KubeResource>;
  readonly uids: Uids;
}

/** Loads what has no owner among the rest, again and again until nothing is left. */
async function loadOwned(load: Load, objects: readonly JsonObject[]): Promise<void> {
  let left = objects;
  while (left.length > 0) {
    const waiting = new Set(left.map(keyOf));
    const ready = left.filter((object) => !ownersOf(object).some((owner) => waiting.has(ownerKey(object, owner))));
    if (ready.length === 0) throw new Error(`objects own each other: ${[...waiting].join(', ')}`);
    await loadAll(load, ready);
    left = left.filter((object) => !ready.includes(object));
  }
}

function loadAll(load: Load, objects: readonly JsonObject[]): Promise<void> {
  return inParallel(objects, (object) => loadOne(load, object));
}

async function loadOne({ kube, resources, uids }: Load, object: JsonObject): Promise<void> {
  const resource = resources.get(`${String(object['apiVersion'])} ${String(object['kind'])}`);
  if (resource === undefined)
    throw new Error(`${keyOf(object)}: the server does not serve ${String(object['apiVersion'])}`);
  const path = pathOf(resource, asText(at(object, 'metadata', 'namespace')), nameOf(object));
  const metadata = writableMetadata(object, uids);
  const applied = await kube.apply(path, { ...withoutStatus(withoutUids(object)), metadata });
  uids.set(keyOf(object), asText(at(applied, 'metadata', 'uid')) ?? '');
  const { apiVersion, kind, status } = object;
  if (asObject(status) === undefined || kind === 'Namespace') return;
  const { name, namespace } = metadata;
  const identity = { name, ...(namespace === undefined ? {} : { namespace }) };
  await kube.apply(`${path}/status`, { apiVersion, kind, metadata: identity, status });
}

/** What a client may set; owners get the UIDs that the server gave them, and owners that are not there are left out. */
function writableMetadata(object: JsonObject, uids: Uids): JsonObject {
  const { name, namespace, labels, annotations } = asObject(object['metadata']) ?? {};
  const ownerReferences = ownersOf(object).flatMap((owner) => {
    const uid = uids.get(ownerKey(object, owner));
    return uid === undefined ? [] : { ...owner, uid };
  });
  return {
    ...{ name, labels, annotations },
    ...(namespace === undefined ? {} : { namespace }),
    ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
  };
}

async function resourcesFor(kube: Kube, objects: readonly JsonObject[]): Promise<ReadonlyMap<string, KubeResource>> {
  const served = await kube.resources();
  const kinds = new Map<string, KubeResource>();
  for (const { apiVersion, kind } of objects) {
    const found = served.find(
      (entry) => entry.kind === kind && groupOf(entry.apiVersion) === groupOf(String(apiVersion)),
    );
    if (found !== undefined)
      kinds.set(`${String(apiVersion)} ${String(kind)}`, { ...found, apiVersion: String(apiVersion) });
  }
  return kinds;
}

/** A world's own CRD tells its names; what such CRDs lack of a schema, a server asks for. */
function bareCrd(crd: JsonObject): JsonObject {
  const { group, scope, names, versions } = asObject(crd['spec']) ?? {};
  const stored = asObjects(versions).map((version) => asText(version['name']) ?? 'v1');
  return crdWithoutSchema({
    plural: asText(at(names, 'plural')) ?? '',
    kind: asText(at(names, 'kind')) ?? '',
    group: asText(group) ?? '',
    scope: asText(scope) ?? 'Namespaced',
    versions: stored,
  });
}

/** Without labels: Pod Security would refuse pods whose fields that decide nothing were left out. */
function bareNamespace(namespace: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameOf(namespace) } };
}

/** The one that a controller makes in each namespace. */
function defaultServiceAccount(namespace: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: nameOf(namespace) } };
}

/** The items of a list with kind and apiVersion, or the object itself. */
export function asItems(object: JsonObject): readonly JsonObject[] {
  const kind = asText(object['kind']) ?? '';
  if (!kind.endsWith('List') || !Array.isArray(object['items'])) return [object];
  return asObjects(object['items']).map((item) => ({
    apiVersion: object['apiVersion'],
    kind: kind.slice(0, -'List'.length),
    ...item,
  }));
}

function withoutStatus(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => field !== 'status'));
}

/** A Job's selector and its pods' labels name its UID; the server makes them for the new one. */
function withoutUids(object: JsonObject): JsonObject {
  if (object['kind'] !== 'Job') return object;
  const spec = asObject(object['spec']) ?? {};
  const labels = Object.entries(asObject(at(spec, 'template', 'metadata', 'labels')) ?? {});
  const own = Object.fromEntries(labels.filter(([label]) => !label.endsWith('controller-uid')));
  const template = { ...asObject(spec['template']), metadata: { labels: own } };
  return { ...object, spec: { ...spec, template, selector: undefined } };
}

function ownersOf(object: JsonObject): readonly JsonObject[] {
  return asObjects(at(object, 'metadata', 'ownerReferences'));
}

function ownerKey(owned: JsonObject, owner: JsonObject): string {
  return `${String(owner['kind'])} ${asText(at(owned, 'metadata', 'namespace')) ?? ''}/${String(owner['name'])}`;
}

function keyOf(object: JsonObject): string {
  return `${String(object['kind'])} ${asText(at(object, 'metadata', 'namespace')) ?? ''}/${nameOf(object)}`;
}

function nameOf(object: JsonObject): string {
  return asText(at(object, 'metadata', 'name')) ?? '';
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** Does it for every value, some at once. */
export async function inParallel<T>(values: readonly T[], work: (value: T) => Promise<unknown>): Promise<void> {
  const queue = [...values];
  async function worker(): Promise<void> {
    for (let value = queue.shift(); value !== undefined; value = queue.shift()) await work(value);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Asks again and again, for a minute or as long as is said. */
export async function until(holds: () => Promise<boolean>, otherwise: string, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await sleep(200);
  }
}
