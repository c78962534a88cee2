import { KIND } from '../../kubernetes/kinds.ts';
import type { Call } from '../../calls/call.ts';
import { known, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { startsWithSidecar } from '../sidecars-ahead.ts';
import { strictCasualties } from '../strict-casualties.ts';
import { workloadObject } from '../workload-object.ts';

/** Init containers that call STRICT servers before the sidecar of their own pod runs. */
export const initContainerPlaintextToStrict: Check = {
  id: 'init-container-plaintext-to-strict',
  title: 'Init containers talk plaintext to servers that go STRICT',
  category: 'lifecycle',
  stages: ['strict'],
  meshes: ['istio-sidecar'],
  severity: 'high',
  certainty: 'heuristic',
  why: 'An ordinary sidecar starts after the init containers, so what they send is plaintext without an identity. A STRICT server refuses it, and the pod never gets past its init container.',
  detects:
    'A pod that will have an ordinary sidecar is known or likely to call a workload in scope from an init container, and the call is accepted while the port is PERMISSIVE and refused once it is STRICT.',
  falseAlarms: 'Hosts in the configuration of an init container that it does not call.',
  remedy: {
    text: 'Use native sidecars, which run before init containers. Otherwise move the call out of the init container, or keep the container port that it calls PERMISSIVE, with an owner and an end date.',
  },
  sources: [
    'https://github.com/istio/istio/blob/master/pkg/kube/inject/webhook.go',
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
  ],
  reads: [KIND.service, KIND.peerAuthentication],
  find,
};

function* find(context: CheckContext): Iterable<Issue | Undecided> {
  const { world } = context;
  yield* casualtyIssues(context, {
    cause: 'init-container',
    subject: 'Init containers that run before their sidecar',
    only: ({ call }) => isNative(call, world).known,
  });
  for (const { cause, call } of strictCasualties(context).cut) {
    if (cause !== 'init-container' || call.from.kind !== 'workload') continue;
    const native = isNative(call, world);
    const object = workloadObject(call.from.workload);
    if (!native.known)
      yield { notAssessed: `whether its proxy is a native sidecar is not known: ${native.reason}`, object };
  }
}

/** Calls that are cut come from ordinary sidecars, or from pods of which it is not known. */
function isNative({ from }: Call, world: World): Fact<boolean> {
  return from.kind === 'workload' ? startsWithSidecar(world, from.workload) : known(true);
}
