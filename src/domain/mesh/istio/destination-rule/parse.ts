import { asList, asNumber, asObject, asText, asTextMap, asTexts, at } from '../../../../lib/json.ts';
import { refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { ageOf } from '../mtls/creation-order.ts';
import type {
  ClientTlsMode,
  DestinationRule,
  PortTrafficPolicy,
  Subset,
  TlsSettings,
  TrafficPolicy,
  Unfollowed,
} from './rule.ts';

const MODES: readonly string[] = ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'];

/**
 * The rule that a DestinationRule object holds, its host resolved under the cluster domain (`cluster.local`). Nothing is
 * refused: what the API server would refuse is named in `unreadable`.
 * Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/.
 */
export function parseDestinationRule(object: KubeObject, clusterDomain: string): DestinationRule {
  const { metadata, spec } = object;
  const unreadable: string[] = [];
  const namespace = metadata.namespace ?? '';
  const host = asText(at(spec, 'host')) ?? '';
  if (host === '') unreadable.push('spec.host is not set');
  const trafficPolicy = readTrafficPolicy(at(spec, 'trafficPolicy'), unreadable);
  const selector = asObject(at(spec, 'workloadSelector'));
  return {
    ref: refOf(object),
    name: metadata.name,
    namespace,
    age: ageOf(object),
    host: resolveHost(host, namespace, clusterDomain),
    exportTo: asTexts(at(spec, 'exportTo')),
    ...(selector === undefined ? {} : { workloadSelector: asTextMap(selector['matchLabels']) }),
    ...(trafficPolicy === undefined ? {} : { trafficPolicy }),
    subsets: asList(at(spec, 'subsets')).map((raw) => readSubset(raw, unreadable)),
    unreadable,
  };
}

/**
 * The host as istiod compares it: a name without a dot is a Service of the rule's namespace.
 * Source: istio pilot/pkg/model/virtualservice.go, ResolveShortnameToFQDN.
 */
export function resolveHost(host: string, namespace: string, clusterDomain: string): string {
  return host === '' || host.includes('.') || host.includes('*') ? host : `${host}.${namespace}.svc.${clusterDomain}`;
}

function readTrafficPolicy(raw: unknown, unreadable: string[]): TrafficPolicy | undefined {
  if (raw === undefined || raw === null) return undefined;
  const tls = readTls(at(raw, 'tls'), unreadable);
  return {
    ...(tls === undefined ? {} : { tls }),
    passthrough: isPassthrough(raw),
    ...unfollowedIn(raw),
    ports: asList(at(raw, 'portLevelSettings')).flatMap((entry) => readPort(entry, unreadable)),
  };
}

function readPort(raw: unknown, unreadable: string[]): readonly PortTrafficPolicy[] {
  const port = asNumber(at(raw, 'port', 'number'));
  if (port === undefined) {
    unreadable.push('portLevelSettings has an entry without port.number');
    return [];
  }
  const tls = readTls(at(raw, 'tls'), unreadable);
  return [{ port, passthrough: isPassthrough(raw), ...unfollowedIn(raw), ...(tls === undefined ? {} : { tls }) }];
}

function readTls(raw: unknown, unreadable: string[]): TlsSettings | undefined {
  if (raw === undefined || raw === null) return undefined;
  const mode = at(raw, 'mode') ?? 'DISABLE';
  const credentialName = asText(at(raw, 'credentialName'));
  if (typeof mode !== 'string' || !MODES.includes(mode)) {
    unreadable.push('tls.mode is not DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL');
    return undefined;
  }
  return { mode: mode as ClientTlsMode, ...(credentialName === undefined ? {} : { credentialName }) };
}

/** With ISTIO_MUTUAL the proxies' own certificates count, so any that the rule names are at odds with it. */
const OWN_TRUST = ['caCertificates', 'clientCertificate', 'privateKey', 'credentialName', 'sni'] as const;

function unfollowedIn(raw: unknown): { readonly unfollowed?: Unfollowed } {
  const tls = at(raw, 'tls');
  const odd = at(tls, 'mode') === 'ISTIO_MUTUAL' ? OWN_TRUST.filter((field) => isSet(at(tls, field))) : [];
  const unfollowed = [
    ...['tunnel', 'proxyProtocol'].filter((field) => isSet(at(raw, field))),
    ...(isSet(at(tls, 'subjectAltNames')) ? ['tls.subjectAltNames'] : []),
    ...odd.map((field) => `tls.${field}`),
  ];
  return unfollowed.length === 0 ? {} : { unfollowed };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function isPassthrough(raw: unknown): boolean {
  return at(raw, 'loadBalancer', 'simple') === 'PASSTHROUGH';
}

function readSubset(raw: unknown, unreadable: string[]): Subset {
  const trafficPolicy = readTrafficPolicy(at(raw, 'trafficPolicy'), unreadable);
  return {
    name: asText(at(raw, 'name')) ?? '',
    labels: asTextMap(at(raw, 'labels')),
    ...(trafficPolicy === undefined ? {} : { trafficPolicy }),
  };
}
