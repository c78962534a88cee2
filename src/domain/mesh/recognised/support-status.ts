import type { Detection } from '../mesh.ts';
import type { SupportStatus } from '../support-status.ts';

const READ = '2026-11-21';

/** Whether the recognised meshes are still maintained, as it was found on the day that each entry names. */
export const SUPPORT: Readonly<Record<Exclude<Detection['mesh'], 'istio' | 'linkerd'>, SupportStatus>> = {
  consul: {
    status: 'maintained',
    note: '2.0 is supported until 2028-04-30, 1.21 LTS until 2027-04-30; support of 1.22 ended on 2026-10-31.',
    source: 'https://docs.hashicorp.com/consul/docs/v1.22.x/upgrade/lts',
    asOf: READ,
  },
  cilium: {
    status: 'maintained',
    note: '1.18 to 1.20 are maintained; its mutual authentication is deprecated since 1.20, and its ztunnel encryption is beta.',
    source: 'https://github.com/cilium/cilium/issues/47132',
    asOf: READ,
  },
  'app-mesh': {
    status: 'ended',
    since: '2026-09-30',
    note: 'AWS has switched the service off: proxies keep their last configuration, and new pods cannot get any.',
    source: 'https://docs.aws.amazon.com/app-mesh/latest/userguide/getting-started-kubernetes.html',
    asOf: READ,
  },
  kuma: {
    status: 'maintained',
    note: '2.13 LTS is supported until 2027-12-22, 2.14 until 2027-06-12, 2.11 until 2026-12-10; 2.12 and older ended.',
    source: 'https://github.com/kumahq/kuma/blob/master/versions.yml',
    asOf: READ,
  },
  osm: {
    status: 'archived',
    since: '2023-07-10',
    note: 'No release follows 1.2.4; the AKS add-on alone is supported, until 2027-09-30.',
    source: 'https://github.com/openservicemesh/osm',
    asOf: READ,
  },
  'traefik-mesh': {
    status: 'archived',
    since: '2022-08-19',
    note: 'No release follows 1.4.8 of that day, and its documentation names Kubernetes 1.21 to 1.23.',
    source: 'https://github.com/traefik/mesh',
    asOf: READ,
  },
  'nginx-service-mesh': {
    status: 'archived',
    since: '2024-03',
    note: 'No release follows 2.0.0, whose proxies are NGINX Plus images.',
    source: 'https://github.com/nginxinc/nginx-service-mesh',
    asOf: READ,
  },
  'cloud-service-mesh': {
    status: 'maintained',
    note: 'Managed by Google; the ISTIOD implementation is deprecated in favour of TRAFFIC_DIRECTOR, and which of them runs only the fleet API says.',
    source: 'https://docs.cloud.google.com/service-mesh',
    asOf: READ,
  },
  'vpc-lattice': {
    status: 'maintained',
    note: 'A service of AWS; its authorization and TLS are kept there and not in the cluster.',
    source: 'https://github.com/aws/aws-application-networking-k8s',
    asOf: READ,
  },
  smi: {
    status: 'archived',
    since: '2023-10',
    note: 'The specification is archived, and none of the meshes that implement it is developed any more.',
    source: 'https://github.com/servicemeshinterface/smi-spec',
    asOf: READ,
  },
};
