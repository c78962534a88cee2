import type { PerOption } from '../option.ts';
import type { BurdenId, Mark, NeedId } from './criteria.ts';

/** What an option does for a criterion, 0 to 1; for a burden, 1 is no burden at all. */
export type CapabilityMatrix = Readonly<Record<NeedId | BurdenId, PerOption<number>>>;

/** What an option could do before today; `pre-2021`: until 2020, the others for the year or years around them. */
export type Era = 'pre-2021' | '2021' | '2023' | 'now';

/** Where the matrix comes from; the numbers are our grading [E] of documentation that was read [P] unless noted. */
export const CAPABILITY_SOURCE: { readonly date: string; readonly mark: Mark; readonly basis: string } = {
  date: '2026-11-21',
  mark: 'E',
  basis:
    'graded from the documentation of Istio 1.31, Linkerd 2.20, consul-k8s 2.0 and Cilium 1.20 [P]; JWT and FIPS of Consul [M]',
};

function row(values: readonly [number, number, number, number, number, number]): PerOption<number> {
  const [sidecar, ambient, linkerd, consul, cilium, none] = values;
  return { 'istio-sidecar': sidecar, 'istio-ambient': ambient, linkerd, consul, cilium, none };
}

/** In the order istio-sidecar, istio-ambient, linkerd, consul, cilium, none. */
const NOW: CapabilityMatrix = {
  'mtls-identity': row([1, 0.95, 0.95, 0.9, 0.55, 0]),
  'l4-isolation': row([0.8, 0.8, 0.75, 0.75, 1, 0.35]),
  'l7-authz-jwt': row([1, 0.9, 0.45, 0.8, 0.4, 0]),
  'l7-traffic': row([1, 0.85, 0.65, 0.8, 0.45, 0.05]),
  'grpc-lb-resilience': row([0.9, 0.75, 1, 0.8, 0.4, 0.1]),
  'uniform-l7-metrics': row([0.95, 0.65, 1, 0.65, 0.5, 0.05]),
  multicluster: row([0.95, 0.6, 0.7, 0.9, 0.75, 0.05]),
  'vm-workloads': row([0.9, 0.05, 0.45, 1, 0.35, 0.1]),
  extensibility: row([1, 0.7, 0.1, 0.6, 0.35, 0.2]),
  'ops-simplicity': row([0.3, 0.5, 0.7, 0.25, 0.65, 1]),
  'resource-cost': row([0.25, 0.85, 0.75, 0.3, 0.8, 1]),
  latency: row([0.4, 0.8, 0.7, 0.4, 0.65, 1]),
  maturity: row([1, 0.7, 0.75, 0.6, 0.7, 1]),
  'adoption-effort': row([0.5, 0.75, 0.75, 0.4, 0.35, 1]),
};

/** What Linkerd could do then, where it differs from today; the other options did not exist or did not change. */
const LINKERD_THEN: Readonly<Record<Exclude<Era, 'now'>, Partial<Record<NeedId | BurdenId, number>>>> = {
  'pre-2021': {
    'l4-isolation': 0.1,
    'l7-authz-jwt': 0,
    'l7-traffic': 0.3,
    'grpc-lb-resilience': 0.8,
    'vm-workloads': 0,
    multicluster: 0.35,
    extensibility: 0.05,
    maturity: 0.6,
  },
  '2021': {
    'l4-isolation': 0.6,
    'l7-authz-jwt': 0.2,
    'l7-traffic': 0.35,
    'grpc-lb-resilience': 0.85,
    'vm-workloads': 0,
    multicluster: 0.5,
    extensibility: 0.05,
    maturity: 0.7,
  },
  '2023': { 'l7-traffic': 0.6, 'vm-workloads': 0, multicluster: 0.65 },
};

/** The matrix of an era. */
export function capabilitiesOf(era: Era): CapabilityMatrix {
  if (era === 'now') return NOW;
  const then = LINKERD_THEN[era];
  const entries = Object.entries(NOW).map(([id, values]) => {
    const linkerd = then[id as NeedId | BurdenId];
    return [id, linkerd === undefined ? values : { ...values, linkerd }];
  });
  return Object.fromEntries(entries) as CapabilityMatrix;
}
