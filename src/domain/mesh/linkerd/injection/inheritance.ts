import { INJECT } from '../names.ts';

/** Keys below `config.linkerd.io/` that a pod takes over from its namespace. */
const CONFIG_KEYS: ReadonlySet<string> = new Set([
  'access-log',
  'admin-port',
  'control-port',
  'default-inbound-policy',
  'enable-debug-sidecar',
  'enable-external-profiles',
  'image-pull-policy',
  'inbound-port',
  'opaque-ports',
  'outbound-port',
  'pod-inbound-ports',
  'proxy-additional-env',
  'proxy-admin-shutdown',
  'proxy-await',
  'proxy-cpu-limit',
  'proxy-cpu-request',
  'proxy-disable-inbound-protocol-detect-timeout',
  'proxy-disable-outbound-protocol-detect-timeout',
  'proxy-enable-native-sidecar',
  'proxy-ephemeral-storage-limit',
  'proxy-ephemeral-storage-request',
  'proxy-gid',
  'proxy-image',
  'proxy-inbound-connect-timeout',
  'proxy-inbound-discovery-cache-unused-timeout',
  'proxy-log-format',
  'proxy-log-http-headers',
  'proxy-log-level',
  'proxy-memory-limit',
  'proxy-memory-request',
  'proxy-metrics-hostname-labels',
  'proxy-outbound-connect-timeout',
  'proxy-outbound-discovery-cache-unused-timeout',
  'proxy-require-identity-inbound-ports',
  'proxy-uid',
  'proxy-version',
  'shutdown-grace-period',
  'skip-inbound-ports',
  'skip-outbound-ports',
  'skip-subnets',
]);

const CONFIG = 'config.linkerd.io/';
const ALPHA_KEYS: ReadonlySet<string> = new Set([
  'config.alpha.linkerd.io/proxy-wait-before-exit-seconds',
  'config.alpha.linkerd.io/proxy-enable-native-sidecar',
]);

type Annotations = Readonly<Record<string, string>>;

/** Whether a pod without the annotation takes it over from its namespace when it is injected. */
export function isInherited(annotation: string): boolean {
  if (annotation === INJECT || ALPHA_KEYS.has(annotation)) return true;
  return annotation.startsWith(CONFIG) && CONFIG_KEYS.has(annotation.slice(CONFIG.length));
}

/**
 * The annotations of a pod as injection leaves them: keys that it lacks come from the namespace, if they are of those
 * that are inherited; a key that is there, even empty, stays, and lists are not merged.
 * Source: linkerd2 pkg/inject/inject.go#AppendNamespaceAnnotations, ProxyAnnotations.
 */
export function inheritedAnnotations(namespace: Annotations, pod: Annotations): Annotations {
  const taken = Object.entries(namespace).filter(([key]) => isInherited(key) && !Object.hasOwn(pod, key));
  return { ...pod, ...Object.fromEntries(taken) };
}
