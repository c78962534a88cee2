import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import { isAttached, type EnforcingWorkload } from './authorization/attachment.ts';
import type { AttachedPolicy } from './authorization/evaluate.ts';
import { parseAuthorizationPolicy } from './authorization/parse.ts';
import type { AuthorizationPolicy } from './authorization/policy.ts';
import { validateAuthorizationPolicy } from './authorization/validation.ts';
import { visibleAmong, type ProxyView } from './proxy-view.ts';

/** The policies that a proxy enforces, with the reason why there may be more. */
export interface Attached {
  readonly policies: readonly AttachedPolicy[];
  readonly objects: readonly KubeObject[];
  readonly gap: string | undefined;
}

/** The policies that attach to a proxy: those of the root namespace, its own, and the Services' that it stands for. */
export function attachedPolicies(view: ProxyView, workload: EnforcingWorkload): Attached {
  const { rootNamespace } = view.settings;
  const spaces = [rootNamespace, workload.namespace, ...workload.services.map(({ namespace }) => namespace)];
  const { objects, gap } = visibleAmong(view, KIND.authorizationPolicy, spaces);
  const attached = objects.filter((object) =>
    isAttached(parsedPolicy(object), workload, { rootNamespace, selectorPoliciesOnGateways: true }),
  );
  const isDeclared = view.world.coverage.basis === 'declared';
  return { policies: attached.map((object) => withDoubt(object, isDeclared)), objects: attached, gap };
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
