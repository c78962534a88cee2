import { KIND } from '../../../kubernetes/kinds.ts';
import type { Evidence } from '../../../world/evidence.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { DEFAULT_INBOUND_POLICY } from '../names.ts';
import { holdsPort, rustPortRanges } from '../opaque-ports/port-lists.ts';
import { parseAccessPolicy, withIdentityRequired, type AccessPolicy } from './access-policy.ts';
import type { Proxied } from './place.ts';
import type { PolicyPlane } from './plane.ts';
import { knowsAudit } from '../versions.ts';

/** Annotation with the ports on which a policy that allows asks for an identity. */
const REQUIRE_IDENTITY = 'config.linkerd.io/proxy-require-identity-inbound-ports';

const SOURCE = 'linkerd2 policy-controller/k8s/index/src/inbound/index.rs#default_inbound_server';

/** A default inbound policy with what decides it. */
export interface DefaultPolicy {
  readonly policy: Fact<AccessPolicy>;
  readonly evidence: readonly Evidence[];
}

/**
 * The policy of a port that no Server is about: the pod's annotation if it is a policy, else the policy controller's
 * own, and the ports that require identity on top. Any other text in the annotation is ignored.
 */
export function defaultPolicyOf(place: Proxied, port: number): DefaultPolicy {
  const { policy, evidence } = podPolicy(place);
  const ports = place.pod.annotations[REQUIRE_IDENTITY];
  if (!policy.known || ports === undefined || !holdsPort(rustPortRanges(ports), port)) return { policy, evidence };
  const required = withIdentityRequired(policy.value);
  if (required === policy.value) return { policy, evidence };
  const rule = `Port ${String(port)} requires identity, so ${policy.value} becomes ${required}.`;
  const why = { object: place.saysAnnotation(REQUIRE_IDENTITY), field: annotation(REQUIRE_IDENTITY), value: ports };
  return { policy: known(required), evidence: [...evidence, { ...why, rule, source: SOURCE }] };
}

/** The default policy of a pod's ports, before any of them requires identity. */
export function podPolicy({ pod, plane, saysAnnotation }: Proxied): DefaultPolicy {
  const written = pod.annotations[DEFAULT_INBOUND_POLICY];
  if (written === undefined) return chartPolicy(plane);
  const at = { object: saysAnnotation(DEFAULT_INBOUND_POLICY), field: annotation(DEFAULT_INBOUND_POLICY) };
  const own = understood(written, plane);
  if (!own.known) return { policy: own, evidence: [{ ...at, value: written, rule: own.reason, source: SOURCE }] };
  if (own.value !== undefined) {
    const rule = 'The annotation of the pod is its default inbound policy.';
    return { policy: known(own.value), evidence: [{ ...at, value: written, rule, source: SOURCE }] };
  }
  const { policy, evidence } = chartPolicy(plane);
  const ignored = `"${written}" is no policy, so the annotation is ignored.`;
  return { policy, evidence: [{ ...at, value: written, rule: ignored, source: SOURCE }, ...evidence] };
}

/** A known undefined for a text that this control plane ignores. */
function understood(text: string, plane: PolicyPlane): Fact<AccessPolicy | undefined> {
  const policy = parseAccessPolicy(text);
  if (policy !== 'audit') return known(policy);
  const audits = knowsAudit(plane.version);
  return audits.known ? known(audits.value ? policy : undefined) : audits;
}

function chartPolicy({ defaultInboundPolicy, namespace }: PolicyPlane): DefaultPolicy {
  const object = { kind: KIND.configMap, namespace, name: 'linkerd-config' };
  const field = 'values.proxy.defaultInboundPolicy';
  if (!defaultInboundPolicy.known) {
    const { reason } = defaultInboundPolicy;
    return { policy: unknown(reason), evidence: [{ object, field, rule: reason, source: SOURCE }] };
  }
  const { value } = defaultInboundPolicy;
  const policy = parseAccessPolicy(value);
  const rule =
    policy === undefined
      ? `"${value}" is no default policy that Linkerd knows`
      : 'The default inbound policy of the control plane holds where the pod says nothing.';
  return {
    policy: policy === undefined ? unknown(rule) : known(policy),
    evidence: [{ object, field, value, rule, source: SOURCE }],
  };
}

function annotation(key: string): string {
  return `metadata.annotations[${key}]`;
}
