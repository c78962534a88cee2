import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { Condition, Restart } from '../plan.ts';
import type { WorseCall } from '../simulate-stage.ts';
import type { StageParts } from '../stage-draft.ts';
import type { Wave } from '../waves/plan-waves.ts';
import { riskAtBirth, unchangedAtBirth } from '../waves/birth-texts.ts';
import { maxParallel, restartCautions } from '../waves/restart-method.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { converged, errorsRise, proxiesReady } from './gates.ts';
import type { StrictBirth } from './strict-birth.ts';
import type { Member } from './wave-steps.ts';

const STRICT_AT_BIRTH = { isStrict: true, isGuarded: false } as const;

/** What the stage of a wave says of itself. */
export function waveParts(
  { id, number, dependsOn, notes }: Pick<Wave, 'id' | 'number' | 'dependsOn' | 'notes'>,
  members: readonly Member[],
  birth: StrictBirth | undefined,
): StageParts {
  const workloads = members.map(({ workload }) => workload);
  const namespace = workloads[0]?.namespace ?? '';
  const refs = workloads.map(workloadRef);
  return {
    id,
    kind: 'enrol',
    title: `Enrol ${String(workloads.length)} of ${namespace}`,
    why:
      birth === undefined
        ? 'Pods with a proxy talk mutual TLS among themselves and still take plaintext from everybody else.'
        : 'Pods with a proxy talk mutual TLS among themselves, and a policy that is there already has them refuse plaintext from the first pod on.',
    doesNotChange:
      birth === undefined
        ? 'Nobody is refused: the default inbound policy is all-unauthenticated, written out. Services, ports and replicas stay as they are.'
        : unchangedAtBirth('Services, ports and replicas stay as they are', STRICT_AT_BIRTH),
    ...(birth === undefined ? {} : { risk: riskAtBirth(STRICT_AT_BIRTH) }),
    dependsOn,
    wave: number,
    scope: { namespaces: [namespace], workloads: refs },
    restarts: restartsOf(members),
    notes: [...(birth?.notes ?? []), ...notes, ...waveNotes(members), ...cautions(members)],
    entryGate: [...(birth?.entryGate ?? []), converged()],
    exitGate: [
      proxiesReady(
        namespace,
        members.filter(isEnrolled).map(({ workload }) => workloadRef(workload)),
      ),
      converged(),
    ],
    abort: [noPodsFail(), errorsRise(namespace)],
  };
}

function isEnrolled({ standing, workload }: Member): boolean {
  return workload.kind !== 'CronJob' && (standing.kind === 'enrol' || standing.kind === 'enrolled');
}

function waveNotes(members: readonly Member[]): readonly string[] {
  const managed = members.filter(
    ({ workload, standing }) => workload.managedBy !== undefined && standing.kind === 'enrol',
  );
  return [
    'The annotation is set on the pod template, workload by workload; the namespace gets its own only when all of them are through. On the metadata of the Deployment itself it would do nothing.',
    'Changing the template of a Deployment, StatefulSet or DaemonSet rolls its pods by itself.',
    ...managed.map(
      ({ workload }) =>
        `${formatWorkload(workload)} is managed by ${workload.managedBy ?? ''}: put the patch into its source, or the annotation is taken away again.`,
    ),
  ];
}

function cautions(members: readonly Member[]): readonly string[] {
  return members
    .filter(({ standing }) => standing.kind === 'enrol')
    .flatMap(({ workload }) => restartCautions(workload));
}

/** How and in which order the members' pods are made new. */
function restartsOf(members: readonly Member[]): readonly Restart[] {
  return members.flatMap(({ workload, standing }): readonly Restart[] => {
    if (standing.kind !== 'enrol') return [];
    const method = standing.restart ?? 'next-run';
    return [
      {
        workload: workloadRef(workload),
        method,
        after: [],
        maxParallel: maxParallel(workload),
        why: whyRestart(workload, method),
      },
    ];
  });
}

function whyRestart({ kind }: Workload, method: string): string {
  if (method === 'next-run') return 'the next run carries the proxy';
  if (method === 'delete-pods') return `pods of this ${kind} are made new only when they are deleted, one at a time`;
  if (method === 'flagger') return 'Flagger starts an analysis when the template changes, and promotes it';
  return 'the change of the template rolls the pods by itself; the command makes sure that it did';
}

/** The question that a wave's entry gate asks of a call that turns unknown. */
export function toAsk({ call, after }: WorseCall): Condition {
  return {
    id: 'unknown-call',
    text: `Nobody can say yet whether ${call.id} passes afterwards: ${after.why}. Find out before this wave.`,
  };
}
