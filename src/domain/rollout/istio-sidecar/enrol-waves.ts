import { compareText } from '../../../lib/order.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { findWorkload, workloadsIn } from '../../world/workloads-of.ts';
import { fnvHex } from '../fnv.ts';
import { addStage, stateOf, toObstacle, tryNow, writeStage, type Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import type { StageParts } from '../stage-draft.ts';
import type { ApplyStep, Step } from '../../world/step.ts';
import { CONTROL_PLANE_STAGE } from './control-plane.ts';
import { policiesAroundIstiod, policiesTowardsIstiod } from './egress-policies.ts';
import { eligibilityOf } from './eligible.ts';
import { converged, errorsRise, noPodsFail, proxiesReady } from './gates.ts';
import type { MeshFacts } from './mesh-facts.ts';
import { namespaceMtls, setNamespaceMode } from './namespace-mtls.ts';
import { podSecurityObstacle } from './pod-security.ts';
import { takenNames } from './taken-names.ts';
import { byWeight, chunksOf, namespacesByWeight } from './wave-order.ts';
import { enrolmentExceptions, memberSteps, restartsOf, type Member } from './wave-steps.ts';

const LARGEST_WAVE = 8;

/** What the enrolment left behind for the stages after it. */
export interface Enrolled {
  /** Namespaces in the order in which they were planned. */
  readonly namespaces: readonly string[];
  /** The waves that hold for each namespace, by id. */
  readonly waves: ReadonlyMap<string, readonly string[]>;
  /** The wave of each workload, by formatted reference. */
  readonly waveOf: ReadonlyMap<string, string>;
}

interface Run {
  readonly planning: Planning;
  readonly facts: MeshFacts;
  readonly waves: Map<string, string[]>;
  readonly waveOf: Map<string, string>;
  readonly heldBack: Workload[];
  last: string;
  count: number;
}

/** Plans the waves in which workloads get their sidecars: one namespace each, least weight first. */
export function planWaves(planning: Planning, facts: MeshFacts, namespaces: readonly string[]): Enrolled {
  const run: Run = {
    planning,
    facts,
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
  for (const workload of run.heldBack) planWave(run, [workload], 'final');
  return { namespaces: order, waves: run.waves, waveOf: run.waveOf };
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
  const members = workloads.map((workload) => toMember(run, workload));
  const [first] = members;
  if (first === undefined) return;
  const { namespace } = first.workload;
  const id = `enrol-${namespace}-${fnvHex(workloads.map(formatWorkload).sort(compareText).join(' '), 4)}`;
  const trial = tryNow(run.planning, id, waveSteps(run, members));
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
  addWave(run, id, { members, trial });
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
  const alone = members.filter((member) => breaks(tryNow(run.planning, 'trial', waveSteps(run, [member]))));
  return alone.length > 0 ? alone : members;
}

function waveSteps({ planning, facts }: Run, members: readonly Member[]): readonly Step[] {
  const active = members.filter(({ eligibility }) => eligibility.kind === 'enrol');
  const own = members.flatMap(memberSteps);
  const [first] = members;
  if (first === undefined || own.length === 0) return [];
  const { namespace } = first.workload;
  const mtls = namespaceMtls(planning.world, facts, namespace);
  const isEnrolled = workloadsIn(planning.world, namespace).some(
    (workload) => eligibilityOf(planning.world, facts, workload).kind === 'enrolled',
  );
  const needsMode = active.length > 0 && mtls.own === undefined && (mtls.effective === 'PERMISSIVE' || !isEnrolled);
  return [
    ...(needsMode ? [setNamespaceMode(namespace, mtls, 'PERMISSIVE')] : []),
    ...policiesTowardsIstiod(
      planning.world,
      facts,
      active.map(({ workload }) => workload),
    ),
    ...own,
  ];
}

interface Wave {
  readonly members: readonly Member[];
  readonly trial: Trial;
}

function addWave(run: Run, id: string, { members, trial }: Wave): void {
  const { planning } = run;
  const workloads = members.map(({ workload }) => workload);
  const namespace = workloads[0]?.namespace ?? '';
  run.count += 1;
  const parts = waveParts(run, id, members);
  planning.exceptions.push(...(parts.exceptions ?? []));
  if (trial.steps.length === 0) {
    addStage(planning, parts, 'done');
    remember(run, id, workloads);
    return;
  }
  const unknown = trial.worse.filter(({ after }) => after.verdict === 'unknown');
  const blockedBy = [
    ...takenNames(planning.world, trial.steps.filter(isNetworkPolicy)),
    ...policiesAroundIstiod(planning.world, run.facts, namespace),
    ...podSecurityObstacle(planning, namespace),
  ];
  const state = writeStage(planning, {
    parts: { ...parts, blockedBy, entryGate: [...(parts.entryGate ?? []), ...unknown.map(toAsk)] },
    trial,
    state: 'ready',
    timeToEffect: 'minutes (pods restart)',
    validWhile: `no stage after this one has made namespace ${namespace}, or a namespace that its workloads call, STRICT`,
    irreversible: [
      'open connections of the restarted pods end',
      'the rollback leaves sidecar.istio.io/inject: "false" on the templates: take it away before planning anew, or the workloads are left out',
    ],
    toleratesUnknown: true,
  });
  if (state === 'blocked') leaveOut(run, workloads, trial);
  else remember(run, id, workloads);
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

function leaveOut({ planning }: Run, workloads: readonly Workload[], trial: Trial): void {
  const broken = trial.worse.filter(({ after }) => after.verdict !== 'unknown').map(toObstacle);
  const why = broken[0] === undefined ? 'its wave is blocked' : `it would make a call worse: ${broken[0].what}`;
  for (const workload of workloads) planning.leftOut.push({ what: formatWorkload(workload), reason: why });
}

function toAsk({ call, after }: Trial['worse'][number]) {
  return {
    id: 'unknown-call',
    text: `Nobody can say yet whether ${call.id} passes afterwards: ${after.why}. Find out before this wave.`,
  };
}

function waveParts(run: Run, id: string, members: readonly Member[]): StageParts {
  const workloads = members.map(({ workload }) => workload);
  const namespace = workloads[0]?.namespace ?? '';
  const refs = workloads.map(workloadRef);
  return {
    id,
    kind: 'enrol',
    title: `Enrol ${String(workloads.length)} of ${namespace}`,
    why: 'Pods with a sidecar talk mutual TLS among themselves and still take plaintext from everybody else.',
    doesNotChange:
      'Nobody is refused: the mode is PERMISSIVE, written out. Services, ports and replicas stay as they are.',
    dependsOn: [run.last],
    wave: run.count,
    scope: { namespaces: [namespace], workloads: refs },
    restarts: restartsOf(members),
    notes: waveNotes(members),
    entryGate: [converged()],
    exitGate: [proxiesReady(namespace, refs), converged()],
    abort: [noPodsFail(), errorsRise(namespace)],
    exceptions: enrolmentExceptions(members),
  };
}

function waveNotes(members: readonly Member[]): readonly string[] {
  const managed = members.filter(
    ({ workload, eligibility }) => workload.managedBy !== undefined && eligibility.kind === 'enrol',
  );
  return [
    'The label is set on the pod template, workload by workload; the namespace gets its own only when all of them are through.',
    'Changing the template of a Deployment, StatefulSet or DaemonSet rolls its pods by itself.',
    ...managed.map(
      ({ workload }) =>
        `${formatWorkload(workload)} is managed by ${workload.managedBy ?? ''}: put the patch into its source, or the label is taken away again.`,
    ),
  ];
}
