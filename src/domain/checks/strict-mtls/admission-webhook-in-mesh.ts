import { KIND } from '../../kubernetes/kinds.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check } from '../check.ts';

/** Admission webhooks that run in the mesh, which the API server calls without a certificate of the mesh. */
export const admissionWebhookInMesh: Check = {
  id: 'admission-webhook-in-mesh',
  title: 'Admission webhook served by a meshed pod',
  category: 'strict-mtls',
  stages: ['strict', 'authz'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'The API server has no certificate of the mesh. Under STRICT its calls to the webhook are reset; with failurePolicy Fail every create and update that the webhook matches then fails, in the whole cluster. With Ignore the policy is silently lost.',
  detects:
    "A webhook configuration names a Service whose pods would be in the mesh, and the API server's call to it is accepted while the port is PERMISSIVE and refused once it is STRICT.",
  falseAlarms: 'Webhooks that are given by URL run elsewhere and are not looked at.',
  remedy: {
    text: "Keep the webhook out of the mesh, or keep its container port PERMISSIVE before the namespace goes STRICT; the API server's own TLS still protects the call. When the workload later gets an AuthorizationPolicy, allow the port without a principal as well.",
  },
  sources: [
    'https://github.com/istio/istio/issues/39290',
    'https://github.com/istio/istio/issues/52874',
    'https://github.com/knative-extensions/net-istio/issues/150',
  ],
  reads: [KIND.mutatingWebhook, KIND.validatingWebhook, KIND.service, KIND.peerAuthentication],
  find: (context) =>
    casualtyIssues(context, {
      cause: 'admission-webhook',
      subject: 'Calls of the API server to admission webhooks',
      severity: (casualties) =>
        casualties.some(({ call }) => call.evidence.some(({ detail }) => detail.includes('failurePolicy Fail')))
          ? 'blocker'
          : 'high',
    }),
};
