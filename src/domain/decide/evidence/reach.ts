import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { servicesOf } from '../../world/service.ts';
import type { AssessInput } from '../assessment.ts';
import { joined, lookFor, type Evaluators, type Look } from './signs.ts';

/** What the cluster shows of other clusters, machines and custom filters. Strengths are our judgement. */
export const REACH: Evaluators = {
  multicluster: ({ world }) =>
    lookFor(world, [
      {
        kind: 'multicluster.x-k8s.io/ServiceExport',
        strength: () => 0.8,
        rule: 'services are exported to other clusters',
      },
      { kind: 'multicluster.x-k8s.io/ServiceImport', strength: () => 0.8, rule: 'services come from other clusters' },
      { kind: 'multicluster.linkerd.io/Link', strength: () => 0.9, rule: 'clusters are linked' },
      { kind: 'submariner.io/Cluster', strength: () => 0.8, rule: 'clusters share a network' },
      {
        kind: KIND.namespace,
        strength: (object) => (object.metadata.labels['topology.istio.io/network'] === undefined ? undefined : 0.6),
        field: 'metadata.labels',
        rule: 'the cluster is one of several networks',
      },
    ]),
  'vm-workloads': machines,
  extensibility: ({ world }) =>
    lookFor(world, [
      { kind: KIND.envoyFilter, strength: () => 0.8, rule: 'proxies are changed by hand' },
      { kind: KIND.wasmPlugin, strength: () => 0.8, rule: 'proxies run custom filters' },
      { kind: KIND.trafficExtension, strength: () => 0.8, rule: 'proxies run custom filters' },
    ]),
};

function machines({ world }: AssessInput): Look {
  const objects = lookFor(world, [
    { kind: KIND.workloadEntry, strength: () => 0.8, rule: 'machines are in the mesh' },
    { kind: 'workload.linkerd.io/ExternalWorkload', strength: () => 0.8, rule: 'machines are in the mesh' },
  ]);
  const gap = world.list(KIND.service).gap;
  const outside = servicesOf(world).filter(
    (service) => service.selector === undefined && service.type !== 'ExternalName' && !isApiServer(service),
  );
  const rule = 'somebody writes this service’s endpoints by hand, as for machines outside';
  const signs = outside.slice(0, 3).map((service) => ({
    value: 0.3,
    evidence: { object: refOf(service.object), field: 'spec.selector', rule },
  }));
  return joined([objects, { signs, gaps: gap === undefined ? [] : [gap] }]);
}

function isApiServer(service: { readonly namespace: string; readonly name: string }): boolean {
  return service.namespace === 'default' && service.name === 'kubernetes';
}
