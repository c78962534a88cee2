import { KIND } from '../../kubernetes/kinds.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { strictCasualties } from '../strict-casualties.ts';
import { workloadObject } from '../workload-object.ts';

/** Ingress controllers and gateways outside the mesh that lead to workloads in it. */
export const ingressControllerUnmeshed: Check = {
  id: 'ingress-controller-unmeshed',
  title: 'Ingress controller outside the mesh in front of a workload in it',
  category: 'strict-mtls',
  stages: ['strict', 'authz'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'A controller without a proxy sends plaintext to its backends. Once they are STRICT, everything that comes through it is refused.',
  detects:
    'An ingress controller that runs outside the mesh is declared by an Ingress or route, or was observed, to call a workload in scope, and its call is accepted while the port is PERMISSIVE and refused once it is STRICT.',
  falseAlarms: 'Controllers that present a certificate of the mesh by hand.',
  remedy: {
    text: 'Mesh the controller as a stage of its own (with traffic.sidecar.istio.io/includeInboundPorts: ""), or lead the traffic through an Istio gateway. Until then keep the backends\' container ports PERMISSIVE, with an owner and an end date.',
  },
  sources: [
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
    'https://istio.io/latest/docs/tasks/traffic-management/ingress/',
  ],
  reads: [KIND.ingress, KIND.service, KIND.httpRoute, KIND.peerAuthentication],
  find,
};

/** Where no controller of the class is known, nobody can say whether it is meshed. */
function* find(context: CheckContext): Iterable<Issue | Undecided> {
  yield* casualtyIssues(context, {
    cause: 'ingress-controller',
    subject: 'Ingress controllers outside the mesh',
    only: ({ call }) => call.from.kind === 'workload',
  });
  for (const { cause, call, servers } of strictCasualties(context).cut) {
    if (cause !== 'ingress-controller' || call.from.kind !== 'outsider') continue;
    const notAssessed = `the controller behind ${call.from.detail ?? 'it'} is not among the workloads that were read, so whether it is in the mesh is not known`;
    for (const { workload } of servers) yield { notAssessed, object: workloadObject(workload) };
  }
}
