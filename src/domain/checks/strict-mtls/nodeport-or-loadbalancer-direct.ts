import { KIND } from '../../kubernetes/kinds.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check } from '../check.ts';

/** Workloads that clients outside the cluster reach without a gateway of the mesh. */
export const nodeportOrLoadbalancerDirect: Check = {
  id: 'nodeport-or-loadbalancer-direct',
  title: 'Workload exposed directly by NodePort, LoadBalancer or host port',
  category: 'strict-mtls',
  stages: ['strict', 'authz'],
  meshes: ['istio-sidecar'],
  severity: 'high',
  certainty: 'exact',
  why: 'Clients outside the cluster have no identity in the mesh. Under STRICT everything that comes by the node port, load balancer, external address or host port is refused.',
  detects:
    'A Service of type LoadBalancer or NodePort, one with externalIPs, or a host port leads to a workload in scope, and a plaintext call is accepted while the port is PERMISSIVE and refused once it is STRICT.',
  falseAlarms: 'Node ports that nobody uses; internal load balancers that only gateways of the mesh call.',
  remedy: {
    text: 'Put an Istio gateway in front and make the Service ClusterIP. Until then keep the container port PERMISSIVE, with an owner and an end date.',
  },
  sources: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/',
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
  ],
  reads: [KIND.service, KIND.peerAuthentication],
  find: (context) => casualtyIssues(context, { cause: 'exposed-service', subject: 'Clients outside the cluster' }),
};
