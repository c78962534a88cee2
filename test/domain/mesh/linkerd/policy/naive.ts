/** A second, blunt evaluation of policies as cases write them, to compare with. It knows nothing that is unknown. */
export interface NaiveResource {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly [field: string]: unknown;
}

export interface NaiveCall {
  readonly clusterDefault: string;
  readonly clusterNetworks: readonly string[];
  readonly port: number;
  readonly client: { readonly ip: string; readonly tls: string | null };
  readonly request: { readonly protocol: string; readonly method: string; readonly path: string };
  readonly resources: readonly NaiveResource[];
  readonly pod: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly probes: readonly { readonly httpGet: { readonly port: number; readonly path: string } }[];
  };
}

const SUFFIX = 'serviceaccount.identity.linkerd.cluster.local';

/** `allow`, or what an HTTP request is answered. */
export function naively(call: NaiveCall): 'allow' | 403 | 404 {
  const { pod, resources, client } = call;
  const own = (kind: string) =>
    resources.filter((one) => one.kind === kind && (one.namespace ?? pod.namespace) === pod.namespace);
  const server = own('Server')
    .filter((one) => {
      const labels = one['podSelector'] as Record<string, string>;
      const port = one['port'];
      const number = typeof port === 'string' ? pod.ports.find(({ name }) => name === port)?.containerPort : port;
      return number === call.port && Object.entries(labels).every(([key, value]) => pod.labels[key] === value);
    })
    .sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1))[0];
  const access =
    server === undefined ? call.clusterDefault : ((server['accessPolicy'] as string | undefined) ?? 'deny');
  const isLocal = client.ip === '127.0.0.1';
  const isProbe =
    call.request.method === 'GET' &&
    pod.probes.some(({ httpGet }) => httpGet.port === call.port && httpGet.path === call.request.path);
  if (server === undefined) return isLocal || isProbe || byAccess(access, call) ? 'allow' : 403;
  const policies = own('AuthorizationPolicy').filter((policy) => opens(policy, call));
  const about = (kind: string, name: string) =>
    policies.some((policy) => {
      const target = policy['targetRef'] as { kind: string; name: string };
      return target.kind === kind && (kind === 'Namespace' || target.name === name);
    });
  const routes = own('HTTPRoute').filter((route) => route['parent'] === server.name && route['accepted'] === true);
  const serverOpens =
    isLocal ||
    byAccess(access, call) ||
    about('Server', server.name) ||
    about('Namespace', '') ||
    own('ServerAuthorization').some((one) => legacyOpens(one, server.name, call));
  if (routes.length === 0) return isProbe || serverOpens ? 'allow' : 403;
  const route = routes.find((one) => one['pathExact'] === call.request.path);
  if (route === undefined) return 404;
  return serverOpens || about('HTTPRoute', route.name) ? 'allow' : 403;
}

function sortKey(one: NaiveResource): string {
  return `${(one['creationTimestamp'] as string | undefined) ?? '2026-01-01T00:00:00Z'} ${one.name}`;
}

function byAccess(access: string, { client, clusterNetworks }: NaiveCall): boolean {
  if (access === 'deny') return false;
  if (access === 'audit') return true;
  if (access.endsWith('-authenticated') && !isDns(client.tls)) return false;
  return access.startsWith('all-') || clusterNetworks.some((block) => inBlock(client.ip, block));
}

function isDns(tls: string | null): boolean {
  return tls !== null && !tls.startsWith('spiffe:');
}

function opens(policy: NaiveResource, call: NaiveCall): boolean {
  const refs = policy['requiredAuthenticationRefs'] as { kind: string; name: string; namespace?: string }[];
  return refs.every((ref) => {
    const namespace = ref.namespace ?? policy.namespace ?? call.pod.namespace;
    if (ref.kind === 'ServiceAccount') return call.client.tls === `${ref.name}.${namespace}.${SUFFIX}`;
    const found = call.resources.find(
      (one) => one.kind === ref.kind && one.name === ref.name && (one.namespace ?? call.pod.namespace) === namespace,
    );
    if (found === undefined) return false;
    if (ref.kind === 'NetworkAuthentication') return inNetworks(found['networks'], call.client.ip);
    return (found['identities'] as string[]).some((identity) => isMeant(identity, call.client.tls));
  });
}

function legacyOpens(one: NaiveResource, server: string, call: NaiveCall): boolean {
  const client = one['client'] as { unauthenticated?: boolean; networks?: unknown; meshTLS?: { identities: string[] } };
  if ((one['server'] as { name: string }).name !== server) return false;
  const networks = client.networks ?? call.clusterNetworks.map((cidr) => ({ cidr }));
  if (!inNetworks(networks, call.client.ip)) return false;
  if (client.unauthenticated === true) return true;
  return (client.meshTLS?.identities ?? []).some((identity) => isMeant(identity, call.client.tls));
}

function isMeant(identity: string, tls: string | null): boolean {
  if (tls === null) return false;
  if (identity === tls) return true;
  if (!isDns(tls)) return false;
  return identity === '*' || (identity.startsWith('*.') && tls.endsWith(identity.slice(1)));
}

function inNetworks(networks: unknown, ip: string): boolean {
  return (networks as { cidr: string; except?: string[] }[]).some(
    ({ cidr, except = [] }) => inBlock(ip, cidr) && !except.some((block) => inBlock(ip, block)),
  );
}

function inBlock(ip: string, block: string): boolean {
  const [network = '', length = '32'] = block.split('/');
  const bits = (text: string) =>
    text
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('');
  return bits(ip).slice(0, Number(length)) === bits(network).slice(0, Number(length));
}
