import { workloadRef, type Workload } from '../../world/workload.ts';
import type { Restart } from '../plan.ts';
import type { StageParts } from '../stage-draft.ts';
import type { Wave } from '../waves/plan-waves.ts';
import { riskAtBirth, unchangedAtBirth } from '../waves/birth-texts.ts';
import { restartCautions } from '../waves/restart-method.ts';
import { restartOf, type RestartReasons } from '../waves/restart-of.ts';
import { managedNotes, waveFrame } from '../waves/wave-frame.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { converged, errorsRise, proxiesReady } from './gates.ts';
import type { StrictBirth } from './strict-birth.ts';
import type { Member } from './wave-steps.ts';

const STRICT_AT_BIRTH = { isStrict: true, isGuarded: false } as const;

/** What the stage of a wave says of itself. */
export function waveParts(wave: Wave, members: readonly Member[], birth: StrictBirth | undefined): StageParts {
  const { namespace } = wave.workloads[0];
  const why =
    birth === undefined
      ? 'Pods with a proxy talk mutual TLS among themselves and still take plaintext from everybody else.'
      : 'Pods with a proxy talk mutual TLS among themselves, and a policy that is there already has them refuse plaintext from the first pod on.';
  return {
    ...waveFrame(wave, why),
    doesNotChange:
      birth === undefined
        ? 'Nobody is refused: the default inbound policy is all-unauthenticated, written out. Services, ports and replicas stay as they are.'
        : unchangedAtBirth('Services, ports and replicas stay as they are', STRICT_AT_BIRTH),
    ...(birth === undefined ? {} : { risk: riskAtBirth(STRICT_AT_BIRTH) }),
    restarts: restartsOf(members, (server) => birth?.clientsOf(server) ?? []),
    notes: [...(birth?.notes ?? []), ...wave.notes, ...waveNotes(members), ...cautions(members)],
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
  const joining = members.filter(({ standing }) => standing.kind === 'enrol').map(({ workload }) => workload);
  return [
    'The annotation is set on the pod template, workload by workload; the namespace gets its own only when all of them are through. On the metadata of the Deployment itself it would do nothing.',
    'Changing the template of a Deployment, StatefulSet or DaemonSet rolls its pods by itself.',
    ...managedNotes(joining, 'annotation'),
  ];
}

function cautions(members: readonly Member[]): readonly string[] {
  return members
    .filter(({ standing }) => standing.kind === 'enrol')
    .flatMap(({ workload }) => restartCautions(workload));
}

const RESTARTS: RestartReasons = {
  nextRun: 'the next run carries the proxy',
  deleted: 'are made new',
  rolled: 'the change of the template rolls the pods by itself; the command makes sure that it did',
};

/** How the members' pods are made new, each after those that have to be through before it. */
function restartsOf(
  members: readonly Member[],
  clientsOf: (server: Workload) => readonly Workload[],
): readonly Restart[] {
  return members.flatMap(({ workload, standing }): readonly Restart[] => {
    const isOut = standing.kind === 'opt-out';
    if (isOut && standing.restart === undefined) return [];
    if (!isOut && standing.kind !== 'enrol') return [];
    const method = standing.restart ?? 'next-run';
    return [restartOf(workload, { method, after: clientsOf(workload), reasons: RESTARTS })];
  });
}
