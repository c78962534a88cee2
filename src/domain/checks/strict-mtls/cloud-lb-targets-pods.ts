import { KIND } from '../../kubernetes/kinds.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';

const BINDING = 'elbv2.k8s.aws/TargetGroupBinding';

/** Cloud load balancers that send traffic and health checks to pods themselves. */
export const cloudLbTargetsPods: Check = {
  id: 'cloud-lb-targets-pods',
  title: 'Cloud load balancer sends traffic and health checks to pods',
  category: 'strict-mtls',
  stages: ['strict', 'authz'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'Load balancers with pod addresses as targets (AWS target type ip, GKE network endpoint groups, Azure AGIC) speak plaintext to the pod. Under STRICT their health checks fail, the target group empties, and the service is dark from outside.',
  detects:
    "An Ingress of a cloud load balancer's class, or a Service with a target type of ip or with network endpoint groups, leads to a workload in scope, and the call is accepted while the port is PERMISSIVE and refused once it is STRICT.",
  falseAlarms: 'Targets that are Istio gateways: they take plaintext from outside as their Gateway says.',
  remedy: {
    text: "Put an Istio gateway behind the load balancer (health check on 15021, path /healthz/ready). Until then keep the target's container port PERMISSIVE, with an owner and an end date.",
  },
  sources: [
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
    'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/',
    'https://cloud.google.com/kubernetes-engine/docs/how-to/container-native-load-balancing',
  ],
  reads: [KIND.ingress, KIND.service, KIND.peerAuthentication],
  find,
};

function* find(context: CheckContext): Iterable<Issue | Undecided> {
  yield* casualtyIssues(context, { cause: 'cloud-load-balancer', subject: 'Cloud load balancers' });
  for (const { metadata } of context.world.list(BINDING).objects) {
    const { namespace, name } = metadata;
    const object = { kind: BINDING, name, ...(namespace === undefined ? {} : { namespace }) };
    yield { notAssessed: 'the target type of a TargetGroupBinding is not read', object };
  }
}
