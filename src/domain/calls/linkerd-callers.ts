import { asObject, asObjects, asText, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { matchesIdentity, parseIdentityMatch } from '../mesh/linkerd/policy/identities.ts';
import { targetsKind } from '../mesh/linkerd/policy/target-kind.ts';
import type { World } from '../world/world.ts';
import { accountsIn, accountsOf, holdersOfAll } from './account-classes.ts';
import type { AdmittedClass } from './admitted-calls.ts';
import { accountOf, holdersOf, type IdentityAccount } from './identity-holders.ts';

/** Whom a policy of Linkerd admits, and why there may be more. */
export interface LinkerdCallers {
  readonly classes: readonly AdmittedClass[];
  readonly reasons: readonly string[];
}

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);
const ANYBODY: LinkerdCallers = { classes: [], reasons: ['it admits anybody, which tells of no caller'] };
const ANY_IDENTITY = 'it admits anybody with an identity of the mesh, which tells of no caller';

/**
 * The callers that an AuthorizationPolicy requires to be: accounts, where it asks for any, else networks.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/index.rs#policy_client_authz.
 */
export function ofAuthentications(world: World, policy: KubeObject): LinkerdCallers {
  const home = policy.metadata.namespace ?? '';
  const refs = asObjects(at(policy.spec, 'requiredAuthenticationRefs'));
  const account = refs.find((ref) => targetsKind(ref, KIND.serviceAccount));
  if (account !== undefined) return { classes: [ofAccount(world, account, home)], reasons: [] };
  const tls = refs.find((ref) => targetsKind(ref, KIND.meshTlsAuthentication));
  if (tls !== undefined) return ofMeshTls(world, tls, home);
  const network = refs.find((ref) => targetsKind(ref, KIND.networkAuthentication));
  if (network === undefined) return ANYBODY;
  const found = find(world, network, { kind: KIND.networkAuthentication, home });
  return 'reason' in found ? { classes: [], reasons: [found.reason] } : ofNetworks(at(found.object.spec, 'networks'));
}

/** The callers that a ServerAuthorization names as its client. */
export function ofServerClient(world: World, { spec, metadata }: KubeObject): LinkerdCallers {
  const home = metadata.namespace ?? '';
  const client = at(spec, 'client');
  const tls = asObject(at(client, 'meshTLS'));
  if (tls === undefined) return at(client, 'networks') === undefined ? ANYBODY : ofNetworks(at(client, 'networks'));
  const named = asTexts(tls['identities']).map((text) => ofIdentity(world, text));
  const accounts = asObjects(tls['serviceAccounts']).map((ref) => ofAccount(world, ref, home));
  if (tls['unauthenticatedTLS'] === true) return { classes: [], reasons: [ANY_IDENTITY] };
  return allOf([...named, ...accounts]);
}

function ofMeshTls(world: World, ref: JsonObject, home: string): LinkerdCallers {
  const found = find(world, ref, { kind: KIND.meshTlsAuthentication, home });
  if ('reason' in found) return { classes: [], reasons: [found.reason] };
  const { spec, metadata } = found.object;
  const place = metadata.namespace ?? '';
  const named = asTexts(at(spec, 'identities')).map((text) => ofIdentity(world, text));
  const refs = asObjects(at(spec, 'identityRefs')).map((each) => {
    const name = asText(each['name']) ?? '';
    return targetsKind(each, KIND.namespace) ? ofNamespace(world, name) : ofAccount(world, each, place);
  });
  return allOf([...named, ...refs]);
}

function ofNetworks(networks: unknown): LinkerdCallers {
  const blocks = asObjects(networks).map((network) => asText(network['cidr']) ?? '');
  if (blocks.length === 0 || blocks.some((block) => EVERYWHERE.has(block))) return ANYBODY;
  return { classes: blocks.map((block) => ({ label: `addresses ${block}`, workloads: undefined })), reasons: [] };
}

function ofAccount(world: World, ref: JsonObject, home: string): AdmittedClass {
  const namespace = asText(ref['namespace']) ?? home;
  const serviceAccount = asText(ref['name']) ?? '';
  const workloads = holdersOf({ namespace, serviceAccount }, world);
  return { label: `ServiceAccount ${namespace}/${serviceAccount}`, workloads };
}

function ofNamespace(world: World, namespace: string): AdmittedClass {
  return { label: `namespace ${namespace}`, workloads: holdersOfAll(world, accountsIn(world, namespace)) };
}

/** Undefined for `*`, and for a suffix that says no more than which mesh it is: that is everybody in it. */
function ofIdentity(world: World, text: string): AdmittedClass | undefined {
  const match = parseIdentityMatch(text);
  const label = `identity ${text}`;
  if (match.kind === 'exact') {
    const account = accountOf(text);
    return { label, workloads: account === undefined ? [] : holdersOf(account, world) };
  }
  const tail = match.suffix.indexOf('.serviceaccount.identity.');
  if (tail <= 0) return undefined;
  const accounts = accountsOf(world).filter((account) =>
    matchesIdentity(match, nameOf(account) + match.suffix.slice(tail)),
  );
  return { label, workloads: holdersOfAll(world, accounts) };
}

/** What every identity of the account begins with; what follows is the control plane's and the mesh's. */
function nameOf({ namespace, serviceAccount }: IdentityAccount): string {
  return `${serviceAccount}.${namespace}`;
}

function allOf(classes: readonly (AdmittedClass | undefined)[]): LinkerdCallers {
  return {
    classes: classes.filter((each) => each !== undefined),
    reasons: classes.includes(undefined) ? [ANY_IDENTITY] : [],
  };
}

function find(
  world: World,
  ref: JsonObject,
  { kind, home }: { readonly kind: string; readonly home: string },
): { readonly object: KubeObject } | { readonly reason: string } {
  const namespace = asText(ref['namespace']) ?? home;
  const name = asText(ref['name']) ?? '';
  const object = world.get({ kind, namespace, name });
  if (object !== undefined) return { object };
  const gap = world.listIn(kind, namespace).gap;
  return { reason: `${formatKind(kind)} ${namespace}/${name} is not there${gap === undefined ? '' : `, and ${gap}`}` };
}

function formatKind(kind: string): string {
  return kind.slice(kind.lastIndexOf('/') + 1);
}
