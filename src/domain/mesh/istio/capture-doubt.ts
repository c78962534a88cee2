import type { PodShape } from '../../world/pod-shape.ts';
import { proxyContainer } from './injection/detect-proxy.ts';

const PREFIX = 'traffic.sidecar.istio.io/';
const PROXY_CONFIG = 'proxy.istio.io/config';

/** What the rules of capture take into account. */
const FOLLOWED: ReadonlySet<string> = new Set([
  'includeInboundPorts',
  'excludeInboundPorts',
  'includeOutboundPorts',
  'excludeOutboundPorts',
  'includeOutboundIPRanges',
  'excludeOutboundIPRanges',
]);

/** Settings of the agent that change no rule: DNS, certificates on disk, draining, how configuration is fetched. */
const HARMLESS_METADATA: ReadonlySet<string> = new Set([
  'BOOTSTRAP_XDS_AGENT',
  'EXIT_ON_ZERO_ACTIVE_CONNECTIONS',
  'ISTIO_DELTA_XDS',
  'ISTIO_META_DNS_AUTO_ALLOCATE',
  'ISTIO_META_DNS_CAPTURE',
  // What it changes, the label networking.istio.io/tunnel on the pods shows.
  'ISTIO_META_ENABLE_HBONE',
  'ISTIO_META_HTTP10',
  'ISTIO_META_IDLE_TIMEOUT',
  'ISTIO_PROMETHEUS_ANNOTATIONS',
  'MINIMUM_DRAIN_DURATION',
  'OUTPUT_CERTS',
  'PROXY_CONFIG_XDS_AGENT',
  'SECRET_TTL',
]);

/** Fields of a proxy configuration that put something else in the place of the proxy that the rules describe. */
const OTHER_PROXY =
  /\b(interceptionMode|customConfigFile|binaryPath|proxyBootstrapTemplatePath|discoveryAddress|image)\b/;

/**
 * Why the pod's proxy may capture or behave otherwise than the rules say: annotations of capture that are not followed,
 * a proxy configuration of its own, Envoy switched off. Undefined where nothing of the kind is there.
 * Source: https://istio.io/latest/docs/reference/config/annotations/.
 */
export function captureDoubt(pod: PodShape): string | undefined {
  const odd = Object.entries(pod.annotations).find(
    ([name, value]) => name.startsWith(PREFIX) && value !== '' && !FOLLOWED.has(name.slice(PREFIX.length)),
  );
  if (odd !== undefined) return `annotation ${odd[0]}=${odd[1]} changes what is captured in ways that are not modelled`;
  if (proxyContainer(pod)?.env.some(({ name, value }) => name === 'DISABLE_ENVOY' && value !== 'false') === true)
    return 'DISABLE_ENVOY is set for the proxy, and what then becomes of captured traffic is not modelled';
  const config = pod.annotations[PROXY_CONFIG];
  const setting = config === undefined ? undefined : oddSetting(config);
  return setting === undefined ? undefined : `annotation ${PROXY_CONFIG} sets ${setting}, whose effect is not modelled`;
}

/** Whether a setting of the agent's environment changes no rule. */
export function isHarmlessMetadata(name: string): boolean {
  return HARMLESS_METADATA.has(name);
}

/** The first setting of the agent's environment by name that may change a rule; undefined where there is none. */
export function oddMetadata(names: readonly string[]): string | undefined {
  return names.find((name) => !HARMLESS_METADATA.has(name));
}

/** The text is YAML or JSON; names of the environment are in capitals in both. */
function oddSetting(config: string): string | undefined {
  const field = OTHER_PROXY.exec(config)?.[1];
  if (field !== undefined) return field;
  if (!config.includes('proxyMetadata')) return undefined;
  const names = [...config.matchAll(/["']?([A-Za-z_][\w.]*)["']?[ \t]*:/g)].map((match) => match[1] ?? '');
  const metadata = names.filter((name) => /^[A-Z][A-Z0-9_.]*$/.test(name));
  return metadata.length === 0 ? 'proxyMetadata' : oddMetadata(metadata);
}
