import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { oncePer } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Enrolment } from '../mesh.ts';
import { asObjects, asText, at } from '../../../lib/json.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import { ambientEnrolment } from './ambient/enrolment-labels.ts';
import type { NamespaceLabels } from './config-visibility.ts';
import { controlPlanes, injectionWebhooks } from './control-plane.ts';
import { injectionDecision, type InjectionDecision } from './injection/injection-decision.ts';
import { webhooksThatMatch, type InjectionWebhook } from './injection/webhook.ts';
import { versionInImage } from './injection/detect-proxy.ts';
import { injectorSettings } from './mesh-settings.ts';
import { cniAgents, cniExcludedNamespaces, enablementSelectors, whyNotEverywhere, ztunnels } from './node-agents.ts';

/** Whether Istio would inject pods of this shape, created now in the namespace, and which label or field decides. */
export function enrolmentOf(namespace: string, pod: PodShape, world: World): Enrolment {
  const labels = namespaceLabels(world, namespace);
  if (!labels.known) return { decision: 'unknown', reason: labels.reason, evidence: [] };
  const { decision, called } = decide({ namespace: labels.value, pod, world });
  const ambient = decision.decision === 'skip' ? ambientOf({ namespace: labels.value, pod, world }) : undefined;
  if (ambient !== undefined) return ambient;
  const { decidedBy } = decision;
  const revision = decision.revision ?? decision.owner;
  const ref = { kind: KIND.namespace, name: namespace };
  const evidence = decidedBy.field?.startsWith('namespace') === true ? { object: ref, ...decidedBy } : decidedBy;
  return {
    decision: decision.decision,
    reason: decidedBy.rule,
    evidence: called === undefined ? [evidence] : [evidence, selectedBy(called)],
    ...(decision.decision === 'inject' && revision !== undefined ? { revision: revisionOf(world, revision) } : {}),
  };
}

/** The namespace's labels; of a namespace that nobody declares, none are known to be missing unless all were read. */
export function namespaceLabels(world: World, namespace: string): Fact<NamespaceLabels> {
  return labelsOf(world, namespace);
}

const labelsOf = oncePer(findLabels);

function findLabels(world: World, namespace: string): Fact<NamespaceLabels> {
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

interface Decided {
  readonly decision: InjectionDecision;
  /** The one webhook whose selectors match; absent where none, or more than one, does, or it is not known. */
  readonly called: InjectionWebhook | undefined;
}

function decide({ namespace, pod, world }: Question): Decided {
  const webhooks = knownWebhooks(world);
  const [match, second] = webhooks.known ? webhooksThatMatch(webhooks.value, namespace, pod) : [];
  // Whose settings count is known only once it is known which webhook is called.
  const owner = match?.revision ?? match?.tag ?? 'default';
  const injector = injectorSettings(world, revisionOf(world, owner));
  const decision = injectionDecision({ webhooks, namespace, pod, injector });
  return { decision, called: second === undefined ? match : undefined };
}

function selectedBy({ configuration, webhook }: InjectionWebhook): Evidence {
  const object = { kind: KIND.mutatingWebhook, name: configuration };
  const rule = "The webhook's selectors match the namespace and the pod, so the API server calls it.";
  return { object, field: 'webhooks.name', value: webhook, rule };
}

/**
 * What the CNI agent makes of a pod that carries no sidecar, by the labels it looks at: undefined where it leaves the
 * pod alone. Unknown where an agent is missing, or its settings or its reach are not known.
 */
export function ambientByLabels(namespace: string, pod: PodShape, world: World): Enrolment | undefined {
  const labels = namespaceLabels(world, namespace);
  return labels.known ? ambientOf({ namespace: labels.value, pod, world }) : undefined;
}

/** The CNI agent takes what its selectors pick, where ambient mode is installed; without ztunnel nobody does. */
function ambientOf({ namespace, pod, world }: Question): Enrolment | undefined {
  const { agents, gap } = ztunnels(world);
  const [tunnel] = agents;
  if (tunnel === undefined && gap === undefined) return undefined;
  const [agent] = cniAgents(world);
  const rules = agent === undefined ? known({}) : agentRules(world, agent);
  const { enrolled, code, decidedBy } = ambientEnrolment({ namespace, pod, ...(rules.known ? rules.value : {}) });
  const never = code === 'host-network' || code === 'has-sidecar';
  const doubtful = (reason: string): Enrolment => ({ decision: 'unknown', reason, evidence: [decidedBy] });
  if (!rules.known) return never || isUnlabelled(namespace, pod) ? undefined : doubtful(rules.reason);
  if (!enrolled) return undefined;
  if (tunnel === undefined) return doubtful(gap ?? 'no ztunnel was found');
  if (agent === undefined)
    return doubtful(gap ?? 'ztunnel runs, and no agent of Istio CNI was found that puts pods behind it');
  const missing = whyNotEverywhere(world, agent) ?? whyNotEverywhere(world, tunnel);
  if (missing !== undefined) return doubtful(`${missing}, so new pods may stand where nothing takes them`);
  return { decision: 'ambient', reason: decidedBy.rule, evidence: [decidedBy] };
}

/** Selectors that nobody read go by this label unless somebody changed them. */
function isUnlabelled({ labels }: NamespaceLabels, pod: PodShape): boolean {
  return labels[MODE] === undefined && pod.labels[MODE] === undefined;
}

const MODE = 'istio.io/dataplane-mode';

type AgentRules = Pick<Parameters<typeof ambientEnrolment>[0], 'selectors' | 'excludedNamespaces'>;

/** The agent skips namespaces that it leaves out for sidecars too only since Istio 1.30. */
function agentRules(world: World, agent: KubeObject): Fact<AgentRules> {
  const selectors = enablementSelectors(world, agent);
  if (!selectors.known) return selectors;
  const excluded = cniExcludedNamespaces(world);
  if (!excluded.known) return excluded;
  const version = parseVersion(agentVersion(agent) ?? '');
  const skips = version === undefined || version.major > 1 || version.minor >= FIRST_MINOR_THAT_SKIPS;
  return known({ selectors: selectors.value ?? [], ...(skips ? { excludedNamespaces: excluded.value } : {}) });
}

const FIRST_MINOR_THAT_SKIPS = 30;

function agentVersion({ spec }: KubeObject): string | undefined {
  const images = asObjects(at(spec, 'template', 'spec', 'containers')).map(({ image }) => asText(image));
  return images.map(versionInImage).find((version) => version !== undefined);
}

function knownWebhooks(world: World): Fact<readonly InjectionWebhook[]> {
  const { gap } = world.list(KIND.mutatingWebhook);
  return gap === undefined ? known(injectionWebhooks(world)) : unknown(gap);
}

/** A tag leads to the revision whose webhook configuration says so; where there is one control plane, to that. */
function revisionOf(world: World, owner: string): string {
  const planes = controlPlanes(world);
  const revision = untagged(world, owner);
  if (revision !== owner || planes.some((plane) => plane.revision === owner)) return revision;
  return planes.length === 1 ? (planes[0]?.revision ?? owner) : owner;
}

/** The revision that a tag stands for, as its webhook configuration says; what is no tag stays as it is. */
export function untagged(world: World, revision: string): string {
  if (controlPlanes(world).some((plane) => plane.revision === revision)) return revision;
  return injectionWebhooks(world).find(({ tag }) => tag === revision)?.revision ?? revision;
}
