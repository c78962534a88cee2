import { workloadRef, type Workload } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import type { StageParts } from '../stage-draft.ts';
import { errorsRise } from '../gates/abort.ts';
import { converged, proxiesReady } from '../istio/gates.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { Wave } from '../waves/plan-waves.ts';
import { riskAtBirth, unchangedAtBirth, type BornShut } from '../waves/birth-texts.ts';
import { canaryNotes } from '../waves/canary.ts';
import { restartCautions } from '../waves/restart-method.ts';
import { allAvailable } from '../waves/wave-gates.ts';
import { managedNotes, waveFrame } from '../waves/wave-frame.ts';
import { objectRefOf } from '../workload-object.ts';
import type { StrictBirth } from './strict-birth.ts';
import { enrolmentExceptions, restartsOf, type Member } from './wave-steps.ts';

/** A wave, and what it closes from the first moment on. */
export interface WaveFrame {
  readonly wave: Wave;
  readonly birth: StrictBirth | undefined;
}

/** What the stage of a wave says of itself. */
export function waveParts({ wave, birth }: WaveFrame, members: readonly Member[]): StageParts {
  const { namespace } = wave.workloads[0];
  return {
    ...waveFrame(wave, whyWave(namespace, birth)),
    doesNotChange:
      birth === undefined
        ? 'Nobody is refused: the mode is PERMISSIVE, written out. Services, ports and replicas stay as they are.'
        : unchangedAtBirth('Services, ports and replicas stay as they are', shutBy(birth)),
    ...(birth === undefined ? {} : { risk: riskAtBirth(shutBy(birth)) }),
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
  const joining = members.filter(({ eligibility }) => eligibility.kind === 'enrol').map(({ workload }) => workload);
  return [
    'The label is set on the pod template, workload by workload; the namespace gets its own only when all of them are through.',
    'Changing the template of a Deployment, StatefulSet or DaemonSet rolls its pods by itself.',
    ...members.flatMap(({ workload, eligibility }) =>
      eligibility.kind === 'enrol'
        ? [...canaryNotes(workload, { isOverShare, method: eligibility.restart }), ...restartCautions(workload)]
        : [],
    ),
    ...managedNotes(joining, 'label'),
  ];
}
