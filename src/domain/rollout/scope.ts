import { groupBy } from '../../lib/order.ts';
import { ingressSenders } from '../calls/ingress-controllers.ts';
import { infrastructureReason } from '../checks/scope.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { LeftOut } from './plan.ts';
import type { RolloutInput } from './rollout-input.ts';

/** The namespaces that a plan is for, sorted, and those that it leaves alone with the reason. */
export interface Scope {
  readonly namespaces: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** Looks at every namespace of the world; the root namespace and other planes' ones are given as `reserved`. */
export function scopeOf(input: RolloutInput, reserved: readonly string[]): Scope {
  const { world } = input;
  const hosts = ingressNamespaces(world);
  const namespaces: string[] = [];
  const leftOut: LeftOut[] = [];
  for (const namespace of world.namespaces()) {
    const reason = reasonAgainst(namespace, { input, reserved, hosts });
    if (reason === undefined) namespaces.push(namespace);
    else leftOut.push({ what: `namespace ${namespace}`, reason });
  }
  return { namespaces, leftOut };
}

interface ScopeFacts {
  readonly input: RolloutInput;
  readonly reserved: readonly string[];
  readonly hosts: ReadonlySet<string>;
}

function reasonAgainst(namespace: string, { input, reserved, hosts }: ScopeFacts): string | undefined {
  const workloads = workloadsIn(input.world, namespace);
  if (reserved.includes(namespace)) return 'it belongs to the control plane of the mesh';
  const infrastructure = infrastructureReason(namespace);
  if (infrastructure !== undefined) return infrastructure;
  if (hosts.has(namespace)) return 'all that runs in it is an ingress controller';
  if (isMonitoring(workloads)) return 'it holds a Prometheus';
  if (workloads.length === 0) return 'it runs no workload';
  const excluded = input.choices.exclude.find(({ what }) => what === namespace);
  if (excluded !== undefined) return `left out by choice: ${excluded.reason}`;
  if (input.namespaces !== undefined && !input.namespaces.includes(namespace)) return 'it was not asked for (-n)';
  return undefined;
}

/** Namespaces in which nothing but recognised ingress controllers runs. */
function ingressNamespaces(world: World): ReadonlySet<string> {
  const senders = world.list(KIND.ingress).objects.flatMap((ingress) => ingressSenders(world, ingress));
  const workloads = senders.flatMap((sender) => (sender.kind === 'workload' ? [sender.workload] : []));
  const byNamespace = groupBy(workloads, ({ namespace }) => namespace);
  return new Set(
    [...byNamespace]
      .filter(([namespace, controllers]) => {
        const names = new Set(controllers.map(({ kind, name }) => `${kind}/${name}`));
        return workloadsIn(world, namespace).every(({ kind, name }) => names.has(`${kind}/${name}`));
      })
      .map(([namespace]) => namespace),
  );
}

const PROMETHEUS = /(^|\/)(prometheus-operator|prometheus)([:@]|$)/;

function isMonitoring(workloads: readonly Workload[]): boolean {
  return workloads.some(({ template }) => template.containers.some(({ image }) => PROMETHEUS.test(image)));
}
