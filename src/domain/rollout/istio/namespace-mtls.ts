import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf } from '../../kubernetes/object.ts';
import { possiblyOldest } from '../../mesh/istio/mtls/creation-order.ts';
import { parsePeerAuthentication, type PeerAuthentication } from '../../mesh/istio/mtls/peer-authentication.ts';
import { compareText } from '../../../lib/order.ts';
import type { Step } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { MeshFacts } from './mesh-facts.ts';
import { isOurs, MANAGED_LABELS } from '../objects/generated-objects.ts';
import { readersOf, revisionLabelOf } from './read-by-revisions.ts';

/** The mode that a namespace gives to pods without a policy of their own, and the object to edit for it. */
export interface NamespaceMtls {
  /** Name of the object that decides; `default` where there is none yet. */
  readonly name: string;
  readonly exists: boolean;
  /** Whether an earlier plan made it; its labels are then kept in every manifest of it. */
  readonly isOurs: boolean;
  /** What the namespace's own object says; undefined where it says nothing. */
  readonly own: 'STRICT' | 'PERMISSIVE' | 'DISABLE' | undefined;
  /** What is in force: its own, else the mesh's, else PERMISSIVE. */
  readonly effective: 'STRICT' | 'PERMISSIVE' | 'DISABLE';
  /** Objects that compete where age decides and is not known. */
  readonly rivals: readonly string[];
  /** Why there may be objects that were not read; undefined if there are none. */
  readonly gap: string | undefined;
  /** Objects of the namespace that no control plane reads, with the label that says so: they count for nothing. */
  readonly unread: readonly string[];
  /** The same of those that some control planes read and others do not. */
  readonly readBySome: readonly string[];
}

/** Reads the PeerAuthentications without a selector of the namespace and of the mesh. */
export function namespaceMtls(world: World, facts: MeshFacts, namespace: string): NamespaceMtls {
  const own = possiblyOldest(unselective(world, namespace));
  const mesh = possiblyOldest(unselective(world, facts.rootNamespace))[0];
  const [first] = own;
  const ownMode = modeOf(first);
  const object = first === undefined ? undefined : world.get(first.ref);
  return {
    name: first?.name ?? freeName(world, namespace),
    exists: first !== undefined,
    isOurs: object !== undefined && isOurs(object),
    own: ownMode,
    effective: ownMode ?? modeOf(mesh) ?? 'PERMISSIVE',
    gap:
      world.listIn(KIND.peerAuthentication, namespace).gap ??
      world.listIn(KIND.peerAuthentication, facts.rootNamespace).gap,
    rivals: own.length > 1 ? own.map(({ name }) => name).sort(compareText) : [],
    unread: boundObjects(world, namespace, 'none'),
    readBySome: boundObjects(world, namespace, 'some'),
  };
}

const NAMES = ['default', 'namespace-default', 'namespace-default-mtls'] as const;

/** `default`, unless another policy bears that name: one for some workloads, or one that the control plane does not read. */
function freeName(world: World, namespace: string): string {
  const isFree = (name: string): boolean => world.get({ kind: KIND.peerAuthentication, namespace, name }) === undefined;
  return NAMES.find(isFree) ?? 'namespace-default-mtls';
}

/** Those that every control plane reads. */
function unselective(world: World, namespace: string): readonly PeerAuthentication[] {
  return world
    .listIn(KIND.peerAuthentication, namespace)
    .objects.filter((object) => readersOf(world, object) === 'all')
    .map(parsePeerAuthentication)
    .filter(({ hasSelector }) => !hasSelector);
}

function boundObjects(world: World, namespace: string, readers: 'some' | 'none'): readonly string[] {
  return world
    .listIn(KIND.peerAuthentication, namespace)
    .objects.filter((object) => readersOf(world, object) === readers)
    .map((object) => `${formatRef(refOf(object))} (${revisionLabelOf(object)})`)
    .sort(compareText);
}

function modeOf(policy: PeerAuthentication | undefined): NamespaceMtls['own'] {
  return policy === undefined || policy.mode === 'UNSET' || policy.mode === 'invalid' ? undefined : policy.mode;
}

/**
 * Sets the namespace's mode, in the object that is there or in a new one named `default`. Somebody else's is patched in
 * that field alone: `kubectl apply --server-side` of a part of what `kubectl apply` made before takes all the rest away.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
export function setNamespaceMode(namespace: string, mtls: NamespaceMtls, mode: 'STRICT' | 'PERMISSIVE'): Step {
  const { name } = mtls;
  const spec = { mtls: { mode } };
  if (mtls.exists && !mtls.isOurs) {
    const target = { kind: KIND.peerAuthentication, namespace, name };
    return { step: 'patch', target, patch: { spec }, why: 'of two of them in a namespace only the older one counts' };
  }
  const metadata = { name, namespace, labels: MANAGED_LABELS };
  return {
    step: 'apply',
    manifest: { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata, spec },
  };
}

/** What is said of the objects of the namespace that no control plane reads, as notes. */
export function unreadNotes({ unread }: NamespaceMtls): readonly string[] {
  if (unread.length === 0) return [];
  return [
    `No control plane of this cluster reads ${unread.join(', ')}: it counts for nothing and is left alone. Delete it before a control plane of that revision takes the namespace over.`,
  ];
}
