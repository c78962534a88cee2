import { asList, asObject, asText, at } from '../../../src/lib/json.ts';
import { naivelyAllowed, type NaivePolicy, type NaiveRule } from '../naive-istio-policy.ts';
import type { Arrival } from './naive-arrival.ts';
import type { NaivePod } from './naive-pods.ts';
import { annotationsOf, byAge, listed, namespaceOf, selects, type Raw, type RawCluster } from './raw-cluster.ts';

/**
 * Istio by hand, from knowledge of its documentation alone: which mode holds at a port, what a client's proxy sends, and
 * whether what arrives is let in.
 */
const ROOT = 'istio-system';
const PEER = 'security.istio.io/PeerAuthentication';

type Mode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

function said(value: unknown): Mode | undefined {
  return value === 'STRICT' || value === 'PERMISSIVE' || value === 'DISABLE' ? value : undefined;
}

/** One policy a level counts, the oldest: port, workload, namespace, mesh, else PERMISSIVE. */
export function modeAt(cluster: RawCluster, pod: NaivePod, port: number): Mode {
  const own = byAge(cluster, PEER, pod.namespace);
  const ofPods = own.find((raw) => hasSelector(raw) && selects(at(raw, 'spec', 'selector'), pod.labels));
  return (
    said(at(ofPods, 'spec', 'portLevelMtls', String(port), 'mode')) ??
    said(at(ofPods, 'spec', 'mtls', 'mode')) ??
    wideMode(cluster, pod.namespace)
  );
}

/** The mode without a word about single workloads. */
function wideMode(cluster: RawCluster, namespace: string): Mode {
  for (const place of [namespace, ROOT]) {
    const first = byAge(cluster, PEER, place).find((raw) => !hasSelector(raw));
    const mode = said(at(first, 'spec', 'mtls', 'mode'));
    if (mode !== undefined) return mode;
  }
  return 'PERMISSIVE';
}

function hasSelector(raw: Raw): boolean {
  return Object.keys(asObject(at(raw, 'spec', 'selector', 'matchLabels')) ?? {}).length > 0;
}

/** How a client addresses a pod. */
export interface Address {
  /** Through a Service by its name, if any. */
  readonly service?: { readonly namespace: string; readonly name: string; readonly headless: boolean };
  /** All pods behind that Service: a headless one is mutual TLS to all of them or to none. */
  readonly endpoints: readonly NaivePod[];
  readonly port: number;
}

/** What a client's sidecar or ztunnel sends to a pod. */
export function istioWire(
  cluster: RawCluster,
  [client, server]: readonly [NaivePod, NaivePod],
  to: Address,
): 'plaintext' | 'mtls' {
  if (client.proxy === 'ztunnel') return takesHbone(server) ? 'mtls' : 'plaintext';
  if (client.proxy !== 'sidecar' || to.service === undefined) return 'plaintext';
  const rule = destinationTls(cluster, client, to.service);
  if (server.proxy === 'ztunnel') return to.service.headless ? 'plaintext' : 'mtls';
  if (rule === 'DISABLE') return 'plaintext';
  if (rule === 'ISTIO_MUTUAL') return 'mtls';
  if (wideMode(cluster, server.namespace) === 'DISABLE') return 'plaintext';
  if (to.service.headless) return to.endpoints.every(({ proxy }) => proxy === 'sidecar') ? 'mtls' : 'plaintext';
  return server.proxy === 'sidecar' && modeAt(cluster, server, to.port) !== 'DISABLE' ? 'mtls' : 'plaintext';
}

function takesHbone(server: NaivePod): boolean {
  return (
    server.proxy === 'ztunnel' || (server.proxy === 'sidecar' && server.labels['networking.istio.io/tunnel'] === 'http')
  );
}

function destinationTls(
  cluster: RawCluster,
  client: NaivePod,
  service: { readonly namespace: string; readonly name: string },
): unknown {
  const host = `${service.name}.${service.namespace}.svc.cluster.local`;
  for (const place of [client.namespace, service.namespace, ROOT]) {
    const rules = byAge(cluster, 'networking.istio.io/DestinationRule', place).filter(
      (raw) => at(raw, 'spec', 'host') === host,
    );
    const [first] = rules;
    if (first !== undefined) return at(first, 'spec', 'trafficPolicy', 'tls', 'mode');
  }
  return undefined;
}

/** Whether a pod with a sidecar or behind ztunnel takes what arrives. */
export function istioTakes(arrival: Arrival): boolean {
  const { cluster, server, port, wire, speaks, declared } = arrival;
  const mode = modeAt(cluster, server, port);
  if (wire === 'plaintext' && mode === 'STRICT') return false;
  if (server.proxy === 'sidecar') {
    if (wire === 'mtls' && mode === 'DISABLE') return false;
    if (speaks === 'server-first' && (declared !== 'tcp' || (wire === 'plaintext' && mode === 'PERMISSIVE')))
      return false;
  }
  return isAuthorized(arrival);
}

function isAuthorized({ cluster, client, server, port, wire, speaks, declared }: Arrival): boolean {
  const attached = listed(cluster, 'security.istio.io/AuthorizationPolicy').filter(
    (raw) =>
      (namespaceOf(raw) === server.namespace || namespaceOf(raw) === ROOT) &&
      at(raw, 'spec', 'targetRefs') === undefined &&
      selects(at(raw, 'spec', 'selector'), server.labels),
  );
  return naivelyAllowed(
    attached.map(toPolicy),
    { namespace: server.namespace, app: '' },
    {
      enforcer: server.proxy === 'ztunnel' ? 'ztunnel' : 'sidecar',
      handledAs: declared === 'http' || (declared === 'auto' && speaks === 'http') ? 'http' : 'tcp',
      ...(wire === 'mtls'
        ? { caller: { domain: 'cluster.local', namespace: client.namespace, account: client.account } }
        : {}),
      sourceIp: '10.1.0.1',
      remoteIp: '10.1.0.1',
      destinationIp: '10.1.0.2',
      port,
      serverName: '',
      method: 'GET',
      path: '/',
      host: 'server',
      headers: {},
      external: false,
    },
  );
}

function toPolicy(raw: Raw): NaivePolicy {
  const rules = at(raw, 'spec', 'rules');
  const action = asText(at(raw, 'spec', 'action')) ?? 'ALLOW';
  return {
    namespace: namespaceOf(raw) ?? '',
    action: action === 'DENY' || action === 'AUDIT' || action === 'CUSTOM' ? action : 'ALLOW',
    dryRun: annotationsOf(raw)['istio.io/dry-run'] === 'true',
    ...(rules === undefined ? {} : { rules: asList(rules) as readonly NaiveRule[] }),
  };
}
