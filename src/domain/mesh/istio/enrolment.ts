import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Enrolment } from '../mesh.ts';
import { ambientEnrolment } from './ambient/enrolment-labels.ts';
import type { NamespaceLabels } from './config-visibility.ts';
import { controlPlanes, injectionWebhooks } from './control-plane.ts';
import { injectionDecision, type InjectionDecision } from './injection/injection-decision.ts';
import { webhooksThatMatch, type InjectionWebhook } from './injection/webhook.ts';
import { injectorSettings } from './mesh-settings.ts';

/** Whether Istio would inject pods of this shape, created now in the namespace, and which label or field decides. */
export function enrolmentOf(namespace: string, pod: PodShape, world: World): Enrolment {
  const labels = namespaceLabels(world, namespace);
  if (!labels.known) return { decision: 'unknown', reason: labels.reason, evidence: [] };
  const decision = decide({ namespace: labels.value, pod, world });
  const ambient = decision.decision === 'skip' ? ambientOf({ namespace: labels.value, pod, world }) : undefined;
  if (ambient !== undefined) return ambient;
  const { decidedBy } = decision;
  const revision = decision.revision ?? decision.owner;
  const ref = { kind: KIND.namespace, name: namespace };
  const evidence = decidedBy.field?.startsWith('namespace') === true ? { object: ref, ...decidedBy } : decidedBy;
  return {
    decision: decision.decision,
    reason: decidedBy.rule,
    evidence: [evidence],
    ...(decision.decision === 'inject' && revision !== undefined ? { revision: revisionOf(world, revision) } : {}),
  };
}

/** The namespace's labels; of a namespace that nobody declares, none are known to be missing unless all were read. */
export function namespaceLabels(world: World, namespace: string): Fact<NamespaceLabels> {
  const object = world.get({ kind: KIND.namespace, name: namespace });
  if (object !== undefined) return known({ name: namespace, labels: object.metadata.labels });
  const { gap } = world.list(KIND.namespace);
  return gap === undefined
    ? known({ name: namespace, labels: {} })
    : unknown(`Namespace ${namespace} was not read: ${gap}`);
}

interface Question {
  readonly namespace: NamespaceLabels;
  readonly pod: PodShape;
  readonly world: World;
}

function decide({ namespace, pod, world }: Question): InjectionDecision {
  const webhooks = knownWebhooks(world);
  const match = webhooks.known ? webhooksThatMatch(webhooks.value, namespace, pod)[0] : undefined;
  // Whose settings count is known only once it is known which webhook is called.
  const owner = match?.revision ?? match?.tag ?? 'default';
  return injectionDecision({ webhooks, namespace, pod, injector: injectorSettings(world, revisionOf(world, owner)) });
}

/** The CNI agent takes what its selectors pick, where ambient mode is installed; without ztunnel nobody does. */
function ambientOf({ namespace, pod, world }: Question): Enrolment | undefined {
  const { enrolled, decidedBy } = ambientEnrolment({ namespace, pod });
  if (!enrolled) return undefined;
  const { objects, gap } = world.list(KIND.daemonSet);
  if (objects.some(isZtunnel)) return { decision: 'ambient', reason: decidedBy.rule, evidence: [decidedBy] };
  return gap === undefined ? undefined : { decision: 'unknown', reason: gap, evidence: [decidedBy] };
}

function isZtunnel({ metadata }: KubeObject): boolean {
  return metadata.name === 'ztunnel' || metadata.labels['app'] === 'ztunnel';
}

function knownWebhooks(world: World): Fact<readonly InjectionWebhook[]> {
  const { gap } = world.list(KIND.mutatingWebhook);
  return gap === undefined ? known(injectionWebhooks(world)) : unknown(gap);
}

/** A tag leads to the revision whose webhook configuration says so; where there is one control plane, to that. */
function revisionOf(world: World, owner: string): string {
  const planes = controlPlanes(world);
  if (planes.some(({ revision }) => revision === owner)) return owner;
  const tagged = injectionWebhooks(world).find(({ tag }) => tag === owner)?.revision;
  return tagged ?? (planes.length === 1 ? (planes[0]?.revision ?? owner) : owner);
}
