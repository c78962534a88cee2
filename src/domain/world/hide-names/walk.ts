import { asObject, asText } from '../../../lib/json.ts';
import { isMeshSetting } from '../admit-variable.ts';
import { ATTRIBUTE, KEPT_DOMAINS, KEPT_KEYS, KEPT_VALUE_KEYS } from './kept-words.ts';

/** What a text inside an object is: it names something, it may hold names, it is the name of a port, or none of these. */
export type TextRole = 'name' | 'text' | 'port' | 'fixed';

/** Is given every text with its role and gives what is to stand in its place; the keys of label maps are such texts. */
export type Visit = (text: string, role: TextRole) => string;

/** Fields that name objects, hosts or accounts. */
const NAMING =
  /^(name|namespace|namespaces|notNamespaces|excludeNamespaces|example|generateName|host|hosts|hostname|hostnames|subdomain|address|addresses|externalName|serviceAccount|serviceAccountName|serviceAccounts|notServiceAccounts|principals?|notPrincipals|requestPrincipals|notRequestPrincipals|hub|serviceName|secretName|claimName|credentialName|credentialNames|cluster|clusterName|clusterID|network|meshID|trustDomain|trustDomainAliases|identityTrustDomain|clusterDomain|rootNamespace|istioNamespace|issuer|jwksUri|audiences|server|servers|endpoint|endpoints|url|nodeName|providerID|ingressClassName|gatewayClassName|gateways|exportTo|sniHosts|subset|paths|notPaths|prefix|exact|identities|client|clientNamespace|clientIdentity|serverNamespace|service|serviceNamespace|group|groups|managers|discoveryAddress|ingressService|file|values|path|uri)$/;
/** Fields of a vocabulary of their own, and what holds no names. */
const FIXED =
  /^(kind|clientKind|serverKind|wire|method|window|firstSeen|lastSeen|uid|creationTimestamp|startTime|completionTime|lastTransitionTime|lastScheduleTime|lastSuccessfulTime|notAfter|notBefore|renewalTime|type|protocol|mode|action|phase|reason|operator|effect|scheme|verbs?|scope|schedule|resources|requests|limits|capacity|allocatable|hard|used|nodeInfo|caBundle|imagePullPolicy|restartPolicy|dnsPolicy|appProtocol|proxyProtocol|podManagementPolicy|failurePolicy|sideEffects|matchPolicy|reinvocationPolicy|storedVersions|fieldPath)$/;
/** Lists whose members' names are of a vocabulary, or follow from others. */
const UNNAMING_LISTS = new Set(['env', 'conditions', 'versions', 'capabilities']);
const PORT_LISTS = new Set(['ports', 'listeners']);
const PORT_FIELD = /^(port|ports|targetPort|portName|sectionName)$/;
/** Maps whose keys people choose. */
const LABEL_MAPS = new Set(['labels', 'annotations', 'matchLabels', 'selector', 'nodeSelector', 'podSelector']);
const NAMING_VARIABLE = /^(CLUSTER_ID|TRUST_DOMAIN|ISTIO_META_(CLUSTER_ID|MESH_ID|NETWORK|WORKLOAD_NAME|OWNER))$/;
/** An enumeration as Kubernetes and Istio write it: `ClusterIP`, `ISTIO_MUTUAL`. */
const ENUMERATION = /^[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$|^[A-Z][A-Z0-9_]*$/;
const HOST =
  /^(https?:\/\/)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z]{2,}\.?(:\d+)?(\/.*)?$/;

/** The value with every text in it as the visitor says. `field` is the name under which the value stands. */
export function visitTexts(value: unknown, visit: Visit, field = ''): unknown {
  return walk(value, { visit, field, list: '' });
}

interface Place {
  readonly visit: Visit;
  readonly field: string;
  /** The field of the list that the value is a member of. */
  readonly list: string;
}

