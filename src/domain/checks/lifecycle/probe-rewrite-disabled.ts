import { KIND } from '../../kubernetes/kinds.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check } from '../check.ts';

/** Probes that the kubelet sends to the application's own port, where STRICT refuses them. */
export const probeRewriteDisabled: Check = {
  id: 'probe-rewrite-disabled',
  title: 'Probes are not rewritten to the agent',
  category: 'lifecycle',
  stages: ['inject', 'strict'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'The kubelet has no certificate of the mesh. Injection normally sends its probes to the agent; where that is switched off, STRICT refuses HTTP and gRPC probes and the kubelet restarts the container for ever.',
  detects:
    "The kubelet's probe of a workload in scope reaches the application's port through the proxy, is accepted while the port is PERMISSIVE, and is refused once it is STRICT.",
  falseAlarms: 'Probes of ports that are excluded from capture are not reported.',
  remedy: {
    text: 'Set the pod annotation sidecar.istio.io/rewriteAppHTTPProbers to "true" (or remove the "false"); that changes the template and so belongs to the workload\'s enrolment stage. Where the probe must stay as it is, keep its container port PERMISSIVE.',
  },
  sources: [
    'https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/',
    'https://github.com/istio/istio/blob/master/pkg/kube/inject/app_probe.go',
  ],
  reads: [KIND.peerAuthentication],
  find: (context) => casualtyIssues(context, { cause: 'probe', subject: "The kubelet's probes" }),
};
