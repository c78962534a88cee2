import { matchesSelector } from '../../../kubernetes/label-selector.ts';
import type { ObjectRef } from '../../../kubernetes/object.ts';
import { groupBy } from '../../../../lib/order.ts';
import { possiblyOldest } from './creation-order.ts';
import { effectOf, nameThem, type PeerAuthentication } from './peer-authentication.ts';

/** A workload as policies see it: the labels are the pod's. */
export interface PolicyTarget {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A policy that would apply but has no effect. */
export interface IgnoredPolicy {
  readonly policy: ObjectRef;
  readonly why: string;
}

/**
 * The policies that may be in force at each level. None: the level says nothing. More than one: which of them is the
 * oldest is not known, and they differ.
 */
export interface PolicyLevels {
  readonly mesh: readonly PeerAuthentication[];
  readonly namespace: readonly PeerAuthentication[];
  readonly workload: readonly PeerAuthentication[];
  readonly ignored: readonly IgnoredPolicy[];
}

/** One certain choice of policies, one per level at most. */
export interface PolicyChoice {
  readonly mesh: PeerAuthentication | undefined;
  readonly namespace: PeerAuthentication | undefined;
  readonly workload: PeerAuthentication | undefined;
}

/**
 * The policies in force for a workload, per level: the oldest without selector in the root namespace, in its own
 * namespace, and the oldest there whose selector matches. Policies with a selector in the root namespace, and all but
 * the oldest of a level, are ignored as a whole.
 * Source: istio pilot/pkg/model/authentication.go#getConfigsForWorkload, #addPeerAuthentication;
 * pilot/pkg/security/authn/policy_applier.go#ComposePeerAuthentication.
 */
export function policyLevels(
  policies: readonly PeerAuthentication[],
  target: PolicyTarget,
  rootNamespace: string,
): PolicyLevels {
  const applying = policies.filter((policy) => matchesSelector(policy.selector, target.labels));
  const inRoot = applying.filter(({ namespace }) => namespace === rootNamespace);
  const inOwn = applying.filter(({ namespace }) => namespace === target.namespace && namespace !== rootNamespace);
  const mesh = level(inRoot.filter(({ hasSelector }) => !hasSelector));
  const namespace = level(inOwn.filter(({ hasSelector }) => !hasSelector));
  const workload = level(inOwn.filter(({ hasSelector }) => hasSelector));
  const inRootWithSelector = inRoot
    .filter(({ hasSelector }) => hasSelector)
    .map(({ ref }) => ({ policy: ref, why: 'a policy with a selector in the root namespace has no effect' }));
  return {
    mesh: mesh.possible,
    namespace: namespace.possible,
    workload: workload.possible,
    ignored: [...mesh.ignored, ...namespace.ignored, ...workload.ignored, ...inRootWithSelector],
  };
}

/** Every choice that the levels leave open; exactly one where all ages are known. The first is the best guess. */
export function choicesIn(levels: Omit<PolicyLevels, 'ignored'>): readonly PolicyChoice[] {
  const orNone = (policies: readonly PeerAuthentication[]) => (policies.length === 0 ? [undefined] : policies);
  return orNone(levels.workload).flatMap((workload) =>
    orNone(levels.namespace).flatMap((namespace) => orNone(levels.mesh).map((mesh) => ({ mesh, namespace, workload }))),
  );
}

/** Why the levels leave more than one choice, naming the policies; undefined where they do not. */
export function rivalry(levels: Omit<PolicyLevels, 'ignored'>): string | undefined {
  const rivals = [levels.workload, levels.namespace, levels.mesh].filter(({ length }) => length > 1);
  if (rivals.length === 0) return undefined;
  const named = rivals.map(nameThem).join('; ');
  return `the oldest policy wins, and which one of ${named} is older is not known (no creation time)`;
}

function level(policies: readonly PeerAuthentication[]): {
  readonly possible: readonly PeerAuthentication[];
  readonly ignored: readonly IgnoredPolicy[];
} {
  const oldest = possiblyOldest(policies);
  const possible = [...groupBy(oldest, effectOf).values()].flatMap((alike) => alike.slice(0, 1));
  const [winner] = possible;
  if (winner === undefined || possible.length > 1) {
    return { possible, ignored: policies.filter((policy) => !oldest.includes(policy)).map(asYounger) };
  }
  return { possible, ignored: policies.filter((policy) => policy !== winner).map(asYounger) };
}

function asYounger({ ref }: PeerAuthentication): IgnoredPolicy {
  return { policy: ref, why: 'only the oldest policy of a level counts, its port modes included' };
}
