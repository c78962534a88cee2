/** A release of Istio with the Kubernetes minor versions (34 for 1.34) that it supports. */
export interface IstioRelease {
  readonly version: string;
  readonly kubernetesFrom: number;
  readonly kubernetesTo: number;
  /** The last day on which patches are made, RFC 3339; absent where it is not fixed yet. */
  readonly supportedUntil?: string;
  readonly source: string;
  /** The day on which the source was read. */
  readonly asOf: string;
}

const TABLE = 'https://github.com/istio/istio.io/blob/master/data/compatibility/supportStatus.yml';
const NEWS = 'https://istio.io/latest/news/releases';
const READ = '2026-11-22';

/**
 * Releases that can be installed, newest first; the patch is the newest one whose announcement was read, and never the
 * last word. A minor release is supported until six weeks after the second one that follows it, so that the end of the
 * newest two is not fixed; that of 1.29 is six weeks after 1.31.0 was published, 2026-08-31.
 */
export const ISTIO_RELEASES: readonly IstioRelease[] = [
  {
    version: '1.31.1',
    kubernetesFrom: 32,
    kubernetesTo: 36,
    source: `${NEWS}/1.31.x/announcing-1.31/ and announcing-1.31.1/ of 2026-09-21`,
    asOf: READ,
  },
  {
    version: '1.30.5',
    kubernetesFrom: 32,
    kubernetesTo: 36,
    source: `${TABLE}; ${NEWS}/1.30.x/announcing-1.30.5/ of 2026-09-21`,
    asOf: READ,
  },
  {
    version: '1.29.8',
    kubernetesFrom: 31,
    kubernetesTo: 35,
    supportedUntil: '2026-10-12',
    source: `${TABLE}; ${NEWS}/1.29.x/announcing-1.29.8/ of 2026-09-21; https://github.com/istio/istio/releases (1.31.0 on 2026-08-31)`,
    asOf: READ,
  },
  {
    version: '1.28.10',
    kubernetesFrom: 30,
    kubernetesTo: 34,
    supportedUntil: '2026-07-01',
    source: `${TABLE}; ${NEWS}/1.28.x/announcing-1.28.10/ of 2026-07-01`,
    asOf: READ,
  },
  {
    version: '1.27.9',
    kubernetesFrom: 29,
    kubernetesTo: 33,
    supportedUntil: '2026-04-07',
    source: `${TABLE}; ${NEWS}/1.27.x/announcing-1.27.9/ of 2026-04-07`,
    asOf: READ,
  },
];

/** Where the images are published. Source: upgrade notes of Istio 1.31, https://istio.io/latest/news/releases/1.31.x/announcing-1.31/upgrade-notes/, read 2026-08-22. */
export const ISTIO_HUB = 'docker.io/istio';

/** Where the charts are published, as an OCI registry. */
export const ISTIO_CHARTS = 'oci://ghcr.io/istio/release/charts';

/** The Gateway API that Istio 1.31 is built against. Source: istio go.mod, read 2026-08-22. */
export const GATEWAY_API_VERSION = '1.6.0';

/** Kinds of the Gateway API's standard channel that the rules name. */
export const GATEWAY_API_KINDS = [
  'gateway.networking.k8s.io/GatewayClass',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/HTTPRoute',
  'gateway.networking.k8s.io/GRPCRoute',
  'gateway.networking.k8s.io/TCPRoute',
  'gateway.networking.k8s.io/TLSRoute',
] as const;

/** Kinds that chart `base` makes the cluster serve. Source: istio manifests/charts/base/files/crd-all.gen.yaml. */
export const ISTIO_KINDS = [
  'extensions.istio.io/TrafficExtension',
  'extensions.istio.io/WasmPlugin',
  'networking.istio.io/DestinationRule',
  'networking.istio.io/EnvoyFilter',
  'networking.istio.io/Gateway',
  'networking.istio.io/ProxyConfig',
  'networking.istio.io/ServiceEntry',
  'networking.istio.io/Sidecar',
  'networking.istio.io/VirtualService',
  'networking.istio.io/WorkloadEntry',
  'networking.istio.io/WorkloadGroup',
  'security.istio.io/AuthorizationPolicy',
  'security.istio.io/PeerAuthentication',
  'security.istio.io/RequestAuthentication',
  'telemetry.istio.io/Telemetry',
] as const;
