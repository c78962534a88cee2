import type { PatchStep, Step } from '../../world/step.ts';
import type { Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { Restart } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { templateLabels } from '../rollback-steps.ts';
import { restartOf, type RestartReasons } from '../waves/restart-of.ts';
import { whyPatch } from '../waves/wave-frame.ts';
import { objectRefOf } from '../workload-object.ts';
import type { MeshFacts } from '../istio/mesh-facts.ts';
import { namespaceMtls, setNamespaceMode } from '../istio/namespace-mtls.ts';
import { isGuarded } from '../istio/cutting.ts';
import { ambientStanding, DATAPLANE_MODE } from './ambient-standing.ts';

/** All steps of a wave: the mode written out where it is not, then the label of each workload and its new pods. */
export function waveSteps(planning: Planning, facts: MeshFacts, workloads: readonly Workload[]): readonly Step[] {
  const own = workloads.flatMap((workload) => memberSteps(planning, workload));
  const [first] = workloads;
  if (first === undefined || own.length === 0) return [];
  const { world } = planning;
  const { namespace } = first;
  const mtls = namespaceMtls(world, facts, namespace);
  const isGuardedYet = workloadsIn(world, namespace).some((workload) => isGuarded(world, workload));
  const needsMode = mtls.own === undefined && (mtls.effective === 'PERMISSIVE' || !isGuardedYet);
  return [...(needsMode ? [setNamespaceMode(namespace, mtls, 'PERMISSIVE')] : []), ...own];
}

/** The label is written even where the template has it: the rollback has something to say then. */
function memberSteps({ world }: Planning, workload: Workload): readonly Step[] {
  const standing = ambientStanding(world, workload);
  if (standing.kind !== 'enrol') return [];
  const target = objectRefOf(workload);
  const patch: PatchStep = {
    step: 'patch',
    target,
    patch: templateLabels(target, { [DATAPLANE_MODE]: 'ambient' }),
    why: whyPatch(workload, `has the node agent put the pods of this ${workload.kind} behind ztunnel`),
  };
  if (standing.restart === 'next-run') return [patch];
  return [patch, { step: 'restart', workload: target, method: standing.restart }];
}

const RESTARTS: RestartReasons = {
  nextRun: 'the pods of the next run are put behind ztunnel',
  deleted: 'take the label',
  rolled:
    'ambient mode needs no restart, but the change of the template rolls the pods by itself; the command makes sure that it did',
};

/** How and in which order the members' pods are made new. */
export function restartsOf(
  { world }: Planning,
  workloads: readonly Workload[],
  after: (server: Workload) => readonly Workload[],
): readonly Restart[] {
  return workloads.flatMap((workload): readonly Restart[] => {
    const standing = ambientStanding(world, workload);
    if (standing.kind !== 'enrol') return [];
    return [restartOf(workload, { method: standing.restart, after: after(workload), reasons: RESTARTS })];
  });
}
