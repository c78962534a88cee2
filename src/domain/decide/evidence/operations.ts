import { KIND } from '../../kubernetes/kinds.ts';
import { servicesOf } from '../../world/service.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { containersWhere, workloadGaps } from './containers.ts';
import { lookFor, shareLook, type Evaluators, type Look } from './signs.ts';

/** Source: https://istio.io/latest/docs/ops/deployment/application-requirements/, server first protocols. */
const SERVER_FIRST_PORTS: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** What the cluster shows of effort, cost and alternatives; the rest of the burdens only a person knows. */
export const OPERATIONS: Evaluators = {
  'resource-cost': ({ world }) =>
    lookFor(world, [{ kind: KIND.resourceQuota, strength: () => 0.3, rule: 'resources are rationed' }]),
  'adoption-effort': ({ world }) => obstacles(world),
  'upgrade-blast-radius': ({ world }) => singleReplicas(world),
  'in-house-alternative': ({ world }) =>
    containersWhere(world, (container) =>
      container.env.some((variable) => variable.name.startsWith('GRPC_XDS_BOOTSTRAP'))
        ? { value: 0.5, rule: 'the application speaks xDS by itself' }
        : undefined,
    ),
  fips: ({ world }) =>
    lookFor(world, [
      {
        kind: KIND.node,
        strength: (object) => (Object.keys(object.metadata.labels).some((key) => /fips/i.test(key)) ? 0.5 : undefined),
        field: 'metadata.labels',
        rule: 'a node label names FIPS',
      },
    ]),
};

function obstacles(world: World): Look {
  const workloads = workloadsOf(world);
  const hard = workloads.filter(isHard).length;
  const ports = servicesOf(world).flatMap((service) => service.ports);
  const odd = ports.filter((port) => port.protocol !== 'TCP' || SERVER_FIRST_PORTS.has(port.port)).length;
  const total = workloads.length + ports.length;
  const gap = world.list(KIND.service).gap;
  const gaps = [...workloadGaps(world), ...(gap === undefined ? [] : [gap])];
  const value = `${String(hard)} workloads, ${String(odd)} ports of ${String(total)}`;
  const rule = 'hostNetwork, StatefulSets, UDP and server-first ports need care one by one';
  const evidence = { field: 'obstacles', value, rule };
  return shareLook({ part: hard + odd, whole: total, evidence, gaps });
}

function isHard(workload: Workload): boolean {
  return workload.template.hostNetwork || workload.kind === 'StatefulSet';
}

function singleReplicas(world: World): Look {
  const serving = workloadsOf(world).filter((workload) => ['Deployment', 'StatefulSet'].includes(workload.kind));
  const single = serving.filter((workload) => workload.replicas.known && workload.replicas.value === 1).length;
  const value = `${String(single)} of ${String(serving.length)}`;
  const rule = 'a restart of these is an interruption';
  const evidence = { field: 'workloads with one replica', value, rule };
  return shareLook({ part: single, whole: serving.length, evidence, gaps: workloadGaps(world) });
}
