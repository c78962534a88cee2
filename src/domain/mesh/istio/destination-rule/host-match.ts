/** Whether a rule's host (exact, `*` or with a leading `*`) covers a service's host. */
export function coversHost(ruleHost: string, serviceHost: string): boolean {
  if (!ruleHost.startsWith('*')) return ruleHost === serviceHost;
  return serviceHost.endsWith(ruleHost.slice(1));
}

/**
 * The most specific of the hosts that cover a service's host: the exact one, else the longest wildcard; undefined where
 * none does. Source: istio pilot/pkg/model/config.go, MostSpecificHostMatch.
 */
export function mostSpecificHost(ruleHosts: readonly string[], serviceHost: string): string | undefined {
  const covering = ruleHosts.filter((host) => coversHost(host, serviceHost));
  if (covering.includes(serviceHost)) return serviceHost;
  return covering.reduce<string | undefined>(
    (best, host) => (best === undefined || host.length > best.length ? host : best),
    undefined,
  );
}
