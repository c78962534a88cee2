import { compareBy } from '../../lib/order.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { derivedFrom } from '../world/derived.ts';
import { servicesNamed, workloadsBehind } from './find-services.ts';
import { podsOf, workloadsNamed } from './find-workloads.ts';

const SERVICE = 'consul.hashicorp.com/connect-service';

/**
 * The workloads that may be a service of that name in Consul: as their pods are annotated, else those behind a Service
 * of the name, else a workload of the name.
 * Source: https://developer.hashicorp.com/consul/docs/k8s/annotations-and-labels.
 */
export function consulWorkloads(world: World, name: string): readonly Workload[] {
  const annotated = derivedFrom(world, byAnnotation).get(name) ?? [];
  const behind = servicesNamed(world, name).flatMap((service) =>
    workloadsBehind(world, service).map(({ workload }) => workload),
  );
  const named = annotated.length + behind.length > 0 ? [...annotated, ...behind] : workloadsNamed(world, name);
  return [...new Map(named.map((each) => [formatWorkload(each), each])).values()].sort(compareBy(formatWorkload));
}

function byAnnotation(world: World): ReadonlyMap<string, readonly Workload[]> {
  const index = new Map<string, Workload[]>();
  for (const workload of workloadsOf(world)) {
    const texts = podsOf(workload).map((pod) => pod.annotations[SERVICE] ?? '');
    for (const name of new Set(texts.flatMap((text) => text.split(',')).map((text) => text.trim()))) {
      if (name === '') continue;
      const list = index.get(name);
      if (list === undefined) index.set(name, [workload]);
      else list.push(workload);
    }
  }
  return index;
}
