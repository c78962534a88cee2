import type { AuthorizationFacts, ModeFacts, RuleFacts, WorkloadFacts, WorldFacts } from './world-facts.ts';

/**
 * A second opinion, written from Istio's documentation without the resolvers: it reads the plain facts that a world
 * was generated from, never Kubernetes objects, and knows only what the generator can produce.
 */
export type NaiveVerdict = 'breaks' | 'partial' | 'unknown' | 'ok';

type Wire = 'plaintext' | 'mtls' | 'tls';

/** The verdict over every pair of pods that run or would be created next. */
export function naiveVerdict(client: WorkloadFacts, server: WorkloadFacts, facts: WorldFacts): NaiveVerdict {
  const seen: NaiveVerdict[] = [];
  for (const clientHasProxy of podsOf(client, facts)) {
    for (const serverHasProxy of podsOf(server, facts)) {
      const wire = clientHasProxy ? wireFrom(client, server, { facts, serverHasProxy }) : 'plaintext';
      seen.push(
        serverHasProxy && !server.excludesInbound ? atProxy(client, server, { facts, wire }) : withoutProxy(wire),
      );
    }
  }
  if (seen.includes('breaks')) return seen.every((one) => one === 'breaks') ? 'breaks' : 'partial';
  return seen.includes('unknown') ? 'unknown' : 'ok';
}

/** Whether each kind of pod has a proxy: those that live, and the one that comes next. */
function podsOf(workload: WorkloadFacts, facts: WorldFacts): boolean[] {
  const next = facts.injected[workload.namespace] ? workload.inject !== 'false' : workload.inject === 'true';
  switch (workload.live) {
    case 'proxy':
      return [true, next];
    case 'bare':
      return [false, next];
    case 'mixed':
      return [true, false, next];
    case 'none':
      return [next];
  }
}

function wireFrom(
  client: WorkloadFacts,
  server: WorkloadFacts,
  { facts, serverHasProxy }: { readonly facts: WorldFacts; readonly serverHasProxy: boolean },
): Wire {
  if (facts.scoped.includes(client.namespace) && server.namespace !== client.namespace) return 'plaintext';
  const tls = ruleTls(client, server, facts.rules);
  if (tls === 'DISABLE') return 'plaintext';
  if (tls === 'ISTIO_MUTUAL') return 'mtls';
  if (tls === 'SIMPLE') return 'tls';
  if (!facts.autoMtls) return 'plaintext';
  const wide = oldestMode(server.namespace, undefined, facts) ?? oldestMode('istio-system', undefined, facts);
  if (wide === 'DISABLE') return 'plaintext';
  if (server.headless) return podsOf(server, facts).every(Boolean) ? 'mtls' : 'plaintext';
  return serverHasProxy && modeAt8080(server, facts) !== 'DISABLE' ? 'mtls' : 'plaintext';
}

/** The first of client's, server's and root namespace that has a rule for the host; there the oldest tls. */
function ruleTls(client: WorkloadFacts, server: WorkloadFacts, rules: readonly RuleFacts[]): RuleFacts['tls'] {
  for (const place of [client.namespace, server.namespace, 'istio-system']) {
    const found = rules.filter(
      (rule) => rule.namespace === place && rule.host.namespace === server.namespace && rule.host.name === server.name,
    );
    if (found.length > 0) return found.find((rule) => rule.tls !== undefined)?.tls;
  }
  return undefined;
}

/** Facts are listed oldest first; one policy a level counts, and an unset one says nothing. */
function oldest(namespace: string, app: string | undefined, facts: WorldFacts): ModeFacts | undefined {
  return facts.modes.find((policy) => policy.namespace === namespace && policy.app === app);
}

function oldestMode(namespace: string, app: string | undefined, facts: WorldFacts): ModeFacts['mode'] | undefined {
  const mode = oldest(namespace, app, facts)?.mode;
  return mode === 'UNSET' ? undefined : mode;
}

function modeAt8080(server: WorkloadFacts, facts: WorldFacts): 'STRICT' | 'PERMISSIVE' | 'DISABLE' | 'UNSET' {
  return (
    oldest(server.namespace, server.name, facts)?.portMode ??
    oldestMode(server.namespace, server.name, facts) ??
    oldestMode(server.namespace, undefined, facts) ??
    oldestMode('istio-system', undefined, facts) ??
    'PERMISSIVE'
  );
}

function withoutProxy(wire: Wire): NaiveVerdict {
  if (wire === 'mtls') return 'breaks';
  return wire === 'tls' ? 'unknown' : 'ok';
}

function atProxy(
  client: WorkloadFacts,
  server: WorkloadFacts,
  { facts, wire }: { readonly facts: WorldFacts; readonly wire: Wire },
): NaiveVerdict {
  const mode = modeAt8080(server, facts);
  if (wire !== 'mtls' && mode === 'STRICT') return 'breaks';
  if (wire === 'mtls' && mode === 'DISABLE') return 'breaks';
  if (wire === 'tls' && server.portName === 'http') return 'breaks';
  const isHttp = server.portName !== 'tcp' && wire !== 'tls';
  if (!isAllowed(client, server, { facts, known: wire === 'mtls', isHttp })) return 'breaks';
  return wire === 'tls' ? 'unknown' : 'ok';
}

interface Caller {
  readonly facts: WorldFacts;
  readonly known: boolean;
  readonly isHttp: boolean;
}

function isAllowed(client: WorkloadFacts, server: WorkloadFacts, caller: Caller): boolean {
  const attached = caller.facts.authorizations.filter(
    ({ namespace, app }) =>
      (namespace === 'istio-system' || namespace === server.namespace) && (app === undefined || app === server.name),
  );
  if (attached.some((policy) => policy.action === 'DENY' && hits(policy, client, caller))) return false;
  const allows = attached.filter(({ action }) => action === 'ALLOW');
  return allows.length === 0 || allows.some((policy) => hits(policy, client, caller));
}

function hits({ action, rule }: AuthorizationFacts, client: WorkloadFacts, { known, isHttp }: Caller): boolean {
  if (rule === 'none') return false;
  if (rule === 'all') return true;
  if ('from' in rule) return known && rule.from === client.namespace;
  if ('principal' in rule)
    return known && rule.principal === `cluster.local/ns/${client.namespace}/sa/${client.account}`;
  // Where bytes are not HTTP, an ALLOW rule about methods is dropped and a DENY rule loses the method.
  return isHttp ? rule.method === 'GET' : action === 'DENY';
}