function walk(value: unknown, place: Place): unknown {
  const { visit, field } = place;
  if (FIXED.test(field)) return value;
  if (typeof value === 'string') return visitText(value, place);
  if (Array.isArray(value)) return value.map((member: unknown) => walk(member, { ...place, list: field }));
  const object = asObject(value);
  if (object === undefined) return value;
  if (LABEL_MAPS.has(field) && Object.values(object).every((member) => typeof member === 'string')) {
    return visitLabels(object, visit, field === 'annotations');
  }
  const keepsValues = KEPT_VALUE_KEYS.test(asText(object['key']) ?? '');
  const isVariable = NAMING_VARIABLE.test(asText(object['name']) ?? '') && place.list === 'env';
  const members = Object.entries(object).map(([key, member]) => {
    if (keepsValues && (key === 'values' || key === 'notValues')) return [key, member];
    if (isVariable && key === 'value' && typeof member === 'string') return [key, visit(member, 'name')];
    if (key === 'key' && typeof member === 'string') return [key, visitKey(member, visit)];
    if (key === 'apiVersion') return [key, typeof member === 'string' ? visit(member, 'name') : member];
    return [key, walk(member, { visit, field: key, list: place.list })];
  });
  return Object.fromEntries(members) as unknown;
}

function visitText(text: string, place: Place): string {
  const { visit, field } = place;
  if (field === 'image') return visitImage(text, visit);
  if (field === 'args' || field === 'command') return visitArgument(text, visit);
  return visit(text, roleOf(text, place));
}

function roleOf(text: string, { field, list }: Place): TextRole {
  if ((field === 'name' || field === 'source') && isMeshSetting(text)) return 'fixed';
  if (PORT_FIELD.test(field) || (field === 'name' && PORT_LISTS.has(list))) return 'port';
  if (field === 'name' && UNNAMING_LISTS.has(list)) return 'text';
  if (NAMING.test(field)) return 'name';
  if (field === 'source') return 'text';
  return ENUMERATION.test(text) ? 'fixed' : 'text';
}

function visitLabels(map: Readonly<Record<string, unknown>>, visit: Visit, isAnnotations: boolean): unknown {
  const entries = Object.entries(map).map(([key, value]) => {
    const text = asText(value) ?? '';
    const renamed = visitKey(key, visit);
    if (KEPT_VALUE_KEYS.test(key)) return [renamed, text];
    if (isAnnotations && /ports?$/i.test(key)) return [renamed, visitEach(text, visit)];
    const isName = !isAnnotations || HOST.test(text);
    return [renamed, visit(text, isName ? 'name' : 'text')];
  });
  return Object.fromEntries(entries) as unknown;
}

/** Ports by number or name, as annotations list them. */
function visitEach(list: string, visit: Visit): string {
  return list
    .split(',')
    .map((port) => visit(port, 'port'))
    .join(',');
}

/** Of an option only its value may name something. */
function visitArgument(argument: string, visit: Visit): string {
  const equals = argument.indexOf('=') + 1;
  if (!argument.startsWith('-')) return visit(argument, 'text');
  return equals === 0 ? argument : argument.slice(0, equals) + visit(argument.slice(equals), 'text');
}

/** A label's key: of a domain that stays, all of it stays; or an attribute of requests, of which its own key may change. */
function visitKey(key: string, visit: Visit): string {
  const slash = key.lastIndexOf('/');
  const attribute = ATTRIBUTE.exec(key)?.[0];
  if (attribute !== undefined) return attribute + visit(key.slice(attribute.length), 'text');
  if (slash > 0 ? KEPT_DOMAINS.test(key.slice(0, slash)) : KEPT_KEYS.test(key)) return key;
  return (slash < 0 ? '' : visit(key.slice(0, slash + 1), 'name')) + visit(key.slice(slash + 1), 'text');
}

/** Registry and path name somebody; of the image itself only what also names something else is replaced. */
function visitImage(image: string, visit: Visit): string {
  const slash = image.lastIndexOf('/') + 1;
  return (slash === 0 ? '' : visit(image.slice(0, slash), 'name')) + visit(image.slice(slash), 'text');
}
