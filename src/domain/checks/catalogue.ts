import { authzCallersWithoutAllow } from './authorization/authz-callers-without-allow.ts';
import { authzPrincipalUnknown } from './authorization/authz-principal-unknown.ts';
import { authzSelectorMatchesNothing } from './authorization/authz-selector-matches-nothing.ts';
import type { Check } from './check.ts';
import { ambientAndSidecarBoth } from './injection/ambient-and-sidecar-both.ts';
import { injectionLabelsConflict } from './injection/injection-labels-conflict.ts';
import { podsNotRestartedAfterLabel } from './injection/pods-not-restarted-after-label.ts';
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
import { externalnameAliases } from './protocol/externalname-aliases.ts';
import { portProtocolUnrecognised } from './protocol/port-protocol-unrecognised.ts';
import { serverFirstPortUndeclaredIstio } from './protocol/server-first-port-undeclared-istio.ts';
import { admissionWebhookInMesh } from './strict-mtls/admission-webhook-in-mesh.ts';
import { cloudLbTargetsPods } from './strict-mtls/cloud-lb-targets-pods.ts';
import { ingressControllerUnmeshed } from './strict-mtls/ingress-controller-unmeshed.ts';
import { nodeportOrLoadbalancerDirect } from './strict-mtls/nodeport-or-loadbalancer-direct.ts';
import { unmeshedCallers } from './strict-mtls/unmeshed-callers.ts';

/** All checks, sorted by id. An id that was given is never given again. */
export const CATALOGUE: readonly Check[] = [
  admissionWebhookInMesh,
  ambientAndSidecarBoth,
  authzCallersWithoutAllow,
  authzPrincipalUnknown,
  authzSelectorMatchesNothing,
  ciliumSocketLbBypass,
  cloudLbTargetsPods,
  clusteredStatefulPeerTraffic,
  destinationruleTlsVsStrict,
  externalnameAliases,
  ingressControllerUnmeshed,
  initContainerCniBlackhole,
  initContainerPlaintextToStrict,
  injectionLabelsConflict,
  jobNeverCompletes,
  netpolEgressBlocksIstiod,
  nodeportOrLoadbalancerDirect,
  podsNotRestartedAfterLabel,
  portProtocolUnrecognised,
  probeRewriteDisabled,
  psaBlocksInitContainer,
  serverFirstPortUndeclaredIstio,
  strictWithoutFullEnrolment,
  unmeshedCallers,
];
