import { KIND } from '../domain/kubernetes/kinds.ts';
import { formatRef, groupOf, keyOf, kindOf, refOf, type KubeObject } from '../domain/kubernetes/object.ts';
import type { World } from '../domain/world/world.ts';
import { usageError } from '../lib/errors.ts';
import { asObject, at } from '../lib/json.ts';
import { nearest } from '../lib/nearest.ts';
import { compareText } from '../lib/order.ts';

/** Groups whose objects say what becomes of calls. */
const GROUPS = /(^|\.)(istio\.io|linkerd\.io|cilium\.io)$|^(gateway\.)?networking\.k8s\.io$/;

/** Kinds of those groups that are served and that nothing here reads. Source: the projects' CRDs. */
const OTHERS: ReadonlySet<string> = new Set([
  'telemetry.istio.io/Telemetry',
  'networking.istio.io/WorkloadGroup',
  'install.istio.io/IstioOperator',
  'gateway.networking.k8s.io/ReferenceGrant',
  'gateway.networking.k8s.io/UDPRoute',
  'gateway.networking.k8s.io/BackendTLSPolicy',
  'gateway.networking.k8s.io/BackendLBPolicy',
  'gateway.networking.k8s.io/ListenerSet',
  'networking.k8s.io/IPAddress',
  'networking.k8s.io/ServiceCIDR',
  'policy.linkerd.io/ClusterNetwork',
  ...[
    ...['BGPAdvertisement', 'BGPClusterConfig', 'BGPNodeConfig', 'BGPNodeConfigOverride', 'BGPPeerConfig'],
    ...['BGPPeeringPolicy', 'CIDRGroup', 'ClusterwideEnvoyConfig', 'EgressGatewayPolicy', 'Endpoint', 'EndpointSlice'],
    ...['EnvoyConfig', 'ExternalWorkload', 'GatewayClassConfig', 'Identity', 'L2AnnouncementPolicy', 'Node'],
    ...['LoadBalancerIPPool', 'LocalRedirectPolicy', 'NodeConfig', 'PodIPPool', 'VTEPConfig'],
  ].map((name) => `cilium.io/Cilium${name}`),
]);

/**
 * Throws a usage error for an overlay's object that `kubectl apply` would not take: of a kind that its group does not
 * have, or in a namespace that is not there. A misspelt STRICT must not look like one that breaks nothing.
 */
export function refuseMisplaced(objects: readonly KubeObject[], world: World): void {
  const brought = objects.filter((object) => kindOf(object) === KIND.namespace).map(({ metadata }) => metadata.name);
  const there = new Set([...world.namespaces(), ...brought]);
  const isWhole = world.coverage.entries.some(({ kind, state }) => kind === KIND.namespace && state === 'read');
  for (const object of objects) {
    refuseMisspelt(object);
    const { namespace } = object.metadata;
    if (!isWhole || world.coverage.basis === 'declared' || namespace === undefined || there.has(namespace)) continue;
    const near = nearest(namespace, [...there]);
    throw usageError(
      'overlay-unknown-namespace',
      `an overlay's ${formatRef(refOf(object))} is in a namespace that is not there`,
      ...(near === undefined ? [] : [`did you mean ${near}?`]),
      'name its namespace, or bring the Namespace in an overlay',
    );
  }
}

function refuseMisspelt(object: KubeObject): void {
  const kind = kindOf(object);
  const known: readonly string[] = Object.values(KIND);
  if (!GROUPS.test(groupOf(object.apiVersion)) || known.includes(kind) || OTHERS.has(kind)) return;
  const ofGroups = known.filter((each) => GROUPS.test(each.slice(0, each.lastIndexOf('/'))));
  const choices = [...ofGroups, ...OTHERS];
  const name = nearest(object.kind, choices.map(shortKind));
  if (name === undefined) return;
  throw usageError(
    'overlay-unknown-kind',
    `an overlay has an object ${formatRef(refOf(object))}, and there is no kind ${kind}`,
    `did you mean ${choices.filter((each) => shortKind(each) === name).join(' or ')}?`,
  );
}

function shortKind(kind: string): string {
  return kind.slice(kind.lastIndexOf('/') + 1);
}

/** What is to be told of an overlay that leaves every object as it was; nothing where it changes one. */
export function idleOverlay(objects: readonly KubeObject[], before: World, after: World): readonly string[] {
  const changes = objects.some((object) => {
    const ref = refOf(object);
    return said(before.get(ref)) !== said(after.get(ref));
  });
  if (changes) return [];
  const [first] = objects;
  const named = first === undefined ? 'it has no object' : formatRef(refOf(first));
  const more = objects.length > 1 ? ` and ${String(objects.length - 1)} more` : '';
  return [`an overlay changes nothing: ${named}${more}${first === undefined ? '' : ' would be as it is'}`];
}

/** What an object says, whoever said it, in one order. */
function said(object: KubeObject | undefined): string {
  if (object === undefined) return '';
  const { origin: _origin, status: _status, metadata, ...rest } = object;
  const { labels, annotations } = metadata;
  return JSON.stringify([keyOf(refOf(object)), { ...rest, labels, annotations }], (_key, part: unknown) => {
    const fields = asObject(part);
    if (fields === undefined) return part;
    return Object.fromEntries(
      Object.keys(fields)
        .sort(compareText)
        .map((key) => [key, at(fields, key)]),
    );
  });
}
