import { KIND } from '../../kubernetes/kinds.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { Enrolled } from '../enrolled.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import { stateOf, type Planning } from '../planning.ts';
import { CONTROL_PLANE_STAGE } from '../istio/control-plane.ts';
import { policiesAroundIstiod } from '../istio/egress-policies.ts';
import type { MeshFacts } from '../istio/mesh-facts.ts';
import { namespaceMtls } from '../istio/namespace-mtls.ts';
import { exclusionOf } from '../waves/exclusions.ts';
import { initWithoutNetwork } from '../waves/init-network.ts';
import { planWaves, type Wave } from '../waves/plan-waves.ts';
import { takenPorts } from '../waves/taken-ports.ts';
import { clientsFirst } from '../waves/wave-order.ts';
import { lackingAtBirth, writeEnrolment, type WrittenWave } from '../waves/write-enrolment.ts';
import { validWhile } from '../istio/wave-rollback.ts';
import { behaviourNotes } from './behaviour-notes.ts';
import { eligibilityOf } from './eligible.ts';
import { istioInitNetwork } from './init-network.ts';
import { podSecurityObstacle } from './pod-security.ts';
import { strictBirth, type StrictBirth } from './strict-birth.ts';
import { enrolmentExceptions, waveSteps, type Member } from './wave-steps.ts';
import { waveParts } from './wave-texts.ts';

/** What the waves are planned for. */
export interface WavesOf {
  readonly namespaces: readonly string[];
  /** Holds for waves into what is STRICT already: they cut like a stage that makes it so. */
  readonly rule: EvidenceRule;
}

interface Run extends WavesOf {
  readonly planning: Planning;
  readonly facts: MeshFacts;
}

/** Plans the waves in which workloads get their sidecars: one namespace each, least weight first. */
export function planSidecarWaves(planning: Planning, facts: MeshFacts, of: WavesOf): Enrolled {
  const run: Run = { planning, facts, ...of };
  const members = new Map(of.namespaces.map((namespace) => [namespace, membersOf(run, namespace)]));
  return planWaves(planning, members, {
    after: [stateOf(planning, 'node-agents') === undefined ? CONTROL_PLANE_STAGE : 'node-agents'],
    steps: (workloads) => waveSteps(planning, facts, toMembers(run, workloads)),
    inOrder: (workloads) => inOrder(run, workloads),
    apart: (wave) => [
      ...new Set([
        ...lackingAtBirth(birthOf(run, wave), wave.workloads),
        ...joining(planning, facts, wave.workloads).filter((workload) => takenPorts(planning, [workload]).length > 0),
      ]),
    ],
    write: (wave) => addWave(run, wave),
  });
}

/** Workloads that a wave is about; the others are left out here, with the reason. */
function membersOf(run: Run, namespace: string): readonly Workload[] {
  const { planning, facts } = run;
  return workloadsIn(planning.world, namespace).filter((workload) => {
    const eligibility = eligibilityOf(planning.world, facts, workload);
    if (eligibility.kind === 'enrolled') return true;
    const excluded = exclusionOf(planning.input.choices, workload);
    const left = excluded === undefined ? eligibility : ({ kind: 'left', reason: excluded } as const);
    if (left.kind === 'enrol' || left.kind === 'opt-out') return true;
    if (left.kind === 'opted-out' && workload.kind === 'CronJob') return true;
    planning.leftOut.push({ what: formatWorkload(workload), reason: left.reason });
    planning.exceptions.push(...enrolmentExceptions([{ workload, eligibility: left }]));
    return false;
  });
}

/** Where a server refuses callers without mutual TLS from its first pod on, its clients come before it. */
function inOrder({ planning, facts }: Run, workloads: readonly Workload[]): readonly Workload[] {
  const [first] = workloads;
  if (first === undefined) return [];
  const { world, index } = planning;
  const isStrict = namespaceMtls(world, facts, first.namespace).effective === 'STRICT';
  const isGuarded = [first.namespace, facts.rootNamespace].some(
    (namespace) => world.listIn(KIND.authorizationPolicy, namespace).objects.length > 0,
  );
  return isStrict || isGuarded ? clientsFirst(index, workloads) : workloads;
}

function toMembers({ planning, facts }: Run, workloads: readonly Workload[]): readonly Member[] {
  return workloads.map((workload) => ({ workload, eligibility: eligibilityOf(planning.world, facts, workload) }));
}

function birthOf(run: Run, { workloads, trial }: Pick<Wave, 'workloads' | 'trial'>): StrictBirth | undefined {
  return strictBirth(run.planning, run.rule, { members: toMembers(run, workloads), trial });
}

function addWave(run: Run, wave: Wave): string | undefined {
  const { planning } = run;
  const birth = birthOf(run, wave);
  const parts = waveParts({ wave, birth }, toMembers(run, wave.workloads));
  planning.exceptions.push(...(parts.exceptions ?? []));
  return writeEnrolment(planning, {
    wave,
    parts,
    birth,
    whyLacking: 'a policy that is there already would refuse callers at once, and too little is known of who calls it',
    written: () => ({ ...written(run, wave), validWhile: validWhile(wave, birth) }),
  });
}

function written({ planning, facts }: Run, { trial, workloads }: Wave): Omit<WrittenWave, 'validWhile'> {
  const { namespace } = workloads[0];
  const init = initWithoutNetwork(planning.index, joining(planning, facts, workloads), istioInitNetwork(trial.world));
  return {
    blockedBy: [
      ...policiesAroundIstiod(planning.world, facts, namespace),
      ...podSecurityObstacle(planning, namespace),
      ...init.blockedBy,
    ],
    traps: { blockedBy: takenPorts(planning, joining(planning, facts, workloads)), notes: [] },
    notes: [...init.notes, ...behaviourNotes(planning.index, workloads)],
    entryGate: init.entryGate,
    timeToEffect: 'minutes (pods restart)',
    irreversible: [
      'open connections of the restarted pods end',
      'the rollback leaves sidecar.istio.io/inject: "false" on the templates: take it away before planning anew, or the workloads are left out',
    ],
  };
}

/** The members whose pods get their sidecar in this wave. */
function joining({ world }: Planning, facts: MeshFacts, workloads: readonly Workload[]): readonly Workload[] {
  return workloads.filter((workload) => eligibilityOf(world, facts, workload).kind === 'enrol');
}
