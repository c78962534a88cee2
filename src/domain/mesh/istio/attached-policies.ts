import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import { isAttached, type EnforcingWorkload } from './authorization/attachment.ts';
import type { AttachedPolicy } from './authorization/evaluate.ts';
import { parseAuthorizationPolicy } from './authorization/parse.ts';
import type { AuthorizationPolicy } from './authorization/policy.ts';
import { validateAuthorizationPolicy } from './authorization/validation.ts';
import { oncePerTarget } from './once-per-target.ts';
import { visibleAmong, type ProxyView } from './proxy-view.ts';

/** The policies that a proxy enforces, with the reason why there may be more. */
export interface Attached {
  readonly policies: readonly AttachedPolicy[];
  readonly objects: readonly KubeObject[];
  readonly gap: string | undefined;
}

/** The policies that attach to a proxy: those of the root namespace, its own, and the Services' that it stands for. */
export function attachedPolicies(view: ProxyView, workload: EnforcingWorkload): Attached {
  const isPlain = !workload.waypoint && workload.services.length === 0;
  return isPlain ? attachedToPods(view, workload) : findAttached(view, workload);
}

const attachedToPods = oncePerTarget((view: ProxyView, { namespace, labels }) =>
  findAttached(view, { namespace, labels, waypoint: false, services: [] }),
);

function findAttached(view: ProxyView, workload: EnforcingWorkload): Attached {
  const { rootNamespace } = view.settings;
  const spaces = [rootNamespace, workload.namespace, ...workload.services.map(({ namespace }) => namespace)];
  const { objects, gap } = visibleAmong(view, KIND.authorizationPolicy, spaces);
  const context = { rootNamespace, selectorPoliciesOnGateways: true };
  const attached = candidates(objects, workload).filter((object) =>
    isAttached(parsedPolicy(object), workload, context),
  );
  const isDeclared = view.world.coverage.basis === 'declared';
  return { policies: attached.map((object) => withDoubt(object, isDeclared)), objects: attached, gap };
}

/** The policies without those whose selector asks for a label that the workload lacks, in their order. */
function candidates(objects: readonly KubeObject[], { labels }: EnforcingWorkload): readonly KubeObject[] {
  const { byLabel, others } = derivedFrom(objects, indexBySelector);
  const selecting = Object.entries(labels).flatMap(([key, value]) => byLabel.get(labelKey(key, value)) ?? []);
  if (selecting.length === 0) return others.map(({ object }) => object);
  return [...others, ...selecting].sort((left, right) => left.place - right.place).map(({ object }) => object);
}

interface Placed {
  readonly object: KubeObject;
  readonly place: number;
}

interface SelectorIndex {
  /** Policies by one of the labels that their selector asks for. */
  readonly byLabel: ReadonlyMap<string, readonly Placed[]>;
  readonly others: readonly Placed[];
}

function indexBySelector(objects: readonly KubeObject[]): SelectorIndex {
  const byLabel = new Map<string, Placed[]>();
  const others: Placed[] = [];
  for (const [place, object] of objects.entries()) {
    const { selector, targetRefs } = parsedPolicy(object);
    const [asked] = Object.entries(selector ?? {});
    if (asked === undefined || targetRefs.length > 0) {
      others.push({ object, place });
      continue;
    }
    const key = labelKey(...asked);
    const same = byLabel.get(key);
    if (same === undefined) byLabel.set(key, [{ object, place }]);
    else same.push({ object, place });
  }
  return { byLabel, others };
}

function labelKey(key: string, value: string): string {
  return `${key}=${value}`;
}

/** What only a file or a plan says was never seen by the webhook that refuses invalid policies. */
function withDoubt(object: KubeObject, isDeclared: boolean): AttachedPolicy {
  const policy = parsedPolicy(object);
  if (!isDeclared && object.origin.from === 'read') return { policy };
  const error = validateAuthorizationPolicy(policy).find(({ severity }) => severity === 'error');
  if (error === undefined) return { policy };
  return { policy, doubt: `the API server refuses it: ${error.field}: ${error.message}` };
}

function parsedPolicy(object: KubeObject): AuthorizationPolicy {
  return derivedFrom(object, parseAuthorizationPolicy);
}
