import type { AuthorizationPolicy, TargetRef } from './policy.ts';

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
const GATEWAY_GROUP = 'gateway.networking.k8s.io';
const SERVICE_GROUPS: Readonly<Record<string, string>> = { Service: '', ServiceEntry: 'networking.istio.io' };

/** A Service or ServiceEntry that a waypoint serves. */
export interface ServedService {
  readonly kind: 'Service' | 'ServiceEntry';
  readonly namespace: string;
  readonly name: string;
}

/** The proxy that would enforce the policy. */
export interface EnforcingWorkload {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly waypoint: boolean;
  /** For a waypoint: what it serves. */
  readonly services: readonly ServedService[];
}

/** The settings of istiod that decide about attachment. */
export interface AttachmentContext {
  readonly rootNamespace: string;
  /** istiod's ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY; true by default. */
  readonly selectorPoliciesOnGateways: boolean;
}

/**
 * Whether the proxy of a workload enforces a policy. All that are attached count together; none overrides another.
 * Source: istio pilot/pkg/model/policyattachment.go, ShouldAttachPolicy.
 */
export function isAttached(
  policy: AuthorizationPolicy,
  workload: EnforcingWorkload,
  context: AttachmentContext,
): boolean {
  const gateway = workload.labels[GATEWAY_NAME];
  if (policy.targetRefs.length > 0) {
    if (gateway === undefined && !workload.waypoint) return false;
    return policy.targetRefs.some((target) => isTarget(target, policy, { workload, gateway, context }));
  }
  if (workload.waypoint) return false;
  if (gateway !== undefined && !context.selectorPoliciesOnGateways) return false;
  const inScope = policy.namespace === context.rootNamespace || policy.namespace === workload.namespace;
  return inScope && selects(policy.selector, workload.labels);
}

interface Target {
  readonly workload: EnforcingWorkload;
  readonly gateway: string | undefined;
  readonly context: AttachmentContext;
}

function isTarget(target: TargetRef, policy: AuthorizationPolicy, { workload, gateway, context }: Target): boolean {
  if (target.group === GATEWAY_GROUP && target.kind === 'Gateway') {
    return target.name === gateway && policy.namespace === workload.namespace;
  }
  if (!workload.waypoint) return false;
  if (target.group === GATEWAY_GROUP && target.kind === 'GatewayClass') {
    return target.name === 'istio-waypoint' && policy.namespace === context.rootNamespace;
  }
  if (!isServiceTarget(target)) return false;
  return workload.services.some(
    (service) => service.kind === target.kind && service.name === target.name && service.namespace === policy.namespace,
  );
}

/** Whether the target is a Service or a ServiceEntry, `core` being another name of the empty group. */
function isServiceTarget(target: TargetRef): boolean {
  const group = target.group === 'core' ? '' : target.group;
  return Object.hasOwn(SERVICE_GROUPS, target.kind) && SERVICE_GROUPS[target.kind] === group;
}

function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
