import type { ObjectMeta, OwnerReference } from '../kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asBoolean, asNumber, asObject, asObjects, asText, asTexts } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import { settingNames, withoutQuery, withoutUrlSecrets } from './admit-text.ts';

/** Checked metadata, and what had to be left out of it. */
export interface AdmittedMeta {
  readonly meta: ObjectMeta;
  readonly warnings: readonly string[];
}

const PROXY_CONFIG = 'proxy.istio.io/config';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whose annotations rules read; the values of all others stay outside, because people keep tokens there. */
const READ_ANNOTATIONS =
  /(^|\.)(istio\.io|linkerd\.io|kubernetes\.io|k8s\.io|x-k8s\.io|prometheus\.io|hashicorp\.com|amazonaws\.com|gke\.io|google\.com|azure\.com|azure\.workload\.identity|cilium\.io|kuma\.io|openservicemesh\.io|helm\.sh|argoproj\.io|fluxcd\.io|flagger\.app|traefik\.io|konghq\.com|getambassador\.io|projectcontour\.io|nginx\.org|nginx\.com|k8s\.aws|openshift\.io|cert-manager\.io|knative\.dev|keda\.sh|spiffe\.io|karpenter\.sh|rancher\.io|cattle\.io|meshwise\.dev)\//;
/** Texts of any content, such as configuration, templates and command lines, and what is secret by its name. */
const SECRET_ANNOTATION =
  /snippet|additional-env$|password|passwd|token|credential|api-?key|headers?$|^getambassador\.io\/config$|^kubernetes\.io\/change-cause$|^vault\.hashicorp\.com\/.*(template|command)|uservolume|bootstrapoverride|extra-args$|service-meta|env-?vars$|sidecarenv$/i;
const MANAGER = /[^A-Za-z0-9._/-]+/g;
const LONGEST_MANAGER = 128;

/**
 * The metadata of an object whose name was checked. Only labels and annotations that are text are kept; of managed
 * fields only who manages; of annotations that no rule reads only that they are there.
 */
export function admitMetadata(raw: JsonObject, name: string): AdmittedMeta {
  const labels = textMap(raw['labels'], 'label');
  const annotations = textMap(raw['annotations'], 'annotation');
  const optional = {
    namespace: textOrNothing(raw['namespace']),
    uid: textOrNothing(raw['uid']),
    creationTimestamp: textOrNothing(raw['creationTimestamp']),
    generation: asNumber(raw['generation']),
    managers: managersOf(raw),
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  const meta: ObjectMeta = {
    name,
    ...(Object.fromEntries(given) as Partial<ObjectMeta>),
    labels: labels.kept,
    annotations: withoutSecrets(annotations.kept),
    ownerReferences: asObjects(raw['ownerReferences']).flatMap(ownerReference),
  };
  return { meta, warnings: [...labels.warnings, ...annotations.warnings] };
}

function textOrNothing(value: unknown): string | undefined {
  const text = asText(value);
  return text === '' ? undefined : text;
}

function textMap(value: unknown, what: string): { kept: Record<string, string>; warnings: string[] } {
  const kept: Record<string, string> = {};
  const warnings: string[] = [];
  for (const [key, entry] of Object.entries(asObject(value) ?? {})) {
    if (typeof entry === 'string') kept[key] = entry;
    else warnings.push(`${what} ${key} is no text, so it is left out; the API server would refuse the object`);
  }
  return { kept, warnings };
}

function withoutSecrets(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(annotations)
    .filter(([key]) => key !== LAST_APPLIED)
    .map(
      ([key, value]) =>
        [key, READ_ANNOTATIONS.test(key) && !SECRET_ANNOTATION.test(key) ? plainValue(key, value) : ''] as const,
    );
  return Object.fromEntries(entries);
}

function plainValue(key: string, value: string): string {
  if (key === PROXY_CONFIG) return settingNames(value);
  return value.startsWith('/') ? withoutQuery(value) : withoutUrlSecrets(value);
}

/** The annotations of a pod template by the same rule as those of an object. */
export function admitAnnotations(value: unknown): Readonly<Record<string, string>> {
  return withoutSecrets(textMap(value, 'annotation').kept);
}

function managersOf(raw: JsonObject): readonly string[] | undefined {
  const managers = [
    ...asObjects(raw['managedFields']).map((entry) => asText(entry['manager'])),
    ...asTexts(raw['managers']),
  ].filter((manager) => manager !== undefined);
  const names = managers.map((manager) => manager.replaceAll(MANAGER, '-').slice(0, LONGEST_MANAGER));
  return names.length === 0 ? undefined : sortedUnique(names);
}

function ownerReference(raw: JsonObject): OwnerReference[] {
  const [apiVersion, kind, name] = [asText(raw['apiVersion']), asText(raw['kind']), asText(raw['name'])];
  if (apiVersion === undefined || kind === undefined || name === undefined) return [];
  return [{ apiVersion, kind, name, controller: asBoolean(raw['controller']) ?? false }];
}
