import { compareText } from '../../../lib/order.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload, workloadsIn } from '../../world/workloads-of.ts';
import type { Enrolled } from '../enrolled.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import { fnvHex } from '../fnv.ts';
import type { StageState } from '../plan.ts';
import { addStage, stateOf, toObstacle, tryNow, writeStage, type Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import type { StageParts } from '../stage-draft.ts';
import type { ApplyStep, Step } from '../../world/step.ts';
import { CONTROL_PLANE_STAGE } from '../istio/control-plane.ts';
import { policiesAroundIstiod } from '../istio/egress-policies.ts';
import { eligibilityOf } from './eligible.ts';
import type { MeshFacts } from '../istio/mesh-facts.ts';
import { namespaceMtls } from '../istio/namespace-mtls.ts';
import { podSecurityObstacle } from './pod-security.ts';
import { strictBirth, type StrictBirth } from './strict-birth.ts';
import { takenNames } from '../istio/taken-names.ts';
import { byWeight, chunksOf, clientsFirst, namespacesByWeight } from '../waves/wave-order.ts';
import { enrolmentExceptions, waveSteps, type Member } from './wave-steps.ts';
import { toAsk, waveParts } from './wave-texts.ts';

const LARGEST_WAVE = 8;

interface Run {
  readonly planning: Planning;
  readonly facts: MeshFacts;
  readonly rule: EvidenceRule;
  readonly waves: Map<string, string[]>;
  readonly waveOf: Map<string, string>;
  readonly heldBack: Workload[];
  last: string;
  count: number;
}

/** What the waves are planned for. */
export interface WavesOf {
  readonly namespaces: readonly string[];
  /** Holds for waves into what is STRICT already: they cut like a stage that makes it so. */
  readonly rule: EvidenceRule;
}

/** Plans the waves in which workloads get their sidecars: one namespace each, least weight first. */
export function planWaves(planning: Planning, facts: MeshFacts, { namespaces, rule }: WavesOf): Enrolled {
  const run: Run = {
    planning,
    facts,
    rule,
    waves: new Map(),
    waveOf: new Map(),
    heldBack: [],
    last: stateOf(planning, 'node-agents') === undefined ? CONTROL_PLANE_STAGE : 'node-agents',
    count: 0,
  };
  const members = new Map(namespaces.map((namespace) => [namespace, membersOf(run, namespace)]));
  const order = namespacesByWeight(planning.index, members);
  for (const namespace of order) {
    for (const chunk of chunksOf(byWeight(planning.index, members.get(namespace) ?? []), LARGEST_WAVE)) {
      planWave(run, chunk, 'hold-back');
    }
  }
  planHeldBack(run);
  return { namespaces: order, waves: run.waves, waveOf: run.waveOf };
}

/** Those that were held back, alone; each that goes through may clear the way for others. */
function planHeldBack(run: Run): void {
  let waiting = run.heldBack.splice(0);
  for (;;) {
    const free = waiting.find(
      (workload) =>
        !breaks(tryNow(run.planning, 'trial', waveSteps(run.planning, run.facts, [toMember(run, workload)]))),
    );
    if (free === undefined) break;
    planWave(run, [free], 'final');
    waiting = waiting.filter((workload) => workload !== free);
  }
  for (const workload of waiting) planWave(run, [workload], 'final');
}

/** Workloads that a wave is about; the others are left out here, with the reason. */
function membersOf(run: Run, namespace: string): readonly Workload[] {
  const { planning, facts } = run;
  return workloadsIn(planning.world, namespace).filter((workload) => {
    const eligibility = eligibilityOf(planning.world, facts, workload);
    if (eligibility.kind === 'enrolled' || eligibility.kind === 'enrol' || eligibility.kind === 'opt-out') return true;
    if (eligibility.kind === 'opted-out' && workload.kind === 'CronJob') return true;
    planning.leftOut.push({ what: formatWorkload(workload), reason: eligibility.reason });
    planning.exceptions.push(...enrolmentExceptions([{ workload, eligibility }]));
    return false;
  });
}

/** A namespace's wave is tried whole; members that would make a call worse are tried again at the end, alone. */
function planWave(run: Run, workloads: readonly Workload[], mode: 'hold-back' | 'final'): void {
  const members = inOrder(run, workloads).map((workload) => toMember(run, workload));
  const [first] = members;
  if (first === undefined) return;
  const { namespace } = first.workload;
  const id = `enrol-${namespace}-${fnvHex(workloads.map(formatWorkload).sort(compareText).join(' '), 4)}`;
  const trial = tryNow(run.planning, id, waveSteps(run.planning, run.facts, members));
  const culprits = mode === 'final' || !breaks(trial) ? [] : findCulprits(run, members);
  if (culprits.length > 0) {
    run.heldBack.push(...culprits.map(({ workload }) => workload));
    const rest = members.filter((member) => !culprits.includes(member));
    planWave(
      run,
      rest.map(({ workload }) => workload),
      mode,
    );
    return;
  }
  const birth = strictBirth(run.planning, run.rule, { members, trial });
  const lacking = birth?.evidence.state === 'outline' ? birth.evidence.lacking : undefined;
  const known = workloads.filter((workload) => lacking?.has(formatWorkload(workload)) !== true);
  if (known.length > 0 && known.length < workloads.length) {
    planWave(run, known, mode);
    planWave(
      run,
      workloads.filter((workload) => !known.includes(workload)),
      mode,
    );
    return;
  }
  addWave(run, id, { members, trial, birth });
}

/** Where a server refuses plaintext from its first pod on, its clients come before it. */
function inOrder({ planning, facts }: Run, workloads: readonly Workload[]): readonly Workload[] {
  const isStrict = workloads.some(
    ({ namespace }) => namespaceMtls(planning.world, facts, namespace).effective === 'STRICT',
  );
  return isStrict ? clientsFirst(planning.index, workloads) : workloads;
}

function toMember({ planning, facts }: Run, { namespace, kind, name }: Workload): Member {
  const workload = findWorkload(planning.world, { namespace, kind, name });
  if (workload === undefined) throw new Error(`no workload ${namespace}/${kind}/${name}`);
  return { workload, eligibility: eligibilityOf(planning.world, facts, workload) };
}

function breaks({ worse }: Trial): boolean {
  return worse.some(({ after }) => after.verdict !== 'unknown');
}

/** Those that break a call by themselves; if each alone is harmless, all of them. */
function findCulprits(run: Run, members: readonly Member[]): readonly Member[] {
  const alone = members.filter((member) =>
    breaks(tryNow(run.planning, 'trial', waveSteps(run.planning, run.facts, [member]))),
  );
  return alone.length > 0 ? alone : members;
}

interface Wave {
  readonly members: readonly Member[];
  readonly trial: Trial;
  readonly birth: StrictBirth | undefined;
}

function addWave(run: Run, id: string, { members, trial, birth }: Wave): void {
  const { planning } = run;
  const workloads = members.map(({ workload }) => workload);
  run.count += 1;
  const parts = waveParts({ id, wave: run.count, dependsOn: run.last, birth }, members);
  planning.exceptions.push(...(parts.exceptions ?? []));
  if (trial.steps.length === 0) {
    addStage(planning, parts, 'done');
    remember(run, id, workloads);
    return;
  }
  if (birth?.evidence.state === 'outline') {
    addStage(planning, { ...parts, restarts: [], blockedBy: birth.evidence.blockedBy }, 'outline');
    leaveOut(run, workloads, 'a policy would make it STRICT at once, and too little is known of its callers');
    return;
  }
  const state = writeWave(run, parts, { members, trial, birth });
  if (state === 'blocked') leaveOut(run, workloads, whyBlocked(trial));
  else remember(run, id, workloads);
}

function writeWave(run: Run, parts: StageParts, { members, trial, birth }: Wave): StageState {
  const { planning } = run;
  const namespace = members[0]?.workload.namespace ?? '';
  const unknown = trial.worse.filter(({ after }) => after.verdict === 'unknown');
  const accepted = birth?.evidence.state === 'waived' || (birth?.unknown.notes ?? []).length > 0;
  return writeStage(planning, {
    parts: {
      ...parts,
      blockedBy: [
        ...takenNames(planning.world, trial.steps.filter(isNetworkPolicy)),
        ...policiesAroundIstiod(planning.world, run.facts, namespace),
        ...podSecurityObstacle(planning, namespace),
        ...(birth?.unknown.blockedBy ?? []),
      ],
      notes: [
        ...(parts.notes ?? []),
        ...(birth?.unknown.notes ?? []),
        ...(birth === undefined || birth.evidence.state === 'outline' ? [] : birth.evidence.notes),
      ],
      entryGate: [...(parts.entryGate ?? []), ...unknown.map(toAsk)],
    },
    trial,
    state: accepted ? 'waived' : 'ready',
    timeToEffect: 'minutes (pods restart)',
    validWhile:
      birth === undefined
        ? `no stage after this one has made namespace ${namespace}, or a namespace that its workloads call, STRICT`
        : 'no workload that its members call refuses plaintext since: undo the enrolment of those first',
    irreversible: [
      'open connections of the restarted pods end',
      'the rollback leaves sidecar.istio.io/inject: "false" on the templates: take it away before planning anew, or the workloads are left out',
    ],
    toleratesUnknown: birth === undefined,
  });
}

function isNetworkPolicy(step: Step): step is ApplyStep {
  return step.step === 'apply' && step.manifest.kind === 'NetworkPolicy';
}

function remember(run: Run, id: string, workloads: readonly Workload[]): void {
  run.last = id;
  for (const workload of workloads) {
    run.waveOf.set(formatWorkload(workload), id);
    const waves = run.waves.get(workload.namespace) ?? [];
    if (!waves.includes(id)) waves.push(id);
    run.waves.set(workload.namespace, waves);
  }
}

function whyBlocked(trial: Trial): string {
  const broken = trial.worse.filter(({ after }) => after.verdict !== 'unknown').map(toObstacle);
  return broken[0] === undefined ? 'its wave is blocked' : `it would make a call worse: ${broken[0].what}`;
}

function leaveOut({ planning }: Run, workloads: readonly Workload[], reason: string): void {
  for (const workload of workloads) planning.leftOut.push({ what: formatWorkload(workload), reason });
}
