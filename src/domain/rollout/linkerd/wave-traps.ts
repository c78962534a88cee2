import { KIND } from '../../kubernetes/kinds.ts';
import { SKIP_INBOUND_PORTS } from '../../mesh/linkerd/names.ts';
import { autoscalersOf } from '../../world/platform/autoscalers.ts';
import { limitRangesOf, quotasOf } from '../../world/platform/quotas.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Trap } from '../accepted-traps.ts';
import { refusedByRange } from './limit-ranges.ts';
import { proxyResources } from './proxy-resources.ts';

/**
 * What objects show that a proxy in the pods of these workloads would break without a call that fails at once. `start` is
 * the world that the plan began in: a control plane that is not in it gets the values of the plan. Sources:
 * https://github.com/linkerd/linkerd2/issues/7777, https://github.com/linkerd/linkerd2/issues/1480,
 * https://github.com/linkerd/linkerd2/issues/10162.
 */
export function waveTraps(start: World, world: World, workloads: readonly Workload[]): readonly Trap[] {
  return [
    ...workloads.flatMap(blindProbes),
    ...scaledByProxies(world, workloads),
    ...refusedByQuota(start, world, workloads),
    ...refusedByRange(start, world, workloads),
  ];
}

function blindProbes(workload: Workload): readonly Trap[] {
  const skipped = workload.template.annotations[SKIP_INBOUND_PORTS] ?? '';
  return workload.template.containers
    .flatMap((container) => container.probes)
    .filter(({ handler, port }) => handler === 'tcp' && !skips(skipped, port))
    .map(({ phase, port }) => ({
      id: 'P12',
      where: formatWorkload(workload),
      what: `${formatWorkload(workload)}: its ${phase} probe only opens a connection (tcpSocket, port ${port === undefined ? 'unknown' : String(port)}), which the proxy takes whether or not the application is there, so it would succeed always`,
      remedy: 'use httpGet, grpc or exec in its source, and plan again',
    }));
}

function skips(skipped: string, port: number | undefined): boolean {
  if (port === undefined) return false;
  return skipped.split(',').some((each) => {
    const [from = '', to = from] = each.trim().split('-');
    return /^\d+$/.test(from) && /^\d+$/.test(to) && Number(from) <= port && port <= Number(to);
  });
}

function scaledByProxies(world: World, workloads: readonly Workload[]): readonly Trap[] {
  const { horizontal } = autoscalersOf(world);
  if (!horizontal.known) return [];
  return workloads.flatMap((workload) =>
    horizontal.value
      .filter(
        ({ namespace, target }) => namespace === workload.namespace && target === `${workload.kind}/${workload.name}`,
      )
      .filter(({ metrics }) => !metrics.known || metrics.value.some(({ countsSidecars }) => countsSidecars))
      .map(({ name, metrics }): Trap => ({
        id: 'P19',
        where: formatWorkload(workload),
        what: metrics.known
          ? `HorizontalPodAutoscaler ${workload.namespace}/${name} counts what all containers of ${formatWorkload(workload)} use, so the proxy moves its numbers, and without requests of the proxy a utilisation cannot be told at all`
          : `whether HorizontalPodAutoscaler ${workload.namespace}/${name} counts what the proxy uses is not known: ${metrics.reason}`,
        remedy: "count the application's container alone (a ContainerResource metric), and plan again",
      })),
  );
}

/** What the proxy has to state, by the annotation that has it do so and the resource. */
const STATED: Readonly<Record<string, { readonly annotation: string; readonly resource: 'cpu' | 'memory' }>> = {
  'requests.cpu': { annotation: 'config.linkerd.io/proxy-cpu-request', resource: 'cpu' },
  'requests.memory': { annotation: 'config.linkerd.io/proxy-memory-request', resource: 'memory' },
  'limits.cpu': { annotation: 'config.linkerd.io/proxy-cpu-limit', resource: 'cpu' },
  'limits.memory': { annotation: 'config.linkerd.io/proxy-memory-limit', resource: 'memory' },
};

/** A quota refuses a pod of which a container does not state what the quota counts; the proxy is one of them. */
function refusedByQuota(start: World, world: World, workloads: readonly Workload[]): readonly Trap[] {
  const quotas = quotasOf(world);
  if (!quotas.known) return [];
  return workloads.flatMap((workload) => {
    const namespace = world.get({ kind: KIND.namespace, name: workload.namespace })?.metadata.annotations ?? {};
    const annotations = { ...namespace, ...workload.template.annotations };
    return quotas.value
      .filter((quota) => quota.namespace === workload.namespace)
      .flatMap(({ name, demands }): readonly Trap[] => {
        const missing = demands.filter(
          (demand) =>
            !isStated(annotations, demand) && !isDefaulted(world, workload, demand) && !chartStates(start, demand),
        );
        if (missing.length === 0) return [];
        const words = missing.flatMap((demand) => STATED[demand]?.annotation ?? []).join(', ');
        return [
          {
            id: 'P20',
            where: formatWorkload(workload),
            what: `ResourceQuota ${workload.namespace}/${name} refuses every pod of which a container does not state ${missing.join(', ')}, and the proxy of ${formatWorkload(workload)} would not`,
            remedy: `set ${words} on the pod template or the namespace, or a LimitRange with defaults, and plan again`,
          },
        ];
      });
  });
}

/** A limit stands for the request too. */
function isStated(annotations: Readonly<Record<string, string>>, demand: string): boolean {
  const own = STATED[demand];
  const limit = STATED[demand.replace('requests.', 'limits.')];
  return [own, limit].some((each) => each !== undefined && annotations[each.annotation] !== undefined);
}

/** A LimitRange fills in what a container leaves out before quotas are looked at. */
function isDefaulted(world: World, { namespace }: Workload, demand: string): boolean {
  const ranges = limitRangesOf(world);
  if (!ranges.known) return false;
  const [what = '', resource = ''] = demand.split('.');
  return ranges.value
    .filter((range) => range.namespace === namespace)
    .flatMap(({ limits }) => limits)
    .filter(({ type }) => type === 'Container')
    .some(
      (limit) =>
        limit.default[resource] !== undefined || (what === 'requests' && limit.defaultRequest[resource] !== undefined),
    );
}

/** Of a control plane that is here only what its values say counts; what cannot be read says nothing. */
function chartStates(start: World, demand: string): boolean {
  const given = proxyResources(start);
  const own = STATED[demand];
  if (!given.known || own === undefined) return false;
  const { request, limit } = given.value[own.resource];
  return limit !== undefined || (demand.startsWith('requests.') && request !== undefined);
}
