import { KIND } from '../kubernetes/kinds.ts';
import { groupOf } from '../kubernetes/object.ts';
import type { Kind } from '../kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asList, asObject, asObjects, asText, asTextMap, asTexts, at } from '../../lib/json.ts';
import { admitAnnotations } from './admit-metadata.ts';
import { injectorFlags } from './admit-injector-flags.ts';
import { isDropped, projectAuthorization, projectField, projectText } from './admit-field.ts';
import { projectStatus } from './admit-status.ts';
import { withoutUrlSecrets } from './admit-text.ts';
import { isMeshSetting } from './admit-variable.ts';

/** Groups whose objects some rule reads; objects of any other group keep only their identity and metadata. */
const READ_GROUPS =
  /^$|^(apps|batch|policy|autoscaling|flagger\.app|keda\.sh|argoproj\.io|cert-manager\.io|kyverno\.io|monitoring\.coreos\.com|serving\.knative\.dev|traefik\.io|projectcontour\.io|cilium\.io|crd\.projectcalico\.org|kuma\.io|getambassador\.io)$|(^|\.)(k8s\.io|x-k8s\.io|istio\.io|linkerd\.io|smi-spec\.io|consul\.hashicorp\.com|appmesh\.k8s\.aws|openservicemesh\.io|nsm\.nginx\.com|mesh\.cloud\.google\.com|application-networking\.k8s\.aws|(apps|config|route)\.openshift\.io|konghq\.com|sailoperator\.io)$/;

/** Of these core and Argo kinds only identity and metadata matter. */
const IDENTITY_ONLY = new Set<Kind>(['argoproj.io/Application', 'argoproj.io/ApplicationSet', 'argoproj.io/Workflow']);

/** ConfigMaps whose data is public: certificates that proxies trust. */
const PUBLIC_CONFIG_MAPS = /^(istio-ca-root-cert|linkerd-identity-trust-roots|kube-root-ca\.crt)$/;

/** Switches of Cilium that decide how it gets on with a mesh; nothing else of its configuration is kept. */
const CILIUM_SWITCHES = [
  'bpf-lb-sock',
  'bpf-lb-sock-hostns-only',
  'cni-exclusive',
  'enable-encryption-strict-mode',
  'enable-encryption-strict-mode-egress',
  'enable-encryption-strict-mode-ingress',
  'enable-envoy-config',
  'enable-gateway-api',
  'enable-ingress-controller',
  'enable-ipsec',
  'enable-l7-proxy',
  'enable-policy',
  'enable-wireguard',
  'enable-ztunnel',
  'encrypt-node',
  'kube-proxy-replacement',
  'mesh-auth-enabled',
  'mesh-auth-mutual-enabled',
  'policy-audit-mode',
] as const;
/** What a switch may say: a word, so that nothing else comes through under its name. */
const SWITCH_VALUE = /^(true|false|True|False|TRUE|FALSE|[01tfTF]|strict|partial|probe|disabled|default|always|never)$/;

/** Containers that belong to a mesh: their arguments and settings are facts about it, not about the application. */
const MESH_CONTAINER =
  /^(istio-(proxy|init|validation|cni)|enable-core-dump|ztunnel|install-cni|repair-cni|linkerd-(proxy|init|network-validator)|consul-(dataplane|connect-inject-init)|kuma-(sidecar|init))$/;
/** Container names that applications use too, so the image must be the mesh's. */
const SHARED_NAME = /^(discovery|proxy-injector|policy|destination|identity|envoy|envoy-sidecar)$/;
/** Of these the arguments say what they capture; of all others only the words that say what the proxy is. */
const CAPTURING = /^(istio-(init|validation)|linkerd-(init|network-validator))$/;
const PROXY_ROLES = new Set(['proxy', 'sidecar', 'router', 'waypoint', 'ztunnel']);
const MESH_IMAGE = /istio|linkerd|consul-dataplane|aws-appmesh-envoy/;

const BUILT_ELSEWHERE = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'status',
  'decoded',
  'origin',
  'stringData',
  'binaryData',
]);

/**
 * The fields of an object that rules need, beside identity and metadata: the same projection for every source, so
 * that a world from files, from a cluster and from a snapshot are one. Values of variables, arguments and commands
 * of applications, ConfigMap values and unknown objects' content do not pass.
 */
export function projectFields(kind: Kind, apiVersion: string, raw: JsonObject): Readonly<Record<string, unknown>> {
  if (IDENTITY_ONLY.has(kind) || !READ_GROUPS.test(groupOf(apiVersion))) return podTemplateAlone(raw);
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (BUILT_ELSEWHERE.has(key)) continue;
    if (key === 'data') addData(fields, kind, raw);
    else if (kind === KIND.authorizationPolicy) fields[key] = projectAuthorization(value);
    else fields[key] = projectValue(value, key);
  }
  if (kind === 'route.openshift.io/Route') fields['spec'] = withoutTlsKeys(fields['spec']);
  const status = projectStatus(raw['status']);
  return status === undefined ? fields : { ...fields, status };
}

