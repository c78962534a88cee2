import type { ObjectRef } from '../../../kubernetes/object.ts';

/** What a policy does with a request that one of its rules matches. */
export type AuthorizationAction = 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM';

/**
 * One field of a source or operation, or one `when` condition, under the name that `when` uses: `principals` is
 * `source.principal`. It holds where one of the values matches (no values: always) and none of the notValues does.
 */
export interface AttributeMatch {
  readonly attribute: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

/** All of the fields of one source or operation; an empty list holds for everything. */
export type Alternative = readonly AttributeMatch[];

/** Holds where one of `from`, one of `to` and all of `when` hold; an empty section always holds. */
export interface AuthorizationRule {
  readonly from: readonly Alternative[];
  readonly to: readonly Alternative[];
  readonly when: Alternative;
  /** Why istiod leaves the rule out, as for a condition key that it does not know. */
  readonly skipped?: string;
  /** Why the API server would have refused the object: what the rule does is then not known. */
  readonly unreadable?: string;
}

/** The object that a policy is bound to instead of selecting pods. */
export interface TargetRef {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** An AuthorizationPolicy with everything that decides where it is enforced and what it does. */
export interface AuthorizationPolicy {
  readonly ref: ObjectRef;
  readonly namespace: string;
  readonly action: AuthorizationAction;
  /** matchLabels; undefined where the policy has no selector. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly targetRefs: readonly TargetRef[];
  readonly rules: readonly AuthorizationRule[];
  /** The annotation `istio.io/dry-run` as istiod reads it; text that is no boolean counts as false. */
  readonly dryRun: boolean;
  /** The annotation as written, for validation. */
  readonly dryRunText?: string;
  /** `provider.name`; empty text where there is a provider without a name. */
  readonly provider?: string;
  /** The label `istio.io/rev`. */
  readonly revision?: string;
  readonly creationTimestamp?: string;
  /** What the API server would refuse outside the rules; each a clause with the field in it. */
  readonly unreadable: readonly string[];
}
