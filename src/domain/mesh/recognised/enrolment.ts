import { KIND } from '../../kubernetes/kinds.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Enrolment } from '../mesh.ts';
import { callsFor, podWebhooks, type NamespaceMeta, type PodWebhook } from './pod-webhooks.ts';
import type { Signature } from './signature.ts';
import { signsOf } from './signs.ts';

/** A pod of which a mesh's webhook is asked. */
export interface InjectionQuestion {
  readonly namespace: NamespaceMeta;
  readonly pod: PodShape;
  readonly world: World;
}

/** What the mesh does with the pods that its webhook is called for, and the label or field that decides. */
export type InjectionRule = (question: InjectionQuestion) => Enrolment;

/** Whether the mesh would take pods of this shape, by the webhooks that are there and then by its own rule. */
export function enrolmentBy(signature: Signature, rule: InjectionRule) {
  return (namespace: string, pod: PodShape, world: World): Enrolment => {
    const { displayName, webhook: name } = signature;
    const { gap } = world.list(KIND.mutatingWebhook);
    if (gap !== undefined) return undecided(gap);
    const webhooks = name === undefined ? [] : podWebhooks(world, name);
    if (webhooks.length === 0) return skip(`no webhook of ${displayName} is here`);
    const meta = namespaceMeta(world, namespace);
    if (!meta.known) return undecided(meta.reason);
    const called = webhooks.filter((webhook) => callsFor(webhook, meta.value, pod));
    const [first] = called;
    if (first === undefined) return skip(`no webhook of ${displayName} is called for this pod`, webhooks);
    if (called.every(({ hasMatchConditions }) => hasMatchConditions)) {
      return undecided(`matchConditions of webhook ${first.name} are not evaluated`);
    }
    const decided = rule({ namespace: meta.value, pod, world });
    return decided.decision === 'inject' ? answered(signature, first, { decided, world }) : decided;
  };
}

interface Decided {
  readonly decided: Enrolment;
  readonly world: World;
}

/** A webhook that nobody answers injects nothing, and may refuse the pod. */
function answered(signature: Signature, webhook: PodWebhook, { decided, world }: Decided): Enrolment {
  if (webhook.answeredBy === 'url') return decided;
  if (signsOf(signature, world).planes.some(({ ready }) => ready)) return decided;
  return undecided(
    `webhook ${webhook.name} is called for this pod, and no control plane of ${signature.displayName} was seen to answer it`,
  );
}

/** The namespace's labels and annotations; of one that nobody declares, none are known to be missing unless all were read. */
export function namespaceMeta(world: World, name: string): Fact<NamespaceMeta> {
  const object = world.get({ kind: KIND.namespace, name });
  if (object !== undefined) {
    const { labels, annotations } = object.metadata;
    return known({ name, labels, annotations });
  }
  const { gap } = world.list(KIND.namespace);
  if (gap !== undefined) return unknown(`Namespace ${name} was not read: ${gap}`);
  return known({ name, labels: {}, annotations: {} });
}

/** The pod is taken. */
export function inject(reason: string, ...evidence: readonly Evidence[]): Enrolment {
  return { decision: 'inject', reason, evidence };
}

/** The pod is left as it is. */
export function leave(reason: string, ...evidence: readonly Evidence[]): Enrolment {
  return { decision: 'skip', reason, evidence };
}

/** Nobody can tell. */
export function undecided(reason: string, ...evidence: readonly Evidence[]): Enrolment {
  return { decision: 'unknown', reason, evidence };
}

function skip(reason: string, webhooks: readonly PodWebhook[] = []): Enrolment {
  const evidence = webhooks.map(({ configuration, name }): Evidence => ({
    object: configuration,
    field: 'webhooks[].namespaceSelector',
    value: name,
    rule: reason,
  }));
  return { decision: 'skip', reason, evidence };
}

/** A label of the pod, else of its namespace, with where it stands. */
export function podThenNamespaceLabel({ pod, namespace }: InjectionQuestion, key: string): Evidence | undefined {
  const ofPod = pod.labels[key];
  if (ofPod !== undefined) return { field: `pod metadata.labels["${key}"]`, value: ofPod, rule: 'the pod says so' };
  const ofNamespace = namespace.labels[key];
  if (ofNamespace === undefined) return undefined;
  const object = { kind: KIND.namespace, name: namespace.name };
  return { object, field: `metadata.labels["${key}"]`, value: ofNamespace, rule: 'the namespace says so' };
}
