import type { MeshId } from '../mesh/mesh-id.ts';

/** A name of a namespace (RFC 1123 label). */
export const NAMESPACE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** `shop`, or `shop/Deployment/cart`. */
export const NAMESPACE_OR_WORKLOAD =
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\/[A-Z][A-Za-z]{0,62}\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)?$/;

/**
 * A key of a label or annotation that steers neither Kubernetes nor a mesh, and by which no object is known again.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set.
 */
export const LABEL_KEY =
  /^(?!istio-injection$|app\.kubernetes\.io\/managed-by$|(?!app\.)(?:[a-z0-9.-]+\.)?(?:kubernetes|k8s)\.io\/|(?:[a-z0-9.-]+\.)?(?:istio|linkerd)\.io\/)(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** A value of a label, which is not empty. */
export const LABEL_VALUE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** A span in which nothing may be applied. RFC 3339 dates or times; a date covers its whole day in UTC. */
export interface Freeze {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** A namespace (`shop`) or a workload (`shop/Deployment/cart`) that the plan leaves alone, with the reason. */
export interface Exclusion {
  readonly what: string;
  readonly reason: string;
}

/** Somebody's word that a stage may be written on weaker evidence of the calls of a namespace or a workload. */
export interface EvidenceWaiver {
  /** `shop` or `shop/Deployment/cart`. */
  readonly what: string;
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
}

/** Somebody's word that a stage may weaken what is shut today. */
export interface Acceptance {
  /** Id of the stage that opens. */
  readonly stage: string;
  /** The opening as the stage states it, or the beginning of it. */
  readonly opens: string;
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
}

/** Meshes that take pods, beside any of which a rollout of another can be planned. */
export const COEXISTING_MESHES = [
  'istio',
  'linkerd',
  'consul',
  'cilium',
  'app-mesh',
  'kuma',
  'osm',
  'nginx-service-mesh',
] as const satisfies readonly MeshId[];

export type CoexistingMesh = (typeof COEXISTING_MESHES)[number];

/** Somebody's word that the plan may go on beside another mesh, whose workloads it then leaves alone. */
export interface Coexistence {
  readonly mesh: CoexistingMesh;
  readonly reason: string;
}

/** Traps of docs/traps.md of which somebody may know better than the objects that show them. */
export const ACCEPTABLE_TRAPS = ['D8', 'D9', 'P12', 'P19', 'P20', 'P30'] as const;

export type TrapId = (typeof ACCEPTABLE_TRAPS)[number];

/** Somebody's word that a trap does not matter for a namespace or a workload. */
export interface AcceptedTrap extends EvidenceWaiver {
  readonly trap: TrapId;
}

export interface WaveChoices {
  /** Workloads in a wave, at most. */
  readonly maxWorkloads?: number;
  /** Share of the counted traffic that a wave may touch, from 0 to 1. */
  readonly maxTrafficShare?: number;
  /** Namespaces that come first, in this order; the others follow by weight. */
  readonly first?: readonly string[];
  /** Namespaces that come last, in this order. */
  readonly last?: readonly string[];
}

/** What gates hold a workload to. */
export interface Slo {
  /** Failed requests of all, from 0 to 1. */
  readonly errorRatio?: number;
  readonly p99Milliseconds?: number;
}

/** What people decide about a rollout: the `plan` part of meshwise.yaml, and the flags that say the same. */
export interface Choices {
  /** Who answers for a namespace, by its name. */
  readonly owners: Readonly<Record<string, string>>;
  readonly freezes: readonly Freeze[];
  readonly waves: WaveChoices;
  readonly exclude: readonly Exclusion[];
  readonly coexist: readonly Coexistence[];
  readonly slo: Slo;
  /** Labels and annotations that every generated object carries. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly waivers: readonly EvidenceWaiver[];
  readonly accepts: readonly Acceptance[];
  readonly traps: readonly AcceptedTrap[];
  /** Whether shared service accounts are split, as stages of their own. */
  readonly splitServiceAccounts: boolean;
  /** Whether the plan ends with stages for the whole mesh. */
  readonly meshWide: boolean;
}

/** What holds where nobody decided anything. */
export const NO_CHOICES: Choices = {
  owners: {},
  freezes: [],
  waves: {},
  exclude: [],
  coexist: [],
  slo: {},
  labels: {},
  annotations: {},
  waivers: [],
  accepts: [],
  traps: [],
  splitServiceAccounts: false,
  meshWide: false,
};

/**
 * Whether something that ends at an RFC 3339 date or time has ended at another; a date is its first moment in UTC, as for
 * waivers of findings. What cannot be read as a time has ended.
 */
export function hasEnded(expires: string, now: string): boolean {
  return !(Date.parse(now) <= Date.parse(expires));
}
