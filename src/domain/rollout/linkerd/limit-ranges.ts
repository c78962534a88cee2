import { asNumber, asText } from '../../../lib/json.ts';
import { cpuMillicores, memoryBytes, parseQuantity } from '../../kubernetes/quantity.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { inheritedAnnotations } from '../../mesh/linkerd/injection/inheritance.ts';
import { limitRangesOf, type LimitRule } from '../../world/platform/quotas.ts';
import type { Container } from '../../world/pod-shape.ts';
import { isProxyContainer } from '../../world/proxy-containers.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Trap } from '../accepted-traps.ts';
import { proxyResources, type StatedAmounts, type StatedResources } from './proxy-resources.ts';

const RESOURCES = ['cpu', 'memory'] as const;
type Resource = (typeof RESOURCES)[number];

const IN_UNITS: Readonly<Record<Resource, (raw: unknown) => number | undefined>> = {
  cpu: cpuMillicores,
  memory: memoryBytes,
};

/**
 * LimitRanges that refuse the pods of these workloads for what their proxies state, or do not. `start` is the world that
 * the plan began in. Source: kubernetes plugin/pkg/admission/limitranger/admission.go#PodValidateLimitFunc.
 */
export function refusedByRange(start: World, world: World, workloads: readonly Workload[]): readonly Trap[] {
  const ranges = limitRangesOf(world);
  if (!ranges.known) return [];
  return workloads.flatMap((workload) => {
    const here = ranges.value.filter(({ namespace }) => namespace === workload.namespace);
    const rules = here.flatMap(({ limits }) => limits);
    return here.flatMap(({ name, limits }): readonly Trap[] => {
      const against = limits.flatMap((rule) => whyRefused(rule, { start, world, workload, rules }));
      if (against.length === 0) return [];
      return [
        {
          id: 'P20',
          where: formatWorkload(workload),
          what: `LimitRange ${workload.namespace}/${name} refuses every pod of ${formatWorkload(workload)} with a proxy: ${against.join(', ')}`,
          remedy:
            'set config.linkerd.io/proxy-cpu-request, proxy-cpu-limit, proxy-memory-request or proxy-memory-limit on the pod template or the namespace to what it admits, or widen it, and plan again',
        },
      ];
    });
  });
}

interface Asked {
  readonly start: World;
  readonly world: World;
  readonly workload: Workload;
  /** All rules of the namespace, whose defaults fill in what a container leaves out. */
  readonly rules: readonly LimitRule[];
}

function whyRefused(rule: LimitRule, asked: Asked): readonly string[] {
  if (rule.type !== 'Container' && rule.type !== 'Pod') return [];
  return RESOURCES.flatMap((resource) => {
    const bounds = [rule.min, rule.max, rule.maxLimitRequestRatio];
    if (bounds.every((bound) => bound[resource] === undefined)) return [];
    const stated = statedByProxy(asked, resource);
    if (typeof stated === 'string') return [`what the proxy states is not known (${stated})`];
    const proxy = filledIn(stated, asked.rules, resource);
    return rule.type === 'Container'
      ? ofContainer(rule, proxy, resource)
      : ofPod(rule, [proxy, ...ownOf(asked, resource)], resource);
  });
}

/** Annotations come first, each for itself; a text where the chart's values are not known and something hangs on them. */
function statedByProxy({ start, world, workload }: Asked, resource: Resource): StatedAmounts | string {
  const home = world.get({ kind: KIND.namespace, name: workload.namespace })?.metadata.annotations ?? {};
  const annotations = inheritedAnnotations(home, workload.template.annotations);
  const request = annotations[`config.linkerd.io/proxy-${resource}-request`];
  const limit = annotations[`config.linkerd.io/proxy-${resource}-limit`];
  if (request !== undefined && limit !== undefined) return { request, limit };
  const chart = proxyResources(start);
  if (!chart.known) return chart.reason;
  const given: StatedResources = chart.value;
  return { request: request ?? given[resource].request, limit: limit ?? given[resource].limit };
}

