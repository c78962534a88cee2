import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, keyOf, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import { namespaceLabels } from '../../calls/find-workloads.ts';
import type { Change } from '../../world/step.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { asList, at } from '../../../lib/json.ts';
import { shortList } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { sidecarsAhead } from '../sidecars-ahead.ts';
import { whatIf } from '../what-if.ts';
import { egressOf, type EgressTarget } from '../pod-egress.ts';

/** istiod's port for configuration and certificates. Source: https://istio.io/latest/docs/ops/deployment/application-requirements/. */
const XDS_PORT = 15012;

/** NetworkPolicies that keep sidecars from their control plane. */
export const netpolEgressBlocksIstiod: Check = {
  id: 'netpol-egress-blocks-istiod',
  title: 'NetworkPolicy keeps sidecars from the control plane',
  category: 'networkpolicy',
  stages: ['inject'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'A sidecar gets its configuration and certificate from istiod at port 15012. Where egress is denied by default, it never becomes ready, and neither does the pod.',
  detects:
    "Pods in scope that will be injected are isolated for egress, and no rule of the policies that select them allows TCP 15012 to istiod's pods.",
  falseAlarms: 'Network plugins that do not enforce NetworkPolicy.',
  remedy: {
    text: 'Allow TCP 15012 to the pods of istiod for exactly the pods that are isolated, before they are injected. The pods also need DNS, which an application that works has already.',
  },
  sources: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
  reads: [KIND.networkPolicy],
  find,
};

interface Blocked {
  readonly workload: Workload;
  readonly policy: KubeObject;
}

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  const { scope, enrolled } = whatIf(world);
  const target = controlPlane(enrolled);
  if (target === undefined) {
    if (world.list(KIND.networkPolicy).objects.length > 0)
      yield {
        notAssessed:
          'the control plane is not among the workloads that were read, so policies cannot be held against it',
      };
    return;
  }
  for (const namespace of scope) {
    const blocked: Blocked[] = [];
    for (const { workload, dataPlane } of sidecarsAhead(world, namespace)) {
      if (dataPlane.mode !== 'sidecar') continue;
      const pod = { namespace, labels: workload.next.pod.labels };
      const { reaches, isolatedBy } = egressOf(world, pod, target);
      const object = refOf(workload.object);
      if (reaches === 'perhaps')
        yield { notAssessed: 'an egress rule by address range or port name may or may not cover istiod', object };
      if (reaches === 'no') blocked.push(...culprit(isolatedBy).map((policy) => ({ workload, policy })));
    }
    for (const group of groupBy(blocked, ({ policy }) => keyOf(refOf(policy))).values()) {
      const [first] = group;
      if (first !== undefined)
        yield issueFor(
          first.policy,
          group.map(({ workload }) => workload),
          target,
        );
    }
  }
}

/** The policy that allows nothing at all where there is one: it is what people know as the default deny. */
function culprit(policies: readonly KubeObject[]): readonly KubeObject[] {
  const denying = policies.filter(({ spec }) => asList(at(spec, 'egress')).length === 0);
  return (denying.length > 0 ? denying : policies).slice(0, 1);
}

function controlPlane(world: World): EgressTarget | undefined {
  const [plane] = controlPlanes(world);
  if (plane === undefined) return undefined;
  const { namespace } = plane;
  const istiod = workloadsIn(world, namespace).find(({ name }) => name === plane.ref.name);
  if (istiod === undefined) return undefined;
  const podLabels = istiod.template.labels;
  return { namespace, namespaceLabels: namespaceLabels(world, namespace), podLabels, port: XDS_PORT };
}

function issueFor(policy: KubeObject, workloads: readonly Workload[], target: EgressTarget): Issue {
  const object = refOf(policy);
  const names = shortList(sortedUnique(workloads.map(formatWorkload)));
  return {
    object,
    field: 'spec.egress',
    value: `${String(workloads.length)} workloads isolated`,
    message: `After enrolment new pods of ${names} never become ready: ${formatRef(object)} isolates them for egress, and nothing lets their sidecars out to istiod at TCP ${String(XDS_PORT)} in ${target.namespace}.`,
    evidence: [
      {
        object,
        field: 'spec.egress',
        rule: 'It selects the pods for egress, and no rule of any policy for them allows istiod.',
      },
    ],
    remedy: { change: allowIstiod(policy, target) },
  };
}

/** Adds to what is allowed, and only for pods that are isolated already: a wider selector would isolate others. */
function allowIstiod(policy: KubeObject, target: EgressTarget): Change {
  const namespace = policy.metadata.namespace ?? '';
  const to = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': target.namespace } },
    podSelector: { matchLabels: { app: target.podLabels['app'] ?? 'istiod' } },
  };
  const manifest = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `${policy.metadata.name}-allow-istiod`, namespace },
    spec: {
      podSelector: at(policy.spec, 'podSelector') ?? {},
      policyTypes: ['Egress'],
      egress: [{ to: [to], ports: [{ protocol: 'TCP', port: XDS_PORT }] }],
    },
  };
  return { id: `allow-istiod-${namespace}-${policy.metadata.name}`, steps: [{ step: 'apply', manifest }] };
}
