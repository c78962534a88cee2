import { compareBy } from '../../../lib/order.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import { sortTraps, type SortedTraps } from '../accepted-traps.ts';
import type { Enrolled } from '../enrolled.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Obstacle } from '../plan.ts';
import { holds, stateOf, type Planning } from '../planning.ts';
import { needsStage } from '../obstacles/shared-obstacles.ts';
import type { MeshFacts } from '../istio/mesh-facts.ts';
import { namespaceMtls } from '../istio/namespace-mtls.ts';
import { exclusionOf } from '../waves/exclusions.ts';
import { planWaves, type Wave } from '../waves/plan-waves.ts';
import { takenPorts } from '../waves/taken-ports.ts';
import { clientsFirst } from '../waves/wave-order.ts';
import { lackingAtBirth, writeEnrolment } from '../waves/write-enrolment.ts';
import { validWhile } from '../istio/wave-rollback.ts';
import { ambientStanding } from './ambient-standing.ts';
import { birthOf, type Birth } from './birth.ts';
import { deniesNobody } from './denies-nobody.ts';
import { tunnelStageId } from './tunnel-stages.ts';
import { waveSteps } from './wave-steps.ts';
import { waveParts } from './wave-texts.ts';

interface Run {
  readonly planning: Planning;
  readonly facts: MeshFacts;
  /** Holds for waves into what is STRICT already: they cut like a stage that makes it so. */
  readonly rule: EvidenceRule;
}

/** Workloads of each namespace that the waves are about; the others are left out here, with the reason. */
export function ambientMembers(
  planning: Planning,
  namespaces: readonly string[],
): ReadonlyMap<string, readonly Workload[]> {
  return new Map(namespaces.map((namespace) => [namespace, membersOf(planning, namespace)]));
}

function membersOf(planning: Planning, namespace: string): readonly Workload[] {
  const members = workloadsIn(planning.world, namespace).filter((workload) => {
    const standing = ambientStanding(planning.world, workload);
    if (standing.kind === 'enrolled') return true;
    const excluded = exclusionOf(planning.input.choices, workload);
    if (standing.kind === 'enrol' && excluded === undefined) return true;
    const reason = excluded ?? (standing.kind === 'enrol' ? '' : standing.reason);
    planning.leftOut.push({ what: formatWorkload(workload), reason });
    if (standing.kind === 'opted-out') planning.exceptions.push(optedOut(workload, reason));
    return false;
  });
  return [...members].sort(compareBy(formatWorkload));
}

function optedOut(workload: Workload, reason: string) {
  const by = { owner: ownerToBeNamed(workload), expires: 'to be named' };
  return { workload: workloadRef(workload), layer: 'enrolment' as const, ports: [], reason, ...by };
}

/** Plans the waves in which workloads are put behind ztunnel. `after` are the stages that the first one waits for. */
export function planAmbientWaves(
  run: Run,
  members: ReadonlyMap<string, readonly Workload[]>,
  after: readonly string[],
): Enrolled {
  const { planning, facts } = run;
  return planWaves(planning, members, {
    after,
    steps: (workloads) => waveSteps(planning, facts, workloads),
    inOrder: (workloads) => inOrder(run, workloads),
    apart: (wave) => [...new Set([...lackingAtBirth(birthIn(run, wave), wave.workloads), ...trapped(run, wave)])],
    write: (wave) => addWave(run, wave),
  });
}

/** Where a server refuses plaintext as soon as it is taken, its clients come before it. */
function inOrder({ planning, facts }: Run, workloads: readonly Workload[]): readonly Workload[] {
  const isStrict = workloads.some(
    ({ namespace }) => namespaceMtls(planning.world, facts, namespace).effective === 'STRICT',
  );
  return isStrict ? clientsFirst(planning.index, workloads) : workloads;
}

function birthIn({ planning, rule }: Run, { workloads, trial }: Pick<Wave, 'workloads' | 'trial'>): Birth | undefined {
  return birthOf(planning, rule, { workloads: fresh(planning, workloads), trial });
}

/** Members whose policies refuse nobody behind ztunnel, which nobody accepts, or that use a port of ztunnel. */
function trapped({ planning }: Run, { workloads, trial }: Pick<Wave, 'workloads' | 'trial'>): readonly Workload[] {
  return fresh(planning, workloads).filter((workload) => trapsOf(planning, trial, [workload]).blockedBy.length > 0);
}

function trapsOf(planning: Planning, { world }: Wave['trial'], workloads: readonly Workload[]): SortedTraps {
  const { blockedBy, notes } = sortTraps(planning.input, deniesNobody(world, workloads));
  return { blockedBy: [...takenPorts(planning, workloads), ...blockedBy], notes };
}

function fresh(planning: Planning, workloads: readonly Workload[]): readonly Workload[] {
  return workloads.filter((workload) => ambientStanding(planning.world, workload).kind === 'enrol');
}

function addWave(run: Run, wave: Wave): string | undefined {
  const { planning } = run;
  const birth = birthIn(run, wave);
  return writeEnrolment(planning, {
    wave,
    parts: waveParts(planning, wave, birth),
    birth,
    whyLacking: 'policies would refuse callers as soon as it is enrolled, and too little is known of them',
    written: () => ({
      blockedBy: withoutTunnel(planning, wave.workloads[0].namespace),
      traps: trapsOf(planning, wave.trial, fresh(planning, wave.workloads)),
      timeToEffect:
        'seconds for running pods that are labelled, minutes where the template rolls them; open connections are reset',
      validWhile: validWhile(wave, birth),
      irreversible: [
        'open connections of the pods end, at the enrolment and again at its rollback',
        'the rollback leaves istio.io/dataplane-mode: none on the templates: take it away before planning anew, or the workloads are left out',
      ],
    }),
  });
}

/** Where NetworkPolicies may hold back HBONE, no pod may be taken before they admit it. */
function withoutTunnel(planning: Planning, namespace: string): readonly Obstacle[] {
  const id = tunnelStageId(namespace);
  const state = stateOf(planning, id);
  return state === undefined || holds(state) ? [] : [needsStage(id)];
}