/** A limit stands for the request that is not stated; then the defaults of the namespace, which stand for each other. */
function filledIn({ request, limit }: StatedAmounts, rules: readonly LimitRule[], resource: Resource): StatedAmounts {
  const ofContainers = rules.filter(({ type }) => type === 'Container');
  const first = (pick: (rule: LimitRule) => string | undefined): string | undefined =>
    ofContainers.map(pick).find((each) => each !== undefined);
  const most = first((rule) => rule.default[resource] ?? rule.max[resource]);
  const usual = first(
    (rule) => rule.defaultRequest[resource] ?? rule.default[resource] ?? rule.max[resource] ?? rule.min[resource],
  );
  return { request: request ?? limit ?? usual, limit: limit ?? most };
}

function ofContainer(rule: LimitRule, { request, limit }: StatedAmounts, resource: Resource): readonly string[] {
  const [min, max] = [rule.min[resource], rule.max[resource]];
  const { [resource]: ratio } = rule.maxLimitRequestRatio;
  const read = IN_UNITS[resource];
  const own = `of the proxy's ${resource}`;
  return [
    ...(isLess(read(request), read(min)) || (min !== undefined && request === undefined)
      ? [`request ${request ?? 'none'} ${own} is below min ${min ?? ''}`]
      : []),
    ...(isLess(read(max), read(limit)) ? [`limit ${limit ?? ''} ${own} is above max ${max ?? ''}`] : []),
    ...(isLess(read(max), read(request)) ? [`request ${request ?? ''} ${own} is above max ${max ?? ''}`] : []),
    ...(isOverRatio(read(request), read(limit), ratio)
      ? [`limit ${limit ?? 'none'} to request ${request ?? 'none'} ${own} is above maxLimitRequestRatio ${ratio ?? ''}`]
      : []),
  ];
}

/** What is not stated counts as nothing: the sum is then at least that. */
function ofPod(rule: LimitRule, all: readonly StatedAmounts[], resource: Resource): readonly string[] {
  const { [resource]: max } = rule.max;
  const { [resource]: ratio } = rule.maxLimitRequestRatio;
  const read = IN_UNITS[resource];
  const sum = (pick: (each: StatedAmounts) => string | undefined): number =>
    all.reduce((total, each) => total + (read(pick(each)) ?? 0), 0);
  const [requests, limits] = [sum(({ request }) => request), sum(({ limit }) => limit)];
  const isWhole = all.every(({ request, limit }) => request !== undefined && limit !== undefined);
  return [
    ...(isLess(read(max), Math.max(requests, limits))
      ? [`with the proxy's the pod's ${resource} is above max ${max ?? ''} for a pod`]
      : []),
    ...(isWhole && isOverRatio(requests, limits, ratio)
      ? [`with the proxy's the pod's ${resource} is above maxLimitRequestRatio ${ratio ?? ''} for a pod`]
      : []),
  ];
}

function isLess(left: number | undefined, right: number | undefined): boolean {
  return left !== undefined && right !== undefined && left < right;
}

function isOverRatio(request: number | undefined, limit: number | undefined, ratio: string | undefined): boolean {
  const most = parseQuantity(ratio);
  if (most === undefined) return false;
  return request === undefined || request === 0 || limit === undefined || limit > request * most;
}

/** Of the workload's own containers that run together. */
function ownOf({ workload: { template }, rules }: Asked, resource: Resource): readonly StatedAmounts[] {
  const beside = template.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...template.containers, ...beside]
    .filter(({ name }) => !isProxyContainer(name, template))
    .map((container) => filledIn(statedBy(container, resource), rules, resource));
}

function statedBy({ requests, limits }: Container, resource: Resource): StatedAmounts {
  return { request: written(requests[resource]), limit: written(limits[resource]) };
}

function written(amount: unknown): string | undefined {
  const number = asNumber(amount);
  return asText(amount) ?? (number === undefined ? undefined : String(number));
}
