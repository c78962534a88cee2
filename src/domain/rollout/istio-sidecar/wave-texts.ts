import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import type { WorseCall } from '../simulate-stage.ts';
import type { StageParts } from '../stage-draft.ts';
import { errorsRise } from '../gates/abort.ts';
import { converged, proxiesReady } from '../istio/gates.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { Wave } from '../waves/plan-waves.ts';
import { riskAtBirth, unchangedAtBirth, type BornShut } from '../waves/birth-texts.ts';
import { canaryNotes } from '../waves/canary.ts';
import { restartCautions } from '../waves/restart-method.ts';
import { allAvailable } from '../waves/wave-gates.ts';
import { objectRefOf } from './eligible.ts';
import type { StrictBirth } from './strict-birth.ts';
import { enrolmentExceptions, restartsOf, type Member } from './wave-steps.ts';

/** A wave, and what it closes from the first moment on. */
export interface WaveFrame {
  readonly wave: Wave;
  readonly birth: StrictBirth | undefined;
}

/** What the stage of a wave says of itself. */
export function waveParts({ wave, birth }: WaveFrame, members: readonly Member[]): StageParts {
  const { id, number, dependsOn, workloads } = wave;
  const { namespace } = workloads[0];
  const refs = workloads.map(workloadRef);
  return {
    id,
    kind: 'enrol',
    title: `Enrol ${String(workloads.length)} of ${namespace}`,
    why: whyWave(namespace, birth),
    doesNotChange:
      birth === undefined
        ? 'Nobody is refused: the mode is PERMISSIVE, written out. Services, ports and replicas stay as they are.'
        : unchangedAtBirth('Services, ports and replicas stay as they are', shutBy(birth)),
    ...(birth === undefined ? {} : { risk: riskAtBirth(shutBy(birth)) }),
    dependsOn,
    wave: number,
    scope: { namespaces: [namespace], workloads: refs },
    restarts: restartsOf(members, (server) => birth?.clientsOf(server) ?? []),
    notes: [...(birth?.notes ?? []), ...wave.notes, ...memberNotes(members, wave.isOverShare)],
    entryGate: [...(birth?.entryGate ?? []), converged()],
    exitGate: [...enrolledGate(members), converged()],
    abort: [noPodsFail(), errorsRise(namespace)],
    exceptions: enrolmentExceptions(members),
  };
}

function shutBy({ isStrict, policies }: StrictBirth): BornShut {
  return { isStrict, isGuarded: policies.length > 0 };
}

function whyWave(namespace: string, birth: StrictBirth | undefined): string {
  const first = 'Pods with a sidecar talk mutual TLS among themselves';
  if (birth === undefined) return `${first} and still take plaintext from everybody else.`;
  const strict = birth.isStrict
    ? ` Namespace ${namespace} is STRICT already, or a policy of the workload is: plaintext is refused from the first pod on.`
    : '';
  const guarded =
    birth.policies.length === 0
      ? ''
      : ` ${birth.policies.join(', ')} holds from the first pod on: whom it does not admit is refused.`;
  return `${first}.${strict}${guarded}`;
}

/** Workloads that have their sidecar after the wave; those that only say no to it are not among them. */
function enrolledGate(members: readonly Member[]): readonly Condition[] {
  const inMesh = members.filter(({ eligibility: { kind } }) => kind === 'enrol' || kind === 'enrolled');
  const [first] = inMesh;
  if (first === undefined) return [];
  const workloads = inMesh.map(({ workload }) => workloadRef(workload));
  const objects = inMesh.filter(({ workload }) => keepsPods(workload)).map(({ workload }) => objectRefOf(workload));
  return [
    {
      ...proxiesReady(first.workload.namespace, workloads),
      state: { check: 'enrolled', mesh: 'istio', mode: 'sidecar', workloads },
    },
    ...(objects.length === 0 ? [] : [allAvailable(objects)]),
  ];
}

const RUNS_ALWAYS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout', 'ReplicaSet']);

function keepsPods({ kind }: Workload): boolean {
  return RUNS_ALWAYS.has(kind);
}

function memberNotes(members: readonly Member[], isOverShare: boolean): readonly string[] {
  const managed = members.filter(
    ({ workload, eligibility }) => workload.managedBy !== undefined && eligibility.kind === 'enrol',
  );
  return [
    'The label is set on the pod template, workload by workload; the namespace gets its own only when all of them are through.',
    'Changing the template of a Deployment, StatefulSet or DaemonSet rolls its pods by itself.',
    ...members.flatMap(({ workload, eligibility }) =>
      eligibility.kind === 'enrol'
        ? [...canaryNotes(workload, { isOverShare, method: eligibility.restart }), ...restartCautions(workload)]
        : [],
    ),
    ...managed.map(
      ({ workload }) =>
        `${formatWorkload(workload)} is managed by ${workload.managedBy ?? ''}: put the patch into its source, or the label is taken away again.`,
    ),
  ];
}

/** The question that a wave's entry gate asks of a call that turns unknown. */
export function toAsk({ call, after }: WorseCall): Condition {
  return {
    id: 'unknown-call',
    text: `Nobody can say yet whether ${call.id} passes afterwards: ${after.why}. Find out before this wave.`,
  };
}
