import { isEmptySelector, parseLabelSelector, type LabelSelector } from '../../../kubernetes/label-selector.ts';
import { formatRef, refOf, type KubeObject, type ObjectRef } from '../../../kubernetes/object.ts';
import { asObject, asText, at } from '../../../../lib/json.ts';
import { compareText } from '../../../../lib/order.ts';
import { ageOf, type Aged } from './creation-order.ts';

/** A mode that is in force. */
export type MtlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

/** What a policy says: a mode, or nothing (`UNSET`), or a word that is no mode. */
export type DeclaredMode = MtlsMode | 'UNSET' | 'invalid';

/** A PeerAuthentication as far as its rules go. */
export interface PeerAuthentication extends Aged {
  readonly ref: ObjectRef;
  /** Matches everything where `hasSelector` is false. */
  readonly selector: LabelSelector;
  /** Whether it names labels; absent and empty selectors are the same. */
  readonly hasSelector: boolean;
  readonly mode: DeclaredMode;
  /** By container port, as written in `portLevelMtls`. */
  readonly portModes: Readonly<Record<string, DeclaredMode>>;
}

/** The PeerAuthentication that an object of that kind holds; what is missing counts as unset. */
export function parsePeerAuthentication(object: KubeObject): PeerAuthentication {
  const { name, namespace } = object.metadata;
  const selector = parseLabelSelector(selectorOf(object.spec));
  const ports = Object.entries(asObject(at(object.spec, 'portLevelMtls')) ?? {});
  return {
    ref: refOf(object),
    name,
    namespace: namespace ?? '',
    age: ageOf(object),
    selector,
    hasSelector: !isEmptySelector(selector),
    mode: declaredMode(at(object.spec, 'mtls')),
    portModes: Object.fromEntries(ports.map(([port, mtls]) => [port, declaredMode(mtls)])),
  };
}

/**
 * What two policies would do differently, as text: equal for policies that act alike wherever both apply.
 */
export function effectOf(policy: PeerAuthentication): string {
  const ports = Object.entries(policy.portModes)
    .map(([port, mode]) => `${port}=${mode}`)
    .sort(compareText);
  return [policy.mode, ...ports].join(' ');
}

/** The policies by name, for messages. */
export function nameThem(policies: readonly PeerAuthentication[]): string {
  return policies.map(({ ref }) => formatRef(ref)).join(' and ');
}

function selectorOf(spec: unknown): unknown {
  const selector = at(spec, 'selector');
  if (selector === undefined || selector === null) return undefined;
  const object = asObject(selector);
  // Istio's WorkloadSelector knows matchLabels only; matchExpressions there is pruned by the API server.
  return object === undefined ? selector : { matchLabels: object['matchLabels'] };
}

function declaredMode(mtls: unknown): DeclaredMode {
  if (mtls === undefined || mtls === null) return 'UNSET';
  const object = asObject(mtls);
  if (object === undefined) return 'invalid';
  const mode = object['mode'];
  if (mode === undefined || mode === null) return 'UNSET';
  const text = asText(mode);
  return text === 'UNSET' || text === 'DISABLE' || text === 'PERMISSIVE' || text === 'STRICT' ? text : 'invalid';
}
