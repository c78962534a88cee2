import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Enrolment } from '../../mesh/mesh.ts';
import type { World } from '../../world/world.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { enrolmentOfPlainPods, whatPodsGet, withoutNamespaceLabel } from '../plain-pod.ts';
import { hasIstio, whatIf } from '../what-if.ts';

/** Namespaces with two labels that ask for injection, of which only one is heard. */
export const injectionLabelsConflict: Check = {
  id: 'injection-labels-conflict',
  title: 'Namespace names a revision that its istio-injection label overrides',
  category: 'injection',
  stages: ['inject', 'day2'],
  meshes: ['istio-sidecar'],
  severity: 'high',
  certainty: 'exact',
  why: 'The webhooks of a revision leave every namespace alone that has the label istio-injection, whatever its value. Where both labels stand, istio.io/rev has no effect: pods stay with the default revision through an upgrade, or get no sidecar where there is no default revision, and nothing reports it.',
  detects:
    'A namespace has istio.io/rev together with istio-injection of any value but disabled, which is taken as meant. It weighs less where both lead to the same revision today, and where no control plane was read.',
  falseAlarms: 'Webhooks whose selectors somebody has changed; those that were read are asked, not assumed.',
  remedy: {
    text: 'Keep one of the two labels. New pods follow at once, and those that run at their next restart: remove the other in the stage of the plan that enrols or upgrades the namespace.',
  },
  sources: [
    'https://github.com/istio/istio/blob/master/manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml',
    'https://istio.io/latest/docs/setup/upgrade/canary/',
    'https://github.com/istio/istio/blob/master/pkg/config/analysis/msg/messages.yaml',
  ],
  reads: [KIND.namespace, KIND.mutatingWebhook],
  find,
};

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';

interface Conflict {
  readonly name: string;
  readonly injection: string;
  readonly revision: string;
}

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  for (const object of world.list(KIND.namespace).objects) {
    const conflict = conflictIn(object);
    if (conflict !== undefined) yield judge(world, conflict);
  }
}

function conflictIn({ metadata: { name, labels } }: KubeObject): Conflict | undefined {
  const { [INJECTION]: injection, [REVISION]: revision } = labels;
  return injection === undefined || injection === 'disabled' || revision === undefined
    ? undefined
    : { name, injection, revision };
}

function judge(world: World, conflict: Conflict): Issue | Undecided {
  const { enrolled } = whatIf(world);
  const { name } = conflict;
  const both = enrolmentOfPlainPods(enrolled, name);
  if (both.decision === 'unknown') return { notAssessed: both.reason, object: { kind: KIND.namespace, name } };
  if (!hasIstio(world)) {
    const outlook = 'Webhooks of revisions leave the namespace alone while istio-injection stands.';
    return issueFor(conflict, { severity: 'medium', outlook });
  }
  const alone = enrolmentOfPlainPods(withoutNamespaceLabel(enrolled, name, INJECTION), name);
  const isSame = both.decision === alone.decision && both.revision === alone.revision;
  const outlook = isSame
    ? `New pods get ${whatPodsGet(both)}, as they would by istio.io/rev alone; once it names another revision, nothing follows it.`
    : `New pods get ${whatPodsGet(both)}; without istio-injection they would get ${whatPodsGet(alone)}.`;
  return {
    ...issueFor(conflict, { severity: isSame ? 'low' : 'high', outlook, because: both }),
    remedy: { text: remedyText(both, alone) },
  };
}

/** Which label to remove follows from what each does alone; where both do something else, a person must choose. */
function remedyText(both: Enrolment, alone: Enrolment): string {
  const later = 'in the stage of the plan that enrols or upgrades the namespace';
  if (alone.decision !== 'inject') {
    return `Remove istio.io/rev, which leads to no sidecar by itself${alone.decision === 'unknown' ? ' as far as is known' : ''}: new pods stay as they are.`;
  }
  const moves = `remove istio-injection, ${later}: new pods then get ${whatPodsGet(alone)}`;
  if (both.decision !== 'inject') return `To have pods injected, ${moves}.`;
  if (both.revision === alone.revision) return `Once no older revision is installed beside it, ${moves}, as today.`;
  return `To follow the revision, ${moves}. To stay, remove istio.io/rev: new pods go on getting ${whatPodsGet(both)}.`;
}

interface Verdict {
  readonly severity: 'high' | 'medium' | 'low';
  readonly outlook: string;
  readonly because?: Enrolment;
}

function issueFor({ name, injection, revision }: Conflict, { severity, outlook, because }: Verdict): Issue {
  const object = { kind: KIND.namespace, name };
  const labels = `${INJECTION}=${injection}, ${REVISION}=${revision}`;
  return {
    object,
    field: 'metadata.labels',
    value: labels,
    message: `Namespace ${name} has ${INJECTION}=${injection} and ${REVISION}=${revision}, and the revision is not heard. ${outlook}`,
    evidence: [
      {
        object,
        field: 'metadata.labels',
        value: labels,
        rule: 'The webhooks of a revision select only namespaces without the label istio-injection.',
        source: 'istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml',
      },
      ...(because?.evidence ?? []),
    ],
    severity,
  };
}
