import type { ObjectRef } from '../../../kubernetes/object.ts';
import type { Aged } from '../mtls/creation-order.ts';

/** `tls.mode` of a traffic policy. */
export type ClientTlsMode = 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';

/** `tls` of a traffic policy; a missing mode is DISABLE. */
export interface TlsSettings {
  readonly mode: ClientTlsMode;
  readonly credentialName?: string;
}

/** Fields of a traffic policy that change who is called or trusted, and that the rules here do not follow. */
export type Unfollowed = readonly string[];

/** One entry of `portLevelSettings`. */
export interface PortTrafficPolicy {
  /** Number of the Service port. */
  readonly port: number;
  readonly tls?: TlsSettings;
  /** `loadBalancer.simple: PASSTHROUGH`. */
  readonly passthrough: boolean;
  readonly unfollowed?: Unfollowed;
}

/** The parts of a traffic policy that decide what goes on the wire. */
export interface TrafficPolicy {
  readonly tls?: TlsSettings;
  /** `loadBalancer.simple: PASSTHROUGH`. */
  readonly passthrough: boolean;
  readonly unfollowed?: Unfollowed;
  readonly ports: readonly PortTrafficPolicy[];
}

/** A named subset of the endpoints, with the policy that goes over the rule's. */
export interface Subset {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly trafficPolicy?: TrafficPolicy;
}

/** A DestinationRule object with its host resolved in the rule's namespace. */
export interface DestinationRule extends Aged {
  readonly ref: ObjectRef;
  /** Fully qualified, or with a leading wildcard. */
  readonly host: string;
  /** As written; empty where the mesh default applies. */
  readonly exportTo: readonly string[];
  readonly workloadSelector?: Readonly<Record<string, string>>;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: readonly Subset[];
  /** What the API server would refuse; each a clause with the field in it. */
  readonly unreadable: readonly string[];
}
