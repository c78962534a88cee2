import { asList, asObject, asText, at, type JsonObject } from '../../../src/lib/json.ts';
import type { ExternalStep, Step } from '../../../src/domain/world/step.ts';
import { bornPod, livePodsOf, templateOf } from './naive-pods.ts';
import {
  keyOf,
  keyOfRaw,
  nameOf,
  namespaceOf,
  withObject,
  withoutObject,
  type Raw,
  type RawCluster,
} from './raw-cluster.ts';

/** What a step leaves behind, and what is there while pods are being replaced. */
export interface Moments {
  readonly during: readonly RawCluster[];
  readonly after: RawCluster;
}

/**
 * Does what a step says to plain manifests: maps merge, null removes, lists with keys merge by them, all else is
 * replaced. Throws where a step names an object that is not there.
 */
export function dumbApply(cluster: RawCluster, step: Step): Moments {
  switch (step.step) {
    case 'apply': {
      const manifest = plain(step.manifest);
      const existing = cluster.objects.get(keyOfRaw(manifest));
      return settledIn(withObject(cluster, afterApply(existing, manifest, step.whole)));
    }
    case 'patch': {
      const existing = existingAt(cluster, step.target);
      return settledIn(withObject(cluster, merge(existing, plain(step.patch))));
    }
    case 'delete': {
      existingAt(cluster, step.target);
      return settledIn(withoutObject(cluster, keyOf(step.target.kind, step.target.namespace, step.target.name)));
    }
    case 'restart':
      return restarted(cluster, existingAt(cluster, step.workload));
    case 'external':
      return settledIn(installed(cluster, step));
  }
}

function installed(cluster: RawCluster, { expect, expectKinds, expectChanges = [] }: ExternalStep): RawCluster {
  const served = new Set([...cluster.served, ...expectKinds.map((kind) => kind.split('/')[0] ?? '')]);
  const made = expect
    .map(plain)
    .reduce<RawCluster>((all, raw) => withObject(all, merge(all.objects.get(keyOfRaw(raw)) ?? {}, raw)), {
      ...cluster,
      served,
    });
  return expectChanges.reduce<RawCluster>(
    (all, { target, fields }) => withObject(all, merge(existingAt(all, target), plain(fields))),
    made,
  );
}

function settledIn(after: RawCluster): Moments {
  return { during: [], after };
}

function plain(value: unknown): Raw {
  const { origin: _origin, ...raw } = JSON.parse(JSON.stringify(value)) as JsonObject;
  return raw;
}

interface Ref {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

function existingAt(cluster: RawCluster, { kind, namespace, name }: Ref): Raw {
  const existing = cluster.objects.get(keyOf(kind, namespace, name));
  if (existing === undefined) throw new Error(`a step names ${kind} ${namespace ?? ''}/${name}, which is not there`);
  return existing;
}

function afterApply(existing: Raw | undefined, manifest: Raw, whole: 'object' | 'body' | undefined): Raw {
  if (existing === undefined || whole === 'object') return manifest;
  if (whole === undefined) return merge(existing, manifest);
  return { ...manifest, metadata: merge(asObject(existing['metadata']) ?? {}, asObject(manifest['metadata']) ?? {}) };
}

const KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  webhooks: 'name',
};

function merge(current: JsonObject, change: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...current };
  for (const [field, value] of Object.entries(change)) {
    const map = asObject(value);
    if (value === null) Reflect.deleteProperty(merged, field);
    else if (map !== undefined) merged[field] = merge(asObject(merged[field]) ?? {}, map);
    else if (Array.isArray(value)) merged[field] = mergeList(field, asList(merged[field]), asList(value));
    else merged[field] = value;
  }
  return merged;
}

function mergeList(field: string, current: readonly unknown[], change: readonly unknown[]): readonly unknown[] {
  const key = KEYS[field] ?? (field === 'ports' ? portKey(change) : undefined);
  if (key === undefined) return change;
  const merged = [...current];
  for (const one of change) {
    const at_ = merged.findIndex((other) => at(other, key) === at(one, key));
    if (at_ < 0) merged.push(one);
    else merged[at_] = merge(asObject(merged[at_]) ?? {}, asObject(one) ?? {});
  }
  return merged;
}

/** Ports of Services and containers merge by number; those of policies have none of the two and are replaced. */
function portKey(ports: readonly unknown[]): string | undefined {
  if (ports.length > 0 && ports.every((one) => asObject(one) !== undefined && at(one, 'containerPort') !== undefined)) {
    return 'containerPort';
  }
  const isService =
    ports.length > 0 && ports.every((one) => at(one, 'port') !== undefined && at(one, 'operation') === undefined);
  return isService ? 'port' : undefined;
}

/** While it lasts the old pods and the new ones are there together; a CronJob has no pod to replace. */
function restarted(cluster: RawCluster, controller: Raw): Moments {
  const old = livePodsOf(cluster, controller);
  if (controller['kind'] === 'CronJob') return settledIn(cluster);
  const both = withPods(cluster, controller);
  const stale = [...old.map(keyOfRaw), ...old.flatMap((pod) => replicaSetOf(pod))];
  return { during: [both], after: stale.reduce(withoutObject, both) };
}

function replicaSetOf(pod: Raw): readonly string[] {
  const owner = asList(at(pod, 'metadata', 'ownerReferences'))[0];
  if (at(owner, 'kind') !== 'ReplicaSet') return [];
  return [keyOf('apps/ReplicaSet', namespaceOf(pod), asText(at(owner, 'name')) ?? '')];
}

/** The cluster with one more pod of the controller, as its template and the webhooks make it now. */
export function withPods(cluster: RawCluster, controller: Raw): RawCluster {
  const [namespace, name] = [namespaceOf(controller) ?? '', nameOf(controller)];
  const set = `${name}-${String(cluster.clock)}`;
  const born = bornPod(cluster, namespace, templateOf(controller));
  const isDeployment = controller['kind'] === 'Deployment';
  const owner = { apiVersion: 'apps/v1', kind: controller['kind'], name, controller: true };
  const ofSet = { ...owner, kind: 'ReplicaSet', name: set };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    ...born,
    metadata: {
      ...asObject(born['metadata']),
      name: `${set}-0`,
      namespace,
      ownerReferences: [isDeployment ? ofSet : owner],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const withPod = withObject(cluster, pod);
  if (!isDeployment) return withPod;
  const template = templateOf(controller);
  return withObject(withPod, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: set, namespace, ownerReferences: [owner] },
    spec: { replicas: 2, template },
  });
}
