import { authzCallersWithoutAllow } from './authorization/authz-callers-without-allow.ts';
import type { Check } from './check.ts';
import { initContainerCniBlackhole } from './lifecycle/init-container-cni-blackhole.ts';
import { initContainerPlaintextToStrict } from './lifecycle/init-container-plaintext-to-strict.ts';
import { jobNeverCompletes } from './lifecycle/job-never-completes.ts';
import { probeRewriteDisabled } from './lifecycle/probe-rewrite-disabled.ts';
import { destinationruleTlsVsStrict } from './mtls-policy/destinationrule-tls-vs-strict.ts';
import { strictWithoutFullEnrolment } from './mtls-policy/strict-without-full-enrolment.ts';
import { netpolEgressBlocksIstiod } from './networkpolicy/netpol-egress-blocks-istiod.ts';
import { ciliumSocketLbBypass } from './platform/cilium-socket-lb-bypass.ts';
import { psaBlocksInitContainer } from './platform/psa-blocks-init-container.ts';
import { clusteredStatefulPeerTraffic } from './protocol/clustered-stateful-peer-traffic.ts';
import { serverFirstPortUndeclaredIstio } from './protocol/server-first-port-undeclared-istio.ts';
import { admissionWebhookInMesh } from './strict-mtls/admission-webhook-in-mesh.ts';
import { cloudLbTargetsPods } from './strict-mtls/cloud-lb-targets-pods.ts';
import { ingressControllerUnmeshed } from './strict-mtls/ingress-controller-unmeshed.ts';
import { nodeportOrLoadbalancerDirect } from './strict-mtls/nodeport-or-loadbalancer-direct.ts';
import { unmeshedCallers } from './strict-mtls/unmeshed-callers.ts';

/** All checks, sorted by id. An id that was given is never given again. */
export const CATALOGUE: readonly Check[] = [
  admissionWebhookInMesh,
  authzCallersWithoutAllow,
  ciliumSocketLbBypass,
  cloudLbTargetsPods,
  clusteredStatefulPeerTraffic,
  destinationruleTlsVsStrict,
  ingressControllerUnmeshed,
  initContainerCniBlackhole,
  initContainerPlaintextToStrict,
  jobNeverCompletes,
  netpolEgressBlocksIstiod,
  nodeportOrLoadbalancerDirect,
  probeRewriteDisabled,
  psaBlocksInitContainer,
  serverFirstPortUndeclaredIstio,
  strictWithoutFullEnrolment,
  unmeshedCallers,
];
