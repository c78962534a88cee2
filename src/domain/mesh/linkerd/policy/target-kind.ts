import { kindOf, type KubeObject } from '../../../kubernetes/object.ts';
import { asText, type JsonObject } from '../../../../lib/json.ts';

/**
 * Whether a reference means a kind (`policy.linkerd.io/Server`, `Namespace`). Letter case does not count; a group that
 * is missing or empty is the core group, as is `core`.
 * Source: linkerd2 policy-controller/k8s/api/src/policy.rs#targets_kind.
 */
export function targetsKind(ref: JsonObject, kind: string): boolean {
  const slash = kind.lastIndexOf('/');
  const group = asText(ref['group']) ?? '';
  const meant = slash < 0 ? 'core' : kind.slice(0, slash);
  const isGroup = (group === '' ? 'core' : group).toLowerCase() === meant.toLowerCase();
  return isGroup && (asText(ref['kind']) ?? '').toLowerCase() === kind.slice(slash + 1).toLowerCase();
}

/** Whether a reference names the object; the name counts as it is written. */
export function targetsObject(ref: JsonObject, object: KubeObject): boolean {
  return targetsKind(ref, kindOf(object)) && asText(ref['name']) === object.metadata.name;
}

/** The kind of a reference with its group, for messages. */
export function kindOfRef(ref: JsonObject): string {
  const [group, kind] = [asText(ref['group']) ?? '', asText(ref['kind']) ?? ''];
  return group === '' ? kind : `${group}/${kind}`;
}
