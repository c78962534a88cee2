/** A release of Istio with the Kubernetes minor versions (34 for 1.34) that it supports. */
export interface IstioRelease {
  readonly version: string;
  readonly kubernetesFrom: number;
  readonly kubernetesTo: number;
  readonly source: string;
  /** When the source was read. */
  readonly asOf: string;
}

const SOURCE = 'https://istio.io/latest/docs/releases/supported-releases/';

/** Releases that can be installed, newest first. The range of 1.31 is that of istioctl's own minimum and of 1.30's end. */
export const ISTIO_RELEASES: readonly IstioRelease[] = [
  { version: '1.31.0', kubernetesFrom: 32, kubernetesTo: 36, source: SOURCE, asOf: '2026-09-12' },
  { version: '1.30.4', kubernetesFrom: 32, kubernetesTo: 36, source: SOURCE, asOf: '2026-08-27' },
  { version: '1.29.0', kubernetesFrom: 31, kubernetesTo: 35, source: SOURCE, asOf: '2026-08-27' },
  { version: '1.28.0', kubernetesFrom: 30, kubernetesTo: 34, source: SOURCE, asOf: '2026-08-27' },
  { version: '1.27.0', kubernetesFrom: 29, kubernetesTo: 33, source: SOURCE, asOf: '2026-08-27' },
];

/** Where the images are published. Source: upgrade notes of Istio 1.31, https://istio.io/latest/news/releases/1.31.x/. */
export const ISTIO_HUB = 'docker.io/istio';

/** Where the charts are published, as an OCI registry. */
export const ISTIO_CHARTS = 'oci://ghcr.io/istio/release/charts';

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
