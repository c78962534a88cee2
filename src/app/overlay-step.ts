import { KIND, WORKLOAD_KINDS } from '../domain/kubernetes/kinds.ts';
import { kindOf, type Kind, type KubeObject } from '../domain/kubernetes/object.ts';
import type { Basis } from '../domain/world/coverage.ts';
import type { ApplyStep, Manifest } from '../domain/world/step.ts';
import { at } from '../lib/json.ts';

const TEMPLATED: ReadonlySet<Kind> = new Set(WORKLOAD_KINDS);

/**
 * An overlay's object as what `kubectl apply` would send, with what text inside it says. A whole manifest takes with it
 * what it no longer holds, as an edited file does; of manifests labels and annotations too, while in a cluster others may
 * have set them. What is only part of an object is merged into it.
 * Source: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/.
 */
export function overlayStep(object: KubeObject, basis: Basis): ApplyStep {
  const { origin: _origin, status: _status, metadata, ...rest } = object;
  const { name, namespace, labels, annotations } = metadata;
  const manifest: Manifest = {
    ...rest,
    metadata: { name, labels, annotations, ...(namespace === undefined ? {} : { namespace }) },
  };
  if (!isWhole(object)) return { step: 'apply', manifest };
  return { step: 'apply', manifest, whole: basis === 'declared' ? 'object' : 'body' };
}

/** Whether the API server would take the manifest for a new object. */
function isWhole(object: KubeObject): boolean {
  const kind = kindOf(object);
  const { spec } = object;
  if (kind === KIND.service) return at(spec, 'selector') !== undefined || at(spec, 'type') === 'ExternalName';
  if (kind === KIND.pod) return at(spec, 'containers') !== undefined;
  if (!TEMPLATED.has(kind)) return true;
  const template = at(spec, 'jobTemplate', 'spec', 'template') ?? at(spec, 'template');
  return at(template, 'spec', 'containers') !== undefined;
}
