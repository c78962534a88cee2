import type { JsonObject } from '../../../src/lib/json.ts';
import type { AuthorizationDraft, ModeDraft, Placed, RuleDraft, ScopeDraft, Tls, WorldDraft } from './draft.ts';
import { made } from './made.ts';

/** The objects of Istio in a world. */
export function policyManifests(draft: WorldDraft): readonly JsonObject[] {
  return [
    ...draft.modes.map(modeManifest),
    ...draft.rules.map(ruleManifest),
    ...draft.scopes.map(scopeManifest),
    ...draft.authorizations.map(authorizationManifest),
  ];
}

/** `meshConfig` of a world, without what is as by default. */
export function meshConfigOf(draft: WorldDraft): JsonObject {
  const { enableAutoMtls, registryOnly, trustDomain, alias, serviceExport, ruleExport } = draft;
  return {
    enableAutoMtls,
    ...(registryOnly ? { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } : {}),
    ...(trustDomain === undefined ? {} : { trustDomain, trustDomainAliases: alias ? ['cluster.local'] : [] }),
    ...(serviceExport === undefined ? {} : { defaultServiceExportTo: [serviceExport] }),
    ...(ruleExport === undefined ? {} : { defaultDestinationRuleExportTo: [ruleExport] }),
  };
}

function selected({ selector }: Placed): JsonObject {
  return selector === undefined ? {} : { selector: { matchLabels: selector } };
}

function modeManifest({ namespace, mode, ports, ...placed }: ModeDraft, index: number): JsonObject {
  const perPort = Object.fromEntries(ports.map((one) => [String(one.port), { mode: one.mode }]));
  return made(
    'security.istio.io/v1',
    'PeerAuthentication',
    { name: `mode-${String(index)}`, namespace },
    {
      ...selected({ namespace, ...placed }),
      ...(mode === undefined ? {} : { mtls: { mode } }),
      ...(ports.length === 0 ? {} : { portLevelMtls: perPort }),
    },
  );
}

function scopeManifest({ namespace, selector, hosts, outbound }: ScopeDraft, index: number): JsonObject {
  return made(
    'networking.istio.io/v1',
    'Sidecar',
    { name: `scope-${String(index)}`, namespace },
    {
      ...(selector === undefined ? {} : { workloadSelector: { labels: selector } }),
      ...(outbound === undefined ? {} : { outboundTrafficPolicy: { mode: outbound } }),
      egress: [{ hosts }],
    },
  );
}

const DRY_RUN = { 'istio.io/dry-run': 'true' };

/** Without rules an ALLOW matches nothing; the API server refuses a DENY of that kind. */
function authorizationManifest(draft: AuthorizationDraft, index: number): JsonObject {
  const { namespace, action, rules, dryRun } = draft;
  const metadata = {
    name: `authz-${String(index)}`,
    namespace,
    ...(dryRun && action !== 'AUDIT' ? { annotations: DRY_RUN } : {}),
  };
  return made('security.istio.io/v1', 'AuthorizationPolicy', metadata, {
    ...selected(draft),
    action,
    ...(rules === undefined && action === 'ALLOW' ? {} : { rules: rules ?? [{}] }),
  });
}

const POOL = { tcp: { maxConnections: 100 } };

function ruleManifest(draft: RuleDraft, index: number): JsonObject {
  const { namespace, selector, host, tls, passthrough, port, exportTo } = draft;
  const perPort =
    port === undefined ? [] : [{ port: { number: port.number }, connectionPool: POOL, ...tlsOf(port.tls) }];
  return made(
    'networking.istio.io/v1',
    'DestinationRule',
    { name: `rule-${String(index)}`, namespace },
    {
      host,
      ...(selector === undefined ? {} : { workloadSelector: { matchLabels: selector } }),
      ...(exportTo === undefined ? {} : { exportTo }),
      trafficPolicy: {
        connectionPool: POOL,
        ...(passthrough ? { loadBalancer: { simple: 'PASSTHROUGH' } } : {}),
        ...tlsOf(tls),
        ...(perPort.length === 0 ? {} : { portLevelSettings: perPort }),
      },
    },
  );
}

const FILES = { clientCertificate: '/etc/cert.pem', privateKey: '/etc/key.pem', caCertificates: '/etc/ca.pem' };

function tlsOf(mode: Tls | undefined): JsonObject {
  return mode === undefined ? {} : { tls: { mode, ...(mode === 'MUTUAL' ? FILES : {}) } };
}
