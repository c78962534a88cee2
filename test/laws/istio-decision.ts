import { istio } from '../../src/domain/mesh/istio/istio.ts';
import type { Authorization, AuthorizeQuestion } from '../../src/domain/mesh/mesh.ts';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { known } from '../../src/domain/world/fact.ts';
import type { World } from '../../src/domain/world/world.ts';
import { ambientMesh, ambientPod, completeWorld, controlPlane, object, pod } from '../cases-runner/case-world.ts';
import { podEnd } from '../cases-runner/istio/seam-ends.ts';
import type { NaiveCall, NaivePolicy } from './naive-istio-policy.ts';
import type { AskedCall } from './random-istio-policies.ts';

/** The pod that every random policy and call is about. */
export const SERVER = { namespace: 'red', app: 'web' };

/** What the seam decides of the call, in a world of that pod and these policies alone. */
export function decisionOf(policies: readonly NaivePolicy[], { call, unsaid }: AskedCall): Authorization['decision'] {
  const world = worldOf(policies, call);
  const { caller, handledAs, port, method, path, host, sourceIp } = call;
  const wire = caller === undefined ? 'plaintext' : call.enforcer === 'ztunnel' ? 'hbone' : 'mtls';
  const said = Object.entries({ method, path, host, sourceIp }).filter(([key]) => !unsaid.some((one) => one === key));
  const question: AuthorizeQuestion = {
    server: { ...podEnd(world, 'red', 'server'), port },
    arrival: { sender: 'workload', wire, payload: handledAs, serverFirst: known(false) },
    handledAs,
    identity: known(caller && `spiffe://${caller.domain}/ns/${caller.namespace}/sa/${caller.account}`),
    request: Object.fromEntries(said),
  };
  return istio.authorize(question, world).decision;
}

function worldOf(policies: readonly NaivePolicy[], { enforcer }: NaiveCall): World {
  const server = { namespace: SERVER.namespace, name: 'server', labels: { app: SERVER.app } };
  const namespace = object('v1', 'Namespace', { name: 'red' });
  const base =
    enforcer === 'ztunnel'
      ? [...ambientMesh(), namespace, ambientPod(server)]
      : [...controlPlane(), namespace, pod({ ...server, sidecar: true })];
  return completeWorld([...base, ...policies.map(policyObject)]);
}

function policyObject({ namespace, app, action, dryRun, rules }: NaivePolicy, index: number): KubeObject {
  return object('security.istio.io/v1', 'AuthorizationPolicy', {
    name: `policy-${String(index)}`,
    namespace,
    annotations: dryRun ? { 'istio.io/dry-run': 'true' } : {},
    spec: {
      ...(app === undefined ? {} : { selector: { matchLabels: { app } } }),
      action,
      ...(action === 'CUSTOM' ? { provider: { name: 'ext' } } : {}),
      ...(rules === undefined ? {} : { rules }),
    },
  });
}
