import { workloadRef, type Workload } from '../../world/workload.ts';
import type { Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { riskAtBirth, unchangedAtBirth } from '../waves/birth-texts.ts';
import type { Wave } from '../waves/plan-waves.ts';
import { restartCautions } from '../waves/restart-method.ts';
import { managedNotes, waveFrame } from '../waves/wave-frame.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { ambientConverged, behindZtunnel, connectionsFail } from './ambient-gates.ts';
import type { Birth } from './birth.ts';
import { longLivedCalls } from './long-lived.ts';
import { restartsOf } from './wave-steps.ts';

const SHOWN = 20;

/** What the stage of a wave says of itself. */
export function waveParts(planning: Planning, wave: Wave, birth: Birth | undefined): StageParts {
  const { workloads } = wave;
  const { namespace } = workloads[0];
  return {
    ...waveFrame(wave, whyWave(namespace, birth)),
    doesNotChange:
      birth === undefined
        ? 'Nobody is refused: the mode is PERMISSIVE, written out. Services, ports, replicas and containers stay as they are.'
        : unchangedAtBirth('Services, ports, replicas and containers stay as they are', birth),
    ...(birth === undefined ? {} : { risk: riskAtBirth(birth) }),
    restarts: restartsOf(planning, workloads, (server) => birth?.clientsOf(server) ?? []),
    notes: [
      ...wave.notes,
      ...(birth?.notes ?? []),
      ...workloads.flatMap(restartCautions),
      ...memberNotes(workloads),
      ...connectionNotes(planning, workloads),
    ],
    entryGate: [...(birth?.entryGate ?? []), ambientConverged()],
    exitGate: [behindZtunnel(namespace, workloads.map(workloadRef)), ambientConverged()],
    abort: [noPodsFail(), connectionsFail(namespace)],
  };
}

function whyWave(namespace: string, birth: Birth | undefined): string {
  const why = 'Pods behind ztunnel talk mutual TLS (HBONE) among themselves';
  if (birth === undefined) return `${why} and still take plaintext from everybody else.`;
  return birth.isStrict
    ? `${why}. Namespace ${namespace} is STRICT already, or a policy of the workload is: plaintext is refused as soon as a pod is taken.`
    : `${why}. Policies wait for them: whom these do not admit is refused as soon as a pod is taken.`;
}

function memberNotes(workloads: readonly Workload[]): readonly string[] {
  return [
    'The label is set on the pod template, workload by workload; the namespace gets its own only when all of them are through.',
    'The node agent follows labels on pods that run, without a restart; what rolls them here is the change of their template, which the next pods need. Where a roll has to wait, the running pods can be labelled first (kubectl label pods), and are taken at once; their next pods are not until the template says so.',
    ...managedNotes(workloads, 'label'),
  ];
}

/** Source: https://github.com/istio/istio/issues/48876, https://github.com/istio/istio/pull/49106. */
function connectionNotes({ index }: Planning, workloads: readonly Workload[]): readonly string[] {
  const calls = longLivedCalls(index, workloads);
  const shown = calls.slice(0, SHOWN).join('; ');
  const more = calls.length > SHOWN ? `; and ${String(calls.length - SHOWN)} more` : '';
  return [
    'Enrolling a pod resets its open connections, in both directions, and so does taking it out again: clients have to connect anew.',
    calls.length === 0
      ? 'No call of these workloads is known to keep its connections open (pools, streams, brokers, databases); what nobody declared may do so.'
      : `Connections that are probably kept open, and have to be seen to connect anew: ${shown}${more}.`,
  ];
}
