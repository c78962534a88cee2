import { memberOf } from '../../mesh/istio/ambient/mesh-member.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { kindOf } from '../../kubernetes/object.ts';
import { groupBy, sortedUnique } from '../../../lib/order.ts';
import type { RestartStep } from '../../world/step.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { NODE_AGENTS_STAGE } from '../istio/control-plane-agents.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { proxiesReady } from '../istio/gates.ts';
import { tryNow, writeStage, type Planning } from '../planning.ts';
import { ambientConverged } from './ambient-gates.ts';

/**
 * Plans, before the waves, the restart of sidecars that members call and that were injected before the mesh took HBONE:
 * ztunnel speaks no other mutual TLS, so it would send them plaintext, which STRICT refuses. Gives the ids of the stages;
 * none where all of them take HBONE, or would not after a restart either.
 */
export function planTunnelSidecars(
  planning: Planning,
  members: ReadonlyMap<string, readonly Workload[]>,
): readonly string[] {
  const callers = new Set([...members.values()].flat().map(formatWorkload));
  const called = planning.index.all.flatMap((call) =>
    call.from.kind === 'workload' && callers.has(formatWorkload(call.from.workload))
      ? (planning.index.servers.get(call.id) ?? []).map(({ workload }) => workload)
      : [],
  );
  const names = sortedUnique(called.map(formatWorkload));
  const servers = names.flatMap((name) => called.find((workload) => formatWorkload(workload) === name) ?? []);
  const late = servers
    .flatMap((server) => findWorkload(planning.world, server) ?? [])
    .filter((server) => isInjectedTooEarly(planning.world, server));
  return [...groupBy(late, ({ namespace }) => namespace)].map(([namespace, workloads]) =>
    planRestart(planning, namespace, workloads),
  );
}

/** Sidecars of today that take no HBONE, where those of the next pods do. */
function isInjectedTooEarly(world: World, workload: Workload): boolean {
  if (kindOf(workload.object) === KIND.job || kindOf(workload.object) === KIND.pod) return false;
  const takes =
    (kind: string) =>
    (cohort: Workload['next']): boolean => {
      const member = memberOf({ workload, cohort }, world);
      return member.known && member.value === kind;
    };
  const live = cohortsOf(workload).filter(({ state }) => state === 'live');
  return live.some(takes('sidecar')) && takes('sidecar-hbone')(workload.next);
}

function planRestart(planning: Planning, namespace: string, workloads: readonly Workload[]): string {
  const id = `hbone-${namespace}`;
  const steps = workloads.map(({ object, name }): RestartStep => ({
    step: 'restart',
    workload: { kind: kindOf(object), namespace, name },
    method: kindOf(object) === KIND.rollout ? 'rollouts-restart' : 'rollout-restart',
  }));
  const refs = workloads.map(workloadRef);
  writeStage(planning, {
    parts: {
      id,
      kind: 'enrol',
      title: `Sidecars of ${namespace} that take HBONE`,
      why: 'ztunnel speaks HBONE only: sidecars that were injected before the mesh took it would be sent plaintext by every ambient client, and STRICT refuses that.',
      doesNotChange:
        'The workloads keep their sidecars; new ones of the same revision carry the label networking.istio.io/tunnel: http.',
      dependsOn: [NODE_AGENTS_STAGE],
      scope: { namespaces: [namespace], workloads: refs },
      restarts: refs.map((workload, index) => ({
        workload,
        method: steps[index]?.method ?? 'rollout-restart',
        after: [],
        maxParallel: 'as its own strategy says',
        why: 'injection acts on new pods only',
      })),
      notes: [`Called by workloads that the waves put behind ztunnel: ${workloads.map(formatWorkload).join(', ')}.`],
      entryGate: [ambientConverged()],
      exitGate: [proxiesReady(namespace, refs), ambientConverged()],
      abort: [noPodsFail()],
    },
    trial: tryNow(planning, id, steps),
    state: 'ready',
    timeToEffect: 'nothing to undo',
    validWhile: 'always: a sidecar that takes HBONE takes the mutual TLS of sidecars as before',
    toleratesUnknown: true,
  });
  keepSidecars(planning);
  return id;
}

/** A restart that brings the same sidecar back has nothing to undo. */
function keepSidecars({ stages }: Planning): void {
  const last = stages.at(-1);
  if (last !== undefined) stages[stages.length - 1] = { ...last, rollback: { ...last.rollback, steps: [] } };
}
