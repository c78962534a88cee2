import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Enrolled } from '../enrolled.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import type { Exception } from '../plan.ts';
import { sortTraps, type SortedTraps } from '../accepted-traps.ts';
import type { Planning } from '../planning.ts';
import { planWaves as planWavesOf, type Wave } from '../waves/plan-waves.ts';
import { initWithoutNetwork } from '../waves/init-network.ts';
import { takenPorts } from '../waves/taken-ports.ts';
import { clientsFirst } from '../waves/wave-order.ts';
import { lackingAtBirth, writeEnrolment, type WrittenWave } from '../waves/write-enrolment.ts';
import { linkerdInitNetwork } from './init-network.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';
import { standingBy } from './linkerd-standing.ts';
import { movedPorts } from './moved-ports.ts';
import { podSecurityObstacles } from './node-agents.ts';
import { strictBirth } from './strict-birth.ts';
import { waveTraps } from './wave-traps.ts';
import { waveSteps, type Member } from './wave-steps.ts';
import { pitfallNotes, pitfallQuestions } from './wave-pitfalls.ts';
import { waveParts } from './wave-texts.ts';

/** What the waves are planned for. */
export interface WavesOf {
  readonly namespaces: readonly string[];
  /** Holds for waves into what refuses plaintext already: they cut like a stage that makes it so. */
  readonly rule: EvidenceRule;
  /** Stages that the first wave waits for. */
  readonly after: readonly string[];
  /** Stages that a namespace's own waves wait for beside that. */
  readonly afterIn: ReadonlyMap<string, string>;
}

/** Plans the waves in which workloads get their proxies. */
export function planEnrolment(planning: Planning, facts: LinkerdFacts, of: WavesOf): Enrolled {
  const members = new Map(of.namespaces.map((namespace) => [namespace, membersOf(planning, namespace)]));
  return planWavesOf(planning, members, {
    after: of.after,
    steps: (workloads) => waveSteps(planning, facts, toMembers(planning, workloads)),
    write: (wave) => write(planning, of, wave),
    inOrder: (workloads) => clientsFirst(planning.index, workloads),
    apart: ({ workloads, trial }) => [
      ...new Set([
        ...lackingAtBirth(strictBirth(planning, of.rule, { workloads, trial }), workloads),
        ...workloads.filter((workload) => trapsOf(planning, [workload]).blockedBy.length > 0),
      ]),
    ],
  });
}

function toMembers({ world, input }: Planning, workloads: readonly Workload[]): readonly Member[] {
  const standing = standingBy(input.choices);
  return workloads.map((workload) => ({ workload, standing: standing(world, workload) }));
}

/** What objects show of those that a wave would give a proxy, and that nobody accepts. */
function trapsOf(planning: Planning, workloads: readonly Workload[]): SortedTraps {
  const joining = toMembers(planning, workloads)
    .filter(({ standing }) => standing.kind === 'enrol')
    .map(({ workload }) => workload);
  const { input, world } = planning;
  const { blockedBy, notes } = sortTraps(input, waveTraps(input.world, world, joining));
  const ports = [...takenPorts(planning, joining), ...movedPorts(input.world, world, joining)];
  return { blockedBy: [...ports, ...blockedBy], notes };
}

/** Workloads that a wave is about; the others are left out here, with the reason. */
function membersOf(planning: Planning, namespace: string): readonly Workload[] {
  const members = toMembers(planning, workloadsIn(planning.world, namespace));
  return members.flatMap((member) => {
    const { workload, standing } = member;
    if (standing.kind === 'enrolled' || standing.kind === 'enrol' || standing.kind === 'opt-out') return [workload];
    if (standing.kind === 'opted-out' && workload.kind === 'CronJob') return [workload];
    planning.leftOut.push({ what: formatWorkload(workload), reason: standing.reason });
    planning.exceptions.push(...enrolmentExceptions([member]));
    return [];
  });
}

/** What stays out of the mesh by annotation, as rows of the register. */
function enrolmentExceptions(members: readonly Member[]): readonly Exception[] {
  return members.flatMap(({ workload, standing }): readonly Exception[] =>
    standing.kind === 'opt-out' || standing.kind === 'opted-out'
      ? [
          {
            workload: workloadRef(workload),
            layer: 'enrolment',
            ports: [],
            reason: standing.reason,
            owner: ownerToBeNamed(workload),
            expires: standing.kind === 'opt-out' ? standing.expires : 'to be named',
          },
        ]
      : [],
  );
}

/** Gives why its workloads are left out; undefined where later stages may rest on it. */
function write(planning: Planning, { rule, afterIn }: WavesOf, wave: Wave): string | undefined {
  const { workloads, trial } = wave;
  const members = toMembers(planning, workloads);
  const birth = strictBirth(planning, rule, { workloads, trial });
  const [{ namespace }] = workloads;
  const before = afterIn.get(namespace);
  const framed = { ...wave, dependsOn: [...wave.dependsOn, ...(before === undefined ? [] : [before])] };
  const parts = { ...waveParts(framed, members, birth), exceptions: enrolmentExceptions(members) };
  planning.exceptions.push(...parts.exceptions);
  return writeEnrolment(planning, {
    wave,
    parts,
    birth,
    whyLacking: 'a policy would refuse plaintext from its first pod on, and too little is known of its callers',
    written: () => written(planning, wave),
  });
}

function written(planning: Planning, { trial, workloads }: Wave): WrittenWave {
  const [{ namespace }] = workloads;
  const joining = toMembers(planning, workloads).filter(({ standing }) => standing.kind === 'enrol');
  const init = initWithoutNetwork(
    planning.index,
    joining.map(({ workload }) => workload),
    linkerdInitNetwork(trial.world),
  );
  return {
    blockedBy: [...podSecurityObstacles(planning.world, namespace), ...init.blockedBy],
    notes: [...init.notes, ...pitfallNotes(workloads)],
    entryGate: [...pitfallQuestions(planning, workloads), ...init.entryGate],
    traps: trapsOf(planning, workloads),
    timeToEffect: 'minutes (pods restart)',
    validWhile: `no port of namespace ${namespace}, or of a namespace that its workloads call, refuses plaintext since`,
    irreversible: [
      'open connections of the restarted pods end',
      'the rollback leaves linkerd.io/inject: disabled on the templates: take it away before planning anew, or the workloads are left out',
    ],
  };
}
