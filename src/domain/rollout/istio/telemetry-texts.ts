/** What is scraped by objects of the plan, or is already. */
interface Scraped {
  readonly proxies: boolean;
  readonly istiod: boolean;
}

interface Plane {
  readonly namespace: string;
  readonly isAmbient: boolean;
}

const ENVOY =
  'a scrape job of role pod that keeps the container port http-envoy-prom (15090) of containers istio-proxy, path /stats/prometheus, and sets the labels namespace and pod';

const ZTUNNEL =
  'one of role pod that keeps the container port ztunnel-stats (15020) of pods with the label app=ztunnel, path /stats/prometheus, with the same labels';

/** What no object of the telemetry stage brings about, one paragraph each. */
export function scrapeNotes({ proxies, istiod }: Scraped, { namespace, isAmbient }: Plane): readonly string[] {
  const written = [
    ...(proxies
      ? []
      : [`No PodMonitor can be written: give Prometheus ${ENVOY}${isAmbient ? `, and ${ZTUNNEL}` : ''}.`]),
    ...(istiod
      ? []
      : [
          `No ServiceMonitor can be written: give Prometheus a scrape job of role endpoints in ${namespace} that keeps the Service port http-monitoring (15014) of Services with the label istio=pilot, path /metrics. Without it no gate can tell whether proxies reject their configuration.`,
        ]),
  ];
  return written.length < 2
    ? ['A Prometheus that selects monitors by label needs that label on the monitors.', ...written]
    : written;
}
