import { CONTROLLER_KINDS, KIND } from '../../kubernetes/kinds.ts';
import { formatRef, keyOf, refOf, type Kind } from '../../kubernetes/object.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { parseAuthorizationPolicy } from '../../mesh/istio/authorization/parse.ts';
import type { AuthorizationPolicy, TargetRef } from '../../mesh/istio/authorization/policy.ts';
import { DEFAULT_ROOT_NAMESPACE } from '../../mesh/istio/config-visibility.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { meshSettings } from '../../mesh/istio/mesh-settings.ts';
import { derivedFrom } from '../../world/derived.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload, workloadsIn, workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { shortList } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { onlyRevision } from '../mesh-cni.ts';
import { whatIf } from '../what-if.ts';

/** AuthorizationPolicies that no proxy will ever enforce. */
export const authzSelectorMatchesNothing: Check = {
  id: 'authz-selector-matches-nothing',
  title: 'AuthorizationPolicy selects no workload',
  category: 'authorization',
  stages: ['authz', 'day2'],
  meshes: ['istio-sidecar'],
  severity: 'medium',
  certainty: 'exact',
  why: 'A policy acts only in the proxies of the pods that it selects. One that selects none protects nothing, and nobody is told: the object is accepted and looks like protection.',
  detects:
    'An AuthorizationPolicy attaches to none of the pods that run, and to none that templates would make, once all namespaces in scope are enrolled; or every object that its targetRefs name is missing. A policy of the root namespace without a selector is for the whole mesh and is never reported.',
  falseAlarms: 'Policies for workloads that are yet to be deployed, or that something creates only on demand.',
  remedy: {
    text: 'Compare the selector with the labels of the pods that it is meant for (labels of the pod template, not of the Service) and correct it, or delete the policy if its workload is gone. A corrected ALLOW refuses whom it does not name: look at its callers first.',
  },
  sources: [
    'https://istio.io/latest/docs/reference/config/type/workload-selector/',
    'https://github.com/istio/istio/blob/master/pilot/pkg/model/policyattachment.go',
    'https://github.com/istio/istio/blob/master/pkg/config/analysis/msg/messages.yaml',
  ],
  reads: [KIND.authorizationPolicy],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  const { enrolled } = whatIf(world);
  const objects = world.list(KIND.authorizationPolicy).objects;
  if (objects.length === 0) return;
  const reach = reachOf(world, enrolled);
  for (const object of objects) {
    const policy = derivedFrom(object, parseAuthorizationPolicy);
    const answer = policy.targetRefs.length > 0 ? byTargets(policy, world) : bySelector(policy, { world, reach });
    if (answer !== undefined) yield answer;
  }
}

/** Which policies attach to some pods, and whose policies are not known. */
interface Reach {
  readonly attached: ReadonlySet<string>;
  readonly unclear: readonly Workload[];
  readonly workloads: readonly Workload[];
  readonly rootNamespace: string;
}

function reachOf(world: World, enrolled: World): Reach {
  const settings = meshSettings(enrolled, onlyRevision(enrolled));
  // Pods whose controller was not read are gone from a world in which everything was made anew.
  const lost = workloadsOf(world).filter((workload) => findWorkload(enrolled, workload) === undefined);
  const ahead = workloadsOf(enrolled);
  const attached = new Set<string>();
  const unclear = [...lost];
  for (const [workloads, where] of [[ahead, enrolled] as const, [lost, world] as const]) {
    for (const workload of workloads) {
      const summaries = cohortsOf(workload).map((cohort) => istio.policies({ workload, cohort }, where));
      for (const object of summaries.flatMap(({ policies }) => policies)) attached.add(keyOf(refOf(object)));
      if (summaries.some((summary) => summary.default === 'unknown')) unclear.push(workload);
    }
  }
  const rootNamespace = settings.known ? settings.value.rootNamespace : DEFAULT_ROOT_NAMESPACE;
  return { attached, unclear, workloads: [...ahead, ...lost], rootNamespace };
}

interface Question {
  readonly world: World;
  readonly reach: Reach;
}

