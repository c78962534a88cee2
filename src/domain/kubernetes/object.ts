/** Names a kind of object across versions: `security.istio.io/PeerAuthentication`; core kinds have no group. */
export type Kind = string;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean;
}

/** Metadata with the parts that decisions rest on; labels and annotations are always there, if empty. */
export interface ObjectMeta {
  readonly name: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly uid?: string;
  /** RFC 3339, as the API server wrote it; absent in manifests. */
  readonly creationTimestamp?: string;
  readonly generation?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly OwnerReference[];
  /** Field managers that own part of the object, sorted; only where the source had managedFields. */
  readonly managers?: readonly string[];
}

/** Where an object came from: it decides how old it is and how far it can be trusted. */
export type Origin =
  | { readonly from: 'read'; readonly file?: string; readonly line?: number }
  | { readonly from: 'planned'; readonly by: string }
  | { readonly from: 'assumed'; readonly by: string };

/**
 * One Kubernetes object: identity and metadata checked, everything else as it was read. `decoded` holds what text
 * inside it says (a mesh configuration in a ConfigMap), decoded at the border.
 */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly origin: Origin;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly data?: unknown;
  readonly decoded?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** What names one object, whatever version it was read in. */
export interface ObjectRef {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name: string;
}

/** The group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The kind with its group, as `security.istio.io/PeerAuthentication` or `Pod`. */
export function kindOf(object: { readonly apiVersion: string; readonly kind: string }): Kind {
  const group = groupOf(object.apiVersion);
  return group === '' ? object.kind : `${group}/${object.kind}`;
}

/** The reference that names the object. */
export function refOf(object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): ObjectRef {
  const { namespace, name } = object.metadata;
  return { kind: kindOf(object), ...(namespace === undefined ? {} : { namespace }), name };
}

/** A key that is equal exactly where two references name the same object. */
export function keyOf(ref: ObjectRef): string {
  return `${ref.kind}|${ref.namespace ?? ''}|${ref.name}`;
}

/** The reference as people write it: `PeerAuthentication shop/default`. */
export function formatRef(ref: ObjectRef): string {
  const kind = ref.kind.slice(ref.kind.lastIndexOf('/') + 1);
  return `${kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
}
