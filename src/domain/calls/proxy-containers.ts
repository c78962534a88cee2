const PROXIES: ReadonlySet<string> = new Set([
  'istio-proxy',
  'istio-init',
  'istio-validation',
  'linkerd-proxy',
  'linkerd-init',
  'linkerd-network-validator',
  'consul-dataplane',
  'consul-connect-inject-init',
  'envoy-sidecar',
  'kuma-sidecar',
  'kuma-init',
]);

/** Whether a container of that name is a mesh's proxy or sets one up: its ports and calls are not the workload's own. */
export function isProxyContainer(name: string): boolean {
  return PROXIES.has(name);
}
