/** A release line of Linkerd, with the edge release that it is announced as, and what it runs on. */
export interface LinkerdRelease {
  /** As `2.20`. */
  readonly line: string;
  /** The images' tag, as `edge-26.6.3`. */
  readonly version: string;
  /** Version of both charts. */
  readonly chart: string;
  /** Kubernetes minor versions (34 for 1.34) that it supports. */
  readonly kubernetesFrom: number;
  readonly kubernetesTo: number;
  /** Releases of the Gateway API definitions that it reads. */
  readonly gatewayApiFrom: string;
  readonly gatewayApiTo: string;
  readonly source: string;
  /** When the source was read. */
  readonly asOf: string;
}

const SOURCE = 'https://linkerd.io/2-edge/reference/k8s-versions/';

/** Releases that can be installed, newest first. Only edge releases have been published since February 2024. */
export const LINKERD_RELEASES: readonly LinkerdRelease[] = [
  {
    ...{ line: '2.20', version: 'edge-26.6.3', chart: '2026.6.3', kubernetesFrom: 31, kubernetesTo: 35 },
    ...{ gatewayApiFrom: '1.2.1', gatewayApiTo: '1.5.1', source: SOURCE, asOf: '2026-08-21' },
  },
  {
    ...{ line: '2.19', version: 'edge-25.10.7', chart: '2025.10.7', kubernetesFrom: 22, kubernetesTo: 35 },
    ...{ gatewayApiFrom: '1.1.1', gatewayApiTo: '1.2.1', source: SOURCE, asOf: '2026-08-21' },
  },
  {
    ...{ line: '2.18', version: 'edge-25.4.4', chart: '2025.4.4', kubernetesFrom: 22, kubernetesTo: 32 },
    ...{ gatewayApiFrom: '1.1.1', gatewayApiTo: '1.2.1', source: SOURCE, asOf: '2026-08-21' },
  },
];

/** The Gateway API definitions that every release named here reads. */
export const GATEWAY_API = '1.2.1';

/** Where the charts of edge releases are published. */
export const LINKERD_CHARTS = 'https://helm.linkerd.io/edge';

/** Kinds that chart `linkerd-crds` makes the cluster serve. Source: linkerd2 charts/linkerd-crds/templates. */
export const LINKERD_KINDS = [
  'linkerd.io/ServiceProfile',
  'policy.linkerd.io/AuthorizationPolicy',
  'policy.linkerd.io/EgressNetwork',
  'policy.linkerd.io/HTTPLocalRateLimitPolicy',
  'policy.linkerd.io/HTTPRoute',
  'policy.linkerd.io/MeshTLSAuthentication',
  'policy.linkerd.io/NetworkAuthentication',
  'policy.linkerd.io/Server',
  'policy.linkerd.io/ServerAuthorization',
  'workload.linkerd.io/ExternalWorkload',
] as const;

/** Chart value `proxy.opaquePorts`, as every release named here has it. */
export const CHART_OPAQUE_PORTS = '25,587,3306,4444,5432,6379,9300,11211';
