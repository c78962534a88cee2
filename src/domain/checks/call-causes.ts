import type { Call } from '../calls/call.ts';
import { serversOf } from '../calls/resolve-target.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { Fate } from '../simulate/verdict.ts';
import { formatWorkload, type WorkloadRef } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { isIngressController } from './scope.ts';
import { sidecarsAhead } from './sidecars-ahead.ts';

/** Why a call meets a server without the mesh's mutual TLS; each call has one, and one check answers for it. */
export type CallCause =
  | 'admission-webhook'
  | 'cloud-load-balancer'
  | 'destination-rule'
  | 'exposed-service'
  | 'ingress-controller'
  | 'init-container'
  | 'peer'
  | 'probe'
  | 'unmeshed-caller';

/** Ingress classes whose controllers are load balancers outside the cluster. */
const CLOUD_CLASS = /ingress class (alb|gce|gke|azure)/;
const NLB_TARGET = 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type';
const NEG = 'cloud.google.com/neg';

/** The cause of a call, by its ends, by what declares it, and by the object that decides what the client sends. */
export function causeOf(call: Call, fate: Fate, world: World): CallCause {
  const { from } = call;
  if (from.kind === 'workload') {
    if (fate.decidedBy.some(({ object }) => object?.kind === KIND.destinationRule)) return 'destination-rule';
    if (call.phase === 'start' && isEnrolled(from.workload, world)) return 'init-container';
    const client = formatWorkload(from.workload);
    if (isIngressController(world, client)) return 'ingress-controller';
    return serversOf(call, world).servers.some(({ workload }) => formatWorkload(workload) === client)
      ? 'peer'
      : 'unmeshed-caller';
  }
  if (from.who === 'kubelet') return 'probe';
  if (from.who === 'apiserver')
    return declaredBy(call, /WebhookConfiguration /) ? 'admission-webhook' : 'unmeshed-caller';
  if (from.who !== 'load-balancer' && from.who !== 'internet') return 'unmeshed-caller';
  if (CLOUD_CLASS.test(from.detail ?? '') || targetsPods(call, world)) return 'cloud-load-balancer';
  return isRouted(call) ? 'ingress-controller' : 'exposed-service';
}

/** Whether the client's pods will have a sidecar, which does not run yet when the call is made. */
function isEnrolled(client: WorkloadRef, world: World): boolean {
  return sidecarsAhead(world, client.namespace).some(
    ({ workload, dataPlane }) => dataPlane.mode === 'sidecar' && formatWorkload(workload) === formatWorkload(client),
  );
}

/** Whether an Ingress or a route of the Gateway API or Istio sends the call. */
export function isRouted(call: Call): boolean {
  return declaredBy(call, /^(Ingress|HTTPRoute|GRPCRoute|TCPRoute|TLSRoute|VirtualService) /);
}

function declaredBy(call: Call, source: RegExp): boolean {
  return call.evidence.some((evidence) => source.test(evidence.source));
}

/** Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/. */
function targetsPods(call: Call, world: World): boolean {
  if (call.to.kind !== 'service-port') return false;
  const object = world.get({ kind: KIND.service, namespace: call.to.namespace, name: call.to.service });
  const annotations = object?.metadata.annotations ?? {};
  const className = (object?.spec as { loadBalancerClass?: unknown } | undefined)?.loadBalancerClass;
  return (
    annotations[NLB_TARGET] === 'ip' ||
    (className === 'service.k8s.aws/nlb' && annotations[NLB_TARGET] !== 'instance') ||
    annotations[NEG] !== undefined
  );
}
