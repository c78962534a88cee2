import { KIND } from '../../kubernetes/kinds.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check } from '../check.ts';

/** Callers that will still send plaintext when their server goes STRICT, other than those with a check of their own. */
export const unmeshedCallers: Check = {
  id: 'unmeshed-callers',
  title: 'Clients outside the mesh call a workload in it',
  category: 'strict-mtls',
  stages: ['strict', 'authz'],
  meshes: ['istio-sidecar'],
  severity: 'high',
  certainty: 'heuristic',
  why: "The first outage of STRICT is usually a forgotten caller: a CronJob that refused injection, a node agent in the host network, Prometheus, a pod of another team's namespace.",
  detects:
    'A known or probable call still reaches its server in plaintext after all namespaces in scope are enrolled, is accepted while the port is PERMISSIVE, and is refused once it is STRICT. Webhooks, ingress controllers, load balancers, probes and peers have checks of their own; conversion webhooks and aggregated APIs are counted here.',
  falseAlarms:
    'Hosts in configuration that nobody calls any more. Callers that nothing names are not seen: confirm with connection_security_policy="none" in the metrics while PERMISSIVE.',
  remedy: {
    text: 'Bring the caller into the mesh first. Where it cannot join (host network, outside the cluster), keep the container port PERMISSIVE until the metrics show no plaintext, with an owner and an end date.',
  },
  sources: [
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
    'https://istio.io/latest/docs/ops/integrations/prometheus/',
  ],
  reads: [KIND.service, KIND.deployment, KIND.cronJob, KIND.apiService, KIND.serviceMonitor, KIND.peerAuthentication],
  find: (context) => casualtyIssues(context, { cause: 'unmeshed-caller', subject: 'Callers outside the mesh' }),
};