/** Of kinds that no rule reads the pods that they make still call and are called. */
function podTemplateAlone(raw: JsonObject): Readonly<Record<string, unknown>> {
  const template = asObject(at(raw, 'spec', 'template'));
  if (asList(at(template, 'spec', 'containers')).length === 0) return {};
  return { spec: { template: projectValue(template, 'template') } };
}

function addData(fields: Record<string, unknown>, kind: Kind, raw: JsonObject): void {
  const name = asText(at(raw, 'metadata', 'name')) ?? '';
  if (kind !== KIND.configMap) return;
  if (PUBLIC_CONFIG_MAPS.test(name)) fields['data'] = raw['data'];
  if (name === 'cilium-config') {
    const kept = ciliumSwitches(raw['data']);
    if (kept.length > 0) fields['data'] = Object.fromEntries(kept);
  }
  if (name.endsWith('-server-config') && at(raw, 'metadata', 'labels', 'app') === 'consul') {
    fields['data'] = consulServerPolicy(raw['data']);
  }
}

/** Of the configuration of Consul's servers, which is JSON by file, what becomes of a call that no intention names. */
function consulServerPolicy(data: unknown): JsonObject {
  const text = Object.values(asTextMap(data)).join('\n');
  const said = (key: string): string | undefined =>
    new RegExp(`"?${key}"?\\s*[:=]\\s*"?(allow|deny)\\b`).exec(text)?.[1];
  return defined({
    default_policy: said('default_policy'),
    default_intention_policy: said('default_intention_policy'),
  });
}

function ciliumSwitches(data: unknown): readonly (readonly [string, string])[] {
  return CILIUM_SWITCHES.flatMap((key) => {
    const value = asText(at(data, key));
    return value !== undefined && SWITCH_VALUE.test(value) ? [[key, value] as const] : [];
  });
}

function withoutTlsKeys(spec: unknown): unknown {
  const { termination, insecureEdgeTerminationPolicy } = asObject(at(spec, 'tls')) ?? {};
  const route = asObject(spec);
  if (route?.['tls'] === undefined) return spec;
  return { ...route, tls: defined({ termination, insecureEdgeTerminationPolicy }) };
}

function projectValue(value: unknown, key: string): unknown {
  if (typeof value === 'string') return projectText(key, value);
  const whole = projectField(key, value);
  if (whole !== undefined) return whole.kept;
  if (Array.isArray(value)) return value.map((member) => projectValue(member, key));
  const object = asObject(value);
  if (object === undefined) return value === undefined ? null : value;
  if (key === 'configPatches') return projectMembers(object, (member) => member === 'patch');
  const mesh = isMeshContainer(asText(object['name']) ?? '', asText(object['image']));
  if (key === 'annotations') return admitAnnotations(object);
  if (key === 'metadata') return projectMembers(object, (member) => member === 'managedFields');
  const flags = injectorFlags(object);
  const members = projectMembers(
    object,
    (member) => isDropped(member, object) && !isMeshFact(member, object, mesh),
    mesh,
  );
  if (flags !== undefined) return { ...members, args: flags };
  return mesh && members['args'] !== undefined ? { ...members, args: meshArguments(object) } : members;
}

function isMeshContainer(name: string, image: string | undefined): boolean {
  if (image === undefined) return false;
  return MESH_CONTAINER.test(name) || (SHARED_NAME.test(name) && MESH_IMAGE.test(image));
}

/** Arguments count only as a list of texts: Linkerd's and Istio's own fields of that name are objects. */
function isMeshFact(member: string, object: JsonObject, mesh: boolean): boolean {
  return mesh && member === 'args' && asTexts(object[member]).length > 0;
}

/** Proxies take tokens among their arguments. */
function meshArguments(container: JsonObject): readonly string[] {
  const args = asTexts(container['args']).map(withoutUrlSecrets);
  return CAPTURING.test(asText(container['name']) ?? '') ? args : args.filter((word) => PROXY_ROLES.has(word));
}

function projectMembers(object: JsonObject, dropped: (key: string) => boolean, mesh = false): JsonObject {
  const members: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (dropped(key)) continue;
    members[key] =
      key === 'env' && Array.isArray(value)
        ? asObjects(value).map((one) => projectVariable(one, mesh))
        : projectValue(value, key);
  }
  return members;
}

function projectVariable(variable: JsonObject, mesh: boolean): JsonObject {
  const { name, value, valueFrom } = variable;
  const text = asText(name) ?? '';
  const keeps = mesh && isMeshSetting(text) && typeof value === 'string';
  return defined({ name: text, ...(keeps ? { value: withoutUrlSecrets(value) } : {}), valueFrom });
}

function defined(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
