import { formatWorkload, workloadRef } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import type { WorseCall } from '../simulate-stage.ts';
import type { StageParts } from '../stage-draft.ts';
import { converged, errorsRise, noPodsFail, proxiesReady } from '../istio/gates.ts';
import type { StrictBirth } from './strict-birth.ts';
import { enrolmentExceptions, restartsOf, type Member } from './wave-steps.ts';

/** What a wave is, beside its members. */
export interface WaveFrame {
  readonly id: string;
  readonly wave: number;
  readonly dependsOn: string;
  readonly birth: StrictBirth | undefined;
}

/** What the stage of a wave says of itself. */
export function waveParts({ id, wave, dependsOn, birth }: WaveFrame, members: readonly Member[]): StageParts {
  const workloads = members.map(({ workload }) => workload);
  const namespace = workloads[0]?.namespace ?? '';
  const refs = workloads.map(workloadRef);
  return {
    id,
    kind: 'enrol',
    title: `Enrol ${String(workloads.length)} of ${namespace}`,
    why:
      birth === undefined
        ? 'Pods with a sidecar talk mutual TLS among themselves and still take plaintext from everybody else.'
        : `Pods with a sidecar talk mutual TLS among themselves. Namespace ${namespace} is STRICT already, or a policy of the workload is: plaintext is refused from the first pod on.`,
    doesNotChange:
      birth === undefined
        ? 'Nobody is refused: the mode is PERMISSIVE, written out. Services, ports and replicas stay as they are.'
        : 'Services, ports, replicas and the policies that are there stay as they are.',
    dependsOn: [dependsOn],
    wave,
    scope: { namespaces: [namespace], workloads: refs },
    restarts: restartsOf(members, (server) => birth?.clientsOf(server) ?? []),
    notes: [...(birth?.notes ?? []), ...waveNotes(members)],
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

/** The question that a wave's entry gate asks of a call that turns unknown. */
export function toAsk({ call, after }: WorseCall): Condition {
  return {
    id: 'unknown-call',
    text: `Nobody can say yet whether ${call.id} passes afterwards: ${after.why}. Find out before this wave.`,
  };
}
