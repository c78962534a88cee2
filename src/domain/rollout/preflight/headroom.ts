import { cpuMillicores, memoryBytes } from '../../kubernetes/quantity.ts';
import { known, mapFact, type Fact } from '../../world/fact.ts';
import { capacityOf } from '../../world/platform/capacity.ts';
import { limitRangesOf, quotasOf, type Amounts, type LimitRange, type Quota } from '../../world/platform/quotas.ts';
import type { Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { proxyResources } from '../linkerd/proxy-resources.ts';
import type { Target } from '../plan.ts';

const MIB = 1024 * 1024;

/** What the proxy of one pod asks for by the chart's values, in millicores and bytes; an amount is undefined where it states none. */
interface ProxyResources {
  readonly requests: Amount;
  readonly limits: Amount;
  readonly setBy: string;
}

interface Amount {
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
}

/** Source: istio manifests/charts/istio-control/istio-discovery/values.yaml (global.proxy.resources). */
const OF_ISTIO: ProxyResources = {
  requests: { cpu: 100, memory: 128 * MIB },
  limits: { cpu: 2000, memory: 1024 * MIB },
  setBy: 'global.proxy.resources, or the annotations sidecar.istio.io/proxyCPU and its siblings',
};

/** Ambient mode puts nothing into pods. For Linkerd they are those that the values of the plan, or of the control plane here, state. */
function proxyOf(world: World, target: Target): Fact<ProxyResources | undefined> {
  if (target === 'istio-ambient') return known(undefined);
  if (target === 'istio-sidecar') return known(OF_ISTIO);
  return mapFact(proxyResources(world), ({ cpu, memory }): ProxyResources => {
    const [cpuLimit, memoryLimit] = [cpuMillicores(cpu.limit), memoryBytes(memory.limit)];
    return {
      requests: { cpu: cpuMillicores(cpu.request) ?? cpuLimit, memory: memoryBytes(memory.request) ?? memoryLimit },
      limits: { cpu: cpuLimit, memory: memoryLimit },
      setBy: 'proxy.resources, or the annotations config.linkerd.io/proxy-cpu-request and its siblings',
    };
  });
}

/**
 * Whether the proxies of a plan fit: into the quotas and limit ranges of its namespaces, and onto the nodes, each as a
 * paragraph with what would make room. By the chart's values for Istio, whatever a control plane here may set instead.
 */
export function headroomNotes(world: World, target: Target, namespaces: readonly string[]): readonly string[] {
  const given = proxyOf(world, target);
  if (!given.known) return [`What a proxy asks of quotas, limit ranges and nodes is not known: ${given.reason}.`];
  const proxy = given.value;
  if (proxy === undefined) return [];
  const quotas = quotasOf(world);
  const ranges = limitRangesOf(world);
  const inPlan = new Set(namespaces);
  return [
    ...(quotas.known
      ? quotas.value
          .filter(({ namespace }) => inPlan.has(namespace))
          .flatMap((quota) => quotaNotes(world, proxy, quota))
      : [`Whether the proxies fit into quotas is not known: ${quotas.reason}.`]),
    ...(ranges.known
      ? ranges.value.filter(({ namespace }) => inPlan.has(namespace)).flatMap((range) => rangeNotes(proxy, range))
      : [`Whether a LimitRange refuses the proxies is not known: ${ranges.reason}.`]),
    ...nodeNotes(world, proxy, namespaces),
  ];
}

/** Pods of a namespace that get a proxy, with the one more that each rolling update may run for a while. */
function podsOf(world: World, namespace: string): { readonly settled: number; readonly updating: number } {
  const counts = workloadsIn(world, namespace).map(podsOfWorkload);
  return {
    settled: counts.reduce((sum, count) => sum + count, 0),
    // Updates run one after the other, so that the largest surge counts once.
    updating: counts.reduce((most, count) => Math.max(most, Math.ceil(count / 4)), 0),
  };
}

function podsOfWorkload({ replicas, template, kind }: Workload): number {
  return template.hostNetwork || kind === 'CronJob' || kind === 'Job' || !replicas.known ? 0 : replicas.value;
}

function quotaNotes(world: World, proxy: ProxyResources, quota: Quota): readonly string[] {
  const name = `ResourceQuota ${quota.namespace}/${quota.name}`;
  const demands = quota.demands.filter((demand) => !says(proxy, demand));
  const refusal =
    demands.length === 0
      ? []
      : [
          `${name} refuses every pod of which a container does not state ${demands.join(', ')}, and the proxy does not by the chart's values. Fix before the first wave: ${proxy.setBy}.`,
        ];
  const pods = podsOf(world, quota.namespace);
  const short = quota.resources.flatMap(({ resource, left, hard }) => {
    const each = perProxy(proxy, resource);
    if (each === undefined && !COUNTS_PODS.has(resource)) return [];
    // No proxy is a pod of its own, and an update starts one more before it ends another.
    const needed = each === undefined ? pods.updating : each * (pods.settled + pods.updating);
    if (left === undefined)
      return [`what is left of ${resource} ${hard} is not known, ${amountText(resource, needed)} is needed`];
    return left < needed
      ? [`${amountText(resource, needed)} of ${resource} is needed, ${amountText(resource, left)} of ${hard} is left`]
      : [];
  });
  if (short.length === 0) return refusal;
  const scope = quota.scopes.length === 0 ? '' : ` It counts only pods of ${quota.scopes.join(', ')}.`;
  return [
    ...refusal,
    `${name} is too small for a proxy in each of ${String(pods.settled)} pods and ${String(pods.updating)} more while one workload updates: ${short.join('; ')}. New pods are refused when it is used up. Fix: raise it, or set less by ${proxy.setBy}.${scope}`,
  ];
}

const COUNTS_PODS: ReadonlySet<string> = new Set(['pods', 'count/pods']);

function says(proxy: ProxyResources, demand: string): boolean {
  return perProxy(proxy, demand) !== undefined;
}

/** What one proxy takes of a quota's resource, in cores or bytes, as quotas are counted; undefined for other resources. */
function perProxy({ requests, limits }: ProxyResources, resource: string): number | undefined {
  switch (resource) {
    case 'cpu':
    case 'requests.cpu':
      return requests.cpu === undefined ? undefined : requests.cpu / 1000;
    case 'memory':
    case 'requests.memory':
      return requests.memory;
    case 'limits.cpu':
      return limits.cpu === undefined ? undefined : limits.cpu / 1000;
    case 'limits.memory':
      return limits.memory;
    default:
      return undefined;
  }
}

function amountText(resource: string, amount: number): string {
  if (COUNTS_PODS.has(resource)) return String(amount);
  return resource.endsWith('memory')
    ? `${String(Math.floor(amount / MIB))} Mi`
    : `${String(Math.round(amount * 1000))}m`;
}

function rangeNotes(proxy: ProxyResources, range: LimitRange): readonly string[] {
  const against = range.limits
    .filter(({ type }) => type === 'Container')
    .flatMap(({ max, min }) => [...over(max, proxy.limits), ...under(min, proxy.requests)]);
  if (against.length === 0) return [];
  return [
    `LimitRange ${range.namespace}/${range.name} refuses the proxy as the chart's values have it (${against.join(', ')}), and with it every pod that gets one. Fix before the first wave: ${proxy.setBy}.`,
  ];
}

function over(max: Amounts, own: Amount): readonly string[] {
  const [cpu, memory] = [cpuMillicores(max['cpu']), memoryBytes(max['memory'])];
  return [
    ...(cpu !== undefined && own.cpu !== undefined && own.cpu > cpu ? [`max.cpu ${max['cpu'] ?? ''}`] : []),
    ...(memory !== undefined && own.memory !== undefined && own.memory > memory
      ? [`max.memory ${max['memory'] ?? ''}`]
      : []),
  ];
}

function under(min: Amounts, own: Amount): readonly string[] {
  const [cpu, memory] = [cpuMillicores(min['cpu']), memoryBytes(min['memory'])];
  return [
    ...(cpu !== undefined && own.cpu !== undefined && own.cpu < cpu ? [`min.cpu ${min['cpu'] ?? ''}`] : []),
    ...(memory !== undefined && own.memory !== undefined && own.memory < memory
      ? [`min.memory ${min['memory'] ?? ''}`]
      : []),
  ];
}

function nodeNotes(world: World, { requests }: ProxyResources, namespaces: readonly string[]): readonly string[] {
  if (requests.cpu === undefined || requests.memory === undefined) {
    return [
      'The control plane here does not give proxies requests of both CPU and memory: the scheduler does not reserve what they use, and a node that runs short evicts such pods first. Set proxy.resources before the first wave.',
    ];
  }
  const pods = namespaces.map((namespace) => podsOf(world, namespace));
  const settled = pods.reduce((sum, count) => sum + count.settled, 0);
  const largest = pods.reduce((most, { updating }) => Math.max(most, updating), 0);
  const all = settled + largest;
  const cpu = requests.cpu * all;
  const memory = requests.memory * all;
  const needed = `${String(cpu)}m CPU and ${String(Math.ceil(memory / MIB))} Mi of memory for ${String(settled)} proxies and ${String(largest)} more while a workload updates`;
  const { free } = capacityOf(world);
  if (!free.known) return [`The nodes have to offer ${needed}; whether they do is not known: ${free.reason}.`];
  const { cpuMillicores: freeCpu, memoryBytes: freeMemory } = free.value;
  const room = `${String(Math.floor(freeCpu))}m and ${String(Math.floor(freeMemory / MIB))} Mi are free on the nodes that take pods`;
  return freeCpu < cpu || freeMemory < memory
    ? [
        `The nodes are too small: ${needed} are asked for, ${room}. Pods of the last waves stay Pending. Fix: add nodes, or let the autoscaler.`,
      ]
    : [`The nodes have room: ${needed} are asked for, ${room}. Together is not on each node: watch for Pending pods.`];
}
