import { groupOf } from '../../domain/kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asList, asObject, asText, at } from '../../lib/json.ts';

const WITH_SELECTOR = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

/** Why an object that parsed is an unrendered template all the same, or undefined: its name or namespace is one. */
export function templateReason(object: JsonObject): string | undefined {
  const names = [at(object, 'metadata', 'name'), at(object, 'metadata', 'namespace'), object['kind']];
  return names.some((name) => asText(name)?.includes('{{') === true)
    ? 'an unrendered template: render it and give the result'
    : undefined;
}

/**
 * Why an object is only part of one, as a kustomize patch is, or undefined: the API server would not create it
 * without the fields that it lacks.
 */
export function patchReason(kind: string, apiVersion: string, object: JsonObject): string | undefined {
  if (object['$patch'] !== undefined) return `a patch of ${describe(kind, object)}`;
  const missing = missingField(kind, groupOf(apiVersion), object);
  return missing === undefined ? undefined : `a patch of ${describe(kind, object)}: it has no ${missing}`;
}

function missingField(kind: string, group: string, object: JsonObject): string | undefined {
  if (group === 'apps' && WITH_SELECTOR.has(kind)) {
    if (at(object, 'spec', 'selector') === undefined) return 'spec.selector';
    return hasContainers(at(object, 'spec', 'template')) ? undefined : 'spec.template.spec.containers';
  }
  if (group === 'batch' && kind === 'Job') {
    return hasContainers(at(object, 'spec', 'template')) ? undefined : 'spec.template.spec.containers';
  }
  if (group === 'batch' && kind === 'CronJob') {
    return hasContainers(at(object, 'spec', 'jobTemplate', 'spec', 'template')) ? undefined : 'spec.jobTemplate';
  }
  if (group === '' && kind === 'Pod') return hasContainers(object) ? undefined : 'spec.containers';
  if (group === '' && kind === 'Service') return asObject(object['spec']) === undefined ? 'spec' : undefined;
  return undefined;
}

function hasContainers(podOrTemplate: unknown): boolean {
  return asList(at(podOrTemplate, 'spec', 'containers')).length > 0;
}

function describe(kind: string, object: JsonObject): string {
  return `${kind} ${asText(at(object, 'metadata', 'name')) ?? 'without a name'}`;
}
