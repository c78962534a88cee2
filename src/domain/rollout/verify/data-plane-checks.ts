import { CONTROLLER_KINDS, KIND } from '../../kubernetes/kinds.ts';
import type { DataPlaneMode, MtlsMode } from '../../mesh/mesh.ts';
import type { MeshId } from '../../mesh/mesh-id.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload, type WorkloadRef } from '../../world/workload.ts';
import { findWorkload, workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { objectRefOf } from '../workload-object.ts';
import { told, together, type Told } from './tell.ts';

/** The workload; or why there is no answer about it. Pods are part of it, so theirs must be known too. */
function lookUp(world: World, ref: WorkloadRef): Workload | Told {
  const workload = findWorkload(world, ref);
  if (workload === undefined) {
    const kinds = [...CONTROLLER_KINDS, KIND.pod].filter((kind) => kind.slice(kind.lastIndexOf('/') + 1) === ref.kind);
    const gap = [...kinds, KIND.pod]
      .map((kind) => world.listIn(kind, ref.namespace).gap)
      .find((each) => each !== undefined);
    return gap === undefined
      ? told('unmet', `${formatWorkload(ref)} is not there`)
      : told('unknown', `${formatWorkload(ref)} was not read: ${gap}`);
  }
  if (workload.live.known) return workload;
  return told('unknown', `the pods of ${formatWorkload(ref)} are not known: ${workload.live.reason}`);
}

/** Whether every pod of the workload, and the next one, is in the data plane and captured. */
export function enrolled(
  world: World,
  ref: WorkloadRef,
  wanted: { readonly mesh: MeshId; readonly mode: DataPlaneMode },
): Told {
  const workload = lookUp(world, ref);
  if ('state' in workload) return workload;
  const all = together(cohortsOf(workload).map((cohort) => cohortEnrolled(world, { workload, cohort }, wanted)));
  if (all.state !== 'met') return all;
  const pods = podsOf(workload);
  const what =
    pods === 0
      ? 'no pod of it runs, and the next one will be'
      : `all ${String(pods)} pods are, and the next one will be,`;
  return told('met', { object: objectRefOf(workload), rule: `${what} in ${wanted.mesh} ${wanted.mode}` });
}

interface Side {
  readonly workload: Workload;
  readonly cohort: Cohort;
}

function cohortEnrolled(
  world: World,
  { workload, cohort }: Side,
  { mesh, mode }: { readonly mesh: MeshId; readonly mode: DataPlaneMode },
): Told {
  const object = objectRefOf(workload);
  const { dataPlane } = dataPlaneOf(workload, cohort, world);
  const who = cohort.state === 'next' ? 'the next pod' : `${String(cohort.pods)} pods`;
  if (dataPlane.mode === 'unknown') return told('unknown', { object, rule: `${who}: ${dataPlane.reason}` });
  if (dataPlane.mesh !== mesh || dataPlane.mode !== mode)
    return told('unmet', { object, rule: `${who}: not in ${mesh} ${mode}: ${dataPlane.reason}` });
  const { captured } = dataPlane;
  if (!captured.known) return told('unknown', { object, rule: `${who}: ${captured.reason}` });
  if (!captured.value) return told('unmet', { object, rule: `${who}: the proxy does not take their traffic` });
  return told('met', { object, rule: `${who} in ${mesh} ${mode}` });
}

function podsOf({ live }: Workload): number {
  return live.known ? live.value.reduce((sum, { pods }) => sum + pods, 0) : 0;
}

/** Whether the mode is in force on a container port of all pods of the workload, and of the next one. */
export function portMode(
  world: World,
  wanted: { readonly workload: WorkloadRef; readonly port: number; readonly mode: MtlsMode },
): Told {
  const workload = lookUp(world, wanted.workload);
  if ('state' in workload) return workload;
  return together(cohortsOf(workload).map((cohort) => cohortMode(world, { workload, cohort }, wanted)));
}

function cohortMode(
  world: World,
  { workload, cohort }: Side,
  { port, mode }: { readonly port: number; readonly mode: MtlsMode },
): Told {
  const object = objectRefOf(workload);
  const { mesh, dataPlane } = dataPlaneOf(workload, cohort, world);
  if (dataPlane.mode === 'unknown') return told('unknown', { object, rule: dataPlane.reason });
  const found = mesh === undefined ? undefined : mesh.portMode({ workload, cohort, port }, world);
  const [first] = found?.evidence ?? [];
  const says = found === undefined ? 'none: no mesh takes its pods' : `${found.mode} (${found.declared})`;
  const evidence = { ...(first ?? { object }), rule: `port ${String(port)} of ${formatWorkload(workload)}: ${says}` };
  if (found?.mode === 'unknown') return told('unknown', evidence);
  return told((found?.mode ?? 'none') === mode ? 'met' : 'unmet', evidence);
}

/** Whether no live pod has a proxy that is bound to the control plane of the revision. */
export function isUnused(world: World, revision: string): Told {
  if (world.coverage.basis === 'declared') return told('unknown', 'manifests do not tell which proxies run');
  const { gap } = world.list(KIND.pod);
  const answers = workloadsOf(world).map((workload) => uses(world, workload, revision));
  const bound = answers.filter(({ state }) => state === 'unmet');
  if (bound.length > 0) return together(bound);
  if (gap !== undefined) return told('unknown', gap);
  const all = together(answers);
  return all.state === 'met' ? told('met', `no live proxy is bound to revision ${revision}`) : all;
}

function uses(world: World, workload: Workload, revision: string): Told {
  if (!workload.live.known) return told('unknown', `${formatWorkload(workload)}: ${workload.live.reason}`);
  return together(
    workload.live.value.map((cohort) => {
      const object = objectRefOf(workload);
      const { dataPlane } = dataPlaneOf(workload, cohort, world);
      if (dataPlane.mode === 'unknown') return told('unknown', { object, rule: dataPlane.reason });
      if (dataPlane.mode === 'none' || dataPlane.mesh !== 'istio')
        return told('met', { object, rule: 'not bound to it' });
      if (dataPlane.revision !== revision) return told('met', { object, rule: 'bound to another revision' });
      return told('unmet', { object, rule: `${String(cohort.pods)} pods are bound to revision ${revision}` });
    }),
  );
}