function bySelector(policy: AuthorizationPolicy, question: Question): Issue | Undecided | undefined {
  const { world, reach } = question;
  const isRoot = policy.namespace === reach.rootNamespace;
  if (reach.attached.has(keyOf(policy.ref)) || (isRoot && policy.selector === undefined)) return undefined;
  if (isForManagedGateway(policy, world)) return undefined;
  const unread = whyMore(world, policy, isRoot);
  if (unread !== undefined) return { notAssessed: unread, object: policy.ref };
  const chosen = reach.workloads.filter(
    (workload) => (isRoot || workload.namespace === policy.namespace) && isSelected(policy, workload),
  );
  const unclear = chosen.find((workload) => reach.unclear.includes(workload));
  if (unclear !== undefined) {
    return { notAssessed: `which policies attach to ${formatWorkload(unclear)} is not known`, object: policy.ref };
  }
  return issueFor(policy, chosen);
}

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** The pods of a Gateway are made by istiod, and manifests do not hold them. */
function isForManagedGateway({ selector, namespace }: AuthorizationPolicy, world: World): boolean {
  const name = selector?.[GATEWAY_NAME];
  return name !== undefined && world.get({ kind: KIND.kubernetesGateway, namespace, name }) !== undefined;
}

/** Why there may be workloads that were not seen: pods that run are enough to know, and so are all controllers. */
function whyMore(world: World, { namespace }: AuthorizationPolicy, isRoot: boolean): string | undefined {
  if (world.coverage.basis === 'declared' && workloadsIn(world, namespace).length === 0) {
    return `no workload of namespace ${namespace} is among the manifests`;
  }
  const gapOf = (kind: Kind): string | undefined => (isRoot ? world.list(kind) : world.listIn(kind, namespace)).gap;
  const pods = gapOf(KIND.pod);
  return pods === undefined ? undefined : CONTROLLER_KINDS.map(gapOf).find((gap) => gap !== undefined);
}

function isSelected({ selector }: AuthorizationPolicy, workload: Workload): boolean {
  const parsed = { matchLabels: selector ?? {}, matchExpressions: [] };
  return cohortsOf(workload).some(({ pod }) => matchesSelector(parsed, pod.labels));
}

function issueFor(policy: AuthorizationPolicy, chosen: readonly Workload[]): Issue {
  const { ref, selector, namespace } = policy;
  const labels = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
  const what =
    chosen.length > 0
      ? `selects only ${shortList(chosen.map(formatWorkload))}, where no proxy of the mesh reads it`
      : selector === undefined
        ? `is for all of namespace ${namespace}, which holds no workload`
        : `selects ${labels.join(', ')}, and no workload has these labels`;
  return {
    object: ref,
    field: selector === undefined ? 'metadata.namespace' : 'spec.selector.matchLabels',
    value: selector === undefined ? namespace : labels.join(', '),
    message: `${formatRef(ref)} ${what}: nobody enforces it.`,
    evidence: [
      {
        object: ref,
        field: 'spec',
        rule: 'Once everything in scope is enrolled, this policy attaches to no pod of the mesh.',
      },
    ],
    ...(selector === undefined && chosen.length === 0 ? { severity: 'low' as const } : {}),
  };
}

const TARGET_KINDS: Readonly<Record<string, Kind>> = {
  '/Service': KIND.service,
  'core/Service': KIND.service,
  'networking.istio.io/ServiceEntry': KIND.serviceEntry,
  'gateway.networking.k8s.io/Gateway': KIND.kubernetesGateway,
};

/** Only where each target is of a kind that can be looked up: of others nothing is known to be missing. */
function byTargets(policy: AuthorizationPolicy, world: World): Issue | Undecided | undefined {
  const { ref, targetRefs, namespace } = policy;
  const kinds = targetRefs.map(({ group, kind }) => TARGET_KINDS[`${group}/${kind}`]);
  const isThere = (target: TargetRef, index: number): boolean => {
    const kind = kinds[index];
    return kind === undefined || world.get({ kind, namespace, name: target.name }) !== undefined;
  };
  if (targetRefs.some(isThere)) return undefined;
  const gap = kinds
    .map((kind) => (kind === undefined ? undefined : world.listIn(kind, namespace).gap))
    .find((found) => found !== undefined);
  if (gap !== undefined) return { notAssessed: gap, object: ref };
  const names = targetRefs.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return {
    object: ref,
    field: 'spec.targetRefs',
    value: names,
    message: `${formatRef(ref)} is bound to ${names}, which namespace ${namespace} does not hold: nobody enforces it.`,
    evidence: [
      { object: ref, field: 'spec.targetRefs', value: names, rule: 'The target of a policy is in its namespace.' },
    ],
  };
}
