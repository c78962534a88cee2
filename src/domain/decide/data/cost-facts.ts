import type { OptionId, PerOption } from '../option.ts';
import type { Mark } from './criteria.ts';

const MIB = 1024 * 1024;

/** What one piece of a mesh reserves: from the least to the most that its chart or a measurement names. */
export interface Piece {
  /** `pod`: per meshed pod; `node`: per node; `namespace`: per namespace with workloads; `cluster`: once. */
  readonly per: 'pod' | 'node' | 'namespace' | 'cluster';
  readonly what: string;
  readonly millicores: readonly [least: number, most: number];
  readonly bytes: readonly [least: number, most: number];
}

/** What an option reserves; `unknown` where no source gives a number. */
export interface CostFacts {
  readonly pieces: readonly Piece[];
  readonly unknownCpu?: string;
  readonly unknownMemory?: string;
  readonly source: string;
  readonly date: string;
  readonly mark: Mark;
  readonly notes: readonly string[];
}

/** A piece from its millicores and mebibytes, each from least to most. */
function piece(
  per: Piece['per'],
  what: string,
  reserves: { readonly cpu: Piece['millicores']; readonly mebibytes: Piece['bytes'] },
): Piece {
  const [least, most] = reserves.mebibytes;
  return { per, what, millicores: reserves.cpu, bytes: [least * MIB, most * MIB] };
}

const ISTIO_CHARTS = {
  source: 'https://github.com/istio/istio/tree/master/manifests/charts',
  date: '2026-08-22',
  mark: 'P',
} as const;

const ISTIOD = piece('cluster', 'istiod', { cpu: [500, 500], mebibytes: [2048, 2048] });

/** Requests of the charts, per option. No price: cores and bytes are what a mesh takes, their price is yours. */
export const COST_FACTS: Readonly<Record<Exclude<OptionId, 'none'>, CostFacts>> = {
  'istio-sidecar': {
    ...ISTIO_CHARTS,
    pieces: [piece('pod', 'sidecar', { cpu: [100, 100], mebibytes: [128, 128] }), ISTIOD],
    notes: ['requests do not bin-pack: whole nodes were added at up to twice this share in one published bill'],
  },
  'istio-ambient': {
    ...ISTIO_CHARTS,
    pieces: [
      piece('node', 'ztunnel', { cpu: [200, 200], mebibytes: [512, 512] }),
      piece('node', 'istio-cni', { cpu: [100, 100], mebibytes: [100, 100] }),
      piece('namespace', 'waypoint, where L7 is needed', { cpu: [0, 100], mebibytes: [0, 128] }),
      ISTIOD,
    ],
    notes: ['the high end has one waypoint replica in each namespace'],
  },
  linkerd: {
    source: 'https://github.com/linkerd/linkerd2/tree/main/charts/linkerd-control-plane',
    date: '2026-08-21',
    mark: 'P',
    pieces: [
      piece('pod', 'proxy', { cpu: [0, 100], mebibytes: [4, 30] }),
      piece('cluster', 'control plane, three replicas in HA', { cpu: [0, 900], mebibytes: [0, 330] }),
    ],
    notes: [
      'by default the chart requests nothing: the high end is its HA values, memory is what proxies were measured to use (4 to 30 MB)',
      'proxies without requests are evicted first, and a quota on requests rejects them',
    ],
  },
  consul: {
    source: 'https://github.com/hashicorp/consul-k8s/blob/main/charts/consul/values.yaml',
    date: '2026-08-20',
    mark: 'P',
    pieces: [
      piece('pod', 'dataplane', { cpu: [0, 100], mebibytes: [0, 100] }),
      piece('cluster', 'three servers', { cpu: [300, 300], mebibytes: [600, 600] }),
      piece('cluster', 'connect-inject', { cpu: [50, 250], mebibytes: [200, 500] }),
    ],
    notes: [
      'by default the dataplane requests nothing: the high end is its recommendation for production',
      'the servers’ default is for a laptop; the capacity guide names 8 to 16 cores each',
    ],
  },
  cilium: {
    source: 'https://docs.cilium.io/en/stable/operations/performance/scalability/report/',
    date: '2020-01-01',
    mark: 'P',
    pieces: [],
    unknownCpu: 'no published request, and the CPU of eBPF in the kernel is invisible to container metrics',
    unknownMemory:
      'no published request; the agent that is there as CNI already has its share, and L7 was not measured',
    notes: [],
  },
};

/** Milliseconds that one edge between two meshed ends adds, from a low p50 to a high p99; undefined where unknown. */
export interface LatencyFacts {
  readonly low: number;
  readonly high: number;
  readonly source: string;
  readonly date: string;
  readonly mark: Mark;
  readonly note: string;
}

const SOLO = {
  source: 'https://github.com/solo-io/service-mesh-for-less-blog',
  date: '2024-06-24',
  mark: 'R',
} as const;

/** Latency bands per option; ambient spans L4 alone and a waypoint in the path. */
export const LATENCY_FACTS: PerOption<LatencyFacts | undefined> = {
  'istio-sidecar': { ...SOLO, low: 0.5, high: 3, note: 'measured by Solo.io: p50 0.96, p99 1.44 on Istio 1.22' },
  'istio-ambient': {
    ...SOLO,
    low: 0.1,
    high: 1.6,
    note: 'measured by Solo.io on 1.22: L4 p50 0.16, with a waypoint p99 0.99',
  },
  linkerd: { ...SOLO, low: 0.4, high: 1.5, note: 'measured by Solo.io, a competitor: p50 0.58, p99 0.76 on 2.14' },
  consul: {
    low: 0.5,
    high: 3,
    source: 'our estimate: no benchmark found, an Envoy sidecar like Istio’s',
    date: '2026-11-21',
    mark: 'E',
    note: 'no benchmark found',
  },
  cilium: {
    low: 0.5,
    high: 3,
    source: 'https://github.com/livewyer-ops/poc-servicemesh2024',
    date: '2024-03-18',
    mark: 'E',
    note: 'with L7 and authentication; measured as a whole, not per edge',
  },
  none: undefined,
};
