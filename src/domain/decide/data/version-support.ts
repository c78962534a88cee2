import type { OptionId } from '../option.ts';
import type { Mark } from './criteria.ts';

/** Which Kubernetes the maintained releases of a mesh run on; minor versions of Kubernetes 1.x. */
export interface VersionSupport {
  readonly option: Exclude<OptionId, 'none'>;
  /** The release that the numbers are for. */
  readonly release: string;
  /** Below this no maintained release runs or was tested; absent where no source says so. */
  readonly refusedBelow?: number;
  /** The oldest and newest minor version that the release names as supported; absent where unknown. */
  readonly supportedFrom?: number;
  readonly supportedTo?: number;
  readonly source: string;
  readonly date: string;
  readonly mark: Mark;
}

const ISTIO = {
  release: 'Istio 1.30',
  refusedBelow: 27,
  supportedFrom: 32,
  supportedTo: 36,
  source: 'https://istio.io/latest/docs/releases/supported-releases/',
  date: '2026-08-27',
  mark: 'P',
} as const;

/** The Kubernetes versions that each mesh supports. */
export const VERSION_SUPPORT: readonly VersionSupport[] = [
  { option: 'istio-sidecar', ...ISTIO },
  { option: 'istio-ambient', ...ISTIO },
  {
    option: 'linkerd',
    release: 'Linkerd 2.19',
    refusedBelow: 22,
    supportedFrom: 22,
    supportedTo: 35,
    source: 'https://linkerd.io/2-edge/reference/k8s-versions/',
    date: '2026-06-23',
    mark: 'P',
  },
  {
    option: 'consul',
    release: 'consul-k8s 2.0',
    refusedBelow: 22,
    source: 'https://github.com/hashicorp/consul-k8s/blob/main/charts/consul/Chart.yaml',
    date: '2026-08-20',
    mark: 'P',
  },
  {
    option: 'cilium',
    release: 'Cilium 1.18',
    supportedFrom: 30,
    supportedTo: 33,
    source: 'https://docs.cilium.io/en/v1.18/network/kubernetes/compatibility/',
    date: '2026-10-22',
    mark: 'S',
  },
];
