import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Enrolment } from '../../mesh/mesh.ts';
import type { World } from '../../world/world.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { enrolmentOfPlainPods, whatPodsGet } from '../plain-pod.ts';
import { hasIstio, whatIf } from '../what-if.ts';

/** Namespaces that ask for both data planes of Istio. */
export const ambientAndSidecarBoth: Check = {
  id: 'ambient-and-sidecar-both',
  title: 'Namespace is labelled for sidecars and for ambient at once',
  category: 'injection',
  stages: ['inject', 'day2'],
  meshes: ['istio-sidecar', 'istio-ambient'],
  severity: 'medium',
  certainty: 'exact',
  why: 'Sidecar injection comes first, and the node agent leaves pods with a sidecar alone. A namespace that was meant to move to ambient goes on getting sidecars, and looks as if the move were done.',
  detects:
    'A namespace has istio.io/dataplane-mode=ambient together with istio-injection=enabled, or with istio.io/rev and no istio-injection. It weighs less where no webhook injects its pods today.',
  falseAlarms:
    'A move from sidecars to ambient that is under way, and istio.io/rev set for waypoints where that revision injects nothing.',
  remedy: {
    text: 'Keep the label of the data plane that is meant. Pods change sides at their next restart: remove the other label in the stage of the plan that moves the namespace. A waypoint takes its revision from the label istio.io/rev of its own Gateway.',
  },
  sources: [
    'https://istio.io/latest/docs/ambient/usage/add-workloads/',
    'https://github.com/istio/istio/blob/master/cni/pkg/util/podutil.go',
    'https://github.com/istio/istio/blob/master/pkg/config/analysis/msg/messages.yaml',
  ],
  reads: [KIND.namespace, KIND.mutatingWebhook],
  find,
};

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';
const MODE = 'istio.io/dataplane-mode';

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  for (const object of world.list(KIND.namespace).objects) {
    const label = sidecarLabel(object);
    if (label !== undefined && object.metadata.labels[MODE] === 'ambient') {
      yield judge(world, object.metadata.name, label);
    }
  }
}

/** The label that asks for sidecars, where istio-injection does not refuse them. */
function sidecarLabel({ metadata: { labels } }: KubeObject): string | undefined {
  const { [INJECTION]: injection, [REVISION]: revision } = labels;
  if (injection !== undefined) return injection === 'enabled' ? `${INJECTION}=${injection}` : undefined;
  return revision === undefined ? undefined : `${REVISION}=${revision}`;
}

function judge(world: World, name: string, label: string): Issue | Undecided {
  const enrolment = enrolmentOfPlainPods(whatIf(world).enrolled, name);
  const object = { kind: KIND.namespace, name };
  // An agent that cannot be asked leaves open what becomes of pods without a sidecar, not whether they get one.
  if (enrolment.decision === 'unknown') return { notAssessed: enrolment.reason, object };
  const injects = hasIstio(world) && enrolment.decision === 'inject';
  return {
    object,
    field: 'metadata.labels',
    value: `${label}, ${MODE}=ambient`,
    message: `Namespace ${name} has ${label} and ${MODE}=ambient. ${outlook(world, enrolment)}`,
    evidence: [
      {
        object,
        field: 'metadata.labels',
        value: `${label}, ${MODE}=ambient`,
        rule: 'The node agent of ambient mode leaves out pods that carry a sidecar.',
        source: 'istio cni/pkg/util/podutil.go',
      },
      ...enrolment.evidence,
    ],
    severity: injects ? 'medium' : 'low',
    remedy: {
      text: `For ambient, remove ${label.split('=')[0] ?? label}; for sidecars, remove ${MODE}. Pods change sides at their next restart: do it in the stage of the plan that moves the namespace.`,
    },
  };
}

function outlook(world: World, enrolment: Enrolment): string {
  if (hasIstio(world) && enrolment.decision === 'inject') {
    return `New pods get ${whatPodsGet(enrolment)} and are left out of ambient.`;
  }
  const today = hasIstio(world) ? `New pods get ${whatPodsGet(enrolment)} today. ` : '';
  return `${today}Wherever a revision answers to the former, new pods get its sidecar and are left out of ambient.`;
}
