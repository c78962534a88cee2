import { KIND } from '../../../kubernetes/kinds.ts';
import { formatRef } from '../../../kubernetes/object.ts';
import type { Evidence } from '../../../world/evidence.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import type { World } from '../../../world/world.ts';
import { workloadsIn } from '../../../world/workloads-of.ts';
import { COMPONENT, INJECT } from '../names.ts';
import { injectionReasons, type InjectionReason } from './injection-reasons.ts';
import { injectorMissesToken } from './service-account-token.ts';
import { linkerdWebhooks, webhooksCalled, type LinkerdWebhook } from './webhook.ts';

/** A namespace as injection looks at it. */
export interface InjectedNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Whether the webhook injects a pod when it is created, with all reasons of the injector where it does not. */
export interface InjectionDecision {
  readonly decision: 'inject' | 'skip' | 'unknown';
  readonly reason: string;
  readonly reasons: readonly InjectionReason[];
  /** The webhook that is called; absent where none is, or it is not known. */
  readonly webhook?: LinkerdWebhook;
  readonly evidence: readonly Evidence[];
}

const SAYS: Readonly<Record<InjectionReason, string>> = {
  host_network_enabled: 'hostNetwork is enabled',
  sidecar_already_exists: 'the pod has a sidecar of Linkerd or Istio already',
  unsupported_resource: 'the object makes no pods',
  injection_disable_annotation_present: 'annotation linkerd.io/inject of the pod is "disabled"',
  injection_enable_annotation_absent:
    'neither the namespace nor the pod template has annotation linkerd.io/inject: enabled',
  invalid_inject_annotation_at_ns:
    'annotation linkerd.io/inject of the namespace has a value that Linkerd does not know',
  invalid_inject_annotation_at_workload:
    'annotation linkerd.io/inject of the pod template has a value that Linkerd does not know',
  disabled_automount_service_account_token_account: 'the pod mounts no service account token',
  '': 'annotation linkerd.io/inject of the pod is "disabled"',
};
const SOURCE = 'linkerd2 pkg/inject/report.go#Injectable';
/** The injector looks at no operating system, and its images are for Linux alone. */
const ON_WINDOWS = 'the pods ask for Windows nodes, and the open-source proxy runs on Linux';

/**
 * Whether Linkerd's webhook injects a pod of this shape, created now in the namespace: what the injector has against
 * it, which holds whatever else is known, and whether the webhook is called at all.
 */
export function injectionDecision(namespace: Fact<InjectedNamespace>, pod: PodShape, world: World): InjectionDecision {
  const called = whichWebhook(namespace, pod, world);
  const webhook = called.known ? called.value : undefined;
  const missesToken = tokenFact({ namespace, webhook }, pod, world);
  const reasons = reasonsAgainst(namespace, pod, missesToken.known && missesToken.value);
  if (called.known && webhook === undefined) return notCalled(namespace, world);
  const evidence = reasons.map((reason): Evidence => ({ value: reason, rule: SAYS[reason], source: SOURCE }));
  const seen = webhook === undefined ? {} : { webhook };
  if (reasons.length > 0)
    return {
      decision: 'skip',
      reason: reasons.map((reason) => SAYS[reason]).join(', and '),
      reasons,
      evidence,
      ...seen,
    };
  if (!namespace.known) return uncertain(namespace.reason);
  if (!called.known) return uncertain(called.reason);
  const doubt = webhook === undefined ? undefined : injectorDoubt(webhook, world);
  if (doubt !== undefined || webhook === undefined) return uncertain(doubt ?? 'no webhook');
  if (!missesToken.known) return uncertain(missesToken.reason);
  if (pod.os === 'windows') return uncertain(ON_WINDOWS);
  return { decision: 'inject', reason: injects(webhook), reasons: [], webhook, evidence: [injectedBy(webhook)] };
}

/** Without the namespace only that is sure which stands against injection even where the namespace asks for it. */
function reasonsAgainst(
  namespace: Fact<InjectedNamespace>,
  pod: PodShape,
  missesToken: boolean,
): readonly InjectionReason[] {
  const namespaceAnnotations = namespace.known ? namespace.value.annotations : { [INJECT]: 'enabled' };
  const lacking = { hasPodTemplate: true, lacksToken: missesToken };
  return injectionReasons({ origin: 'webhook', namespaceAnnotations, pod, ...lacking });
}

interface Called {
  readonly namespace: Fact<InjectedNamespace>;
  readonly webhook: LinkerdWebhook | undefined;
}

function tokenFact({ namespace, webhook }: Called, pod: PodShape, world: World): Fact<boolean> {
  if (webhook === undefined || !namespace.known) return known(false);
  const { controlPlaneNamespace } = webhook;
  return injectorMissesToken(pod, { namespace: namespace.value.name, controlPlaneNamespace }, world);
}

/** The webhook that the API server calls for the pod; known undefined where it calls none. */
function whichWebhook(
  namespace: Fact<InjectedNamespace>,
  pod: PodShape,
  world: World,
): Fact<LinkerdWebhook | undefined> {
  const { gap } = world.list(KIND.mutatingWebhook);
  const webhooks = linkerdWebhooks(world);
  if (webhooks.length === 0) return gap === undefined ? known(undefined) : unknown(gap);
  if (!namespace.known) return namespace;
  const called = webhooksCalled(webhooks, namespace.value, pod);
  const [first, second] = called;
  if (second !== undefined)
    return unknown(
      `several webhooks of Linkerd inject this pod: ${called.map(({ ref }) => formatRef(ref)).join(', ')}`,
    );
  if (first === undefined) return gap === undefined ? known(undefined) : unknown(gap);
  if (first.hasMatchConditions)
    return unknown(`${formatRef(first.ref)} has matchConditions, which are not evaluated here`);
  return known(first);
}

/** A webhook that calls nobody: with `Ignore` it injects nothing, with `Fail` no pod is created. */
function injectorDoubt(
  { ref, controlPlaneNamespace, failurePolicy }: LinkerdWebhook,
  world: World,
): string | undefined {
  const injectors = workloadsIn(world, controlPlaneNamespace).filter(
    ({ template }) => template.labels[COMPONENT] === 'proxy-injector',
  );
  const { gap } = world.listIn(KIND.deployment, controlPlaneNamespace);
  if (injectors.length === 0 && gap === undefined)
    return `${formatRef(ref)} (failurePolicy ${failurePolicy}) calls an injector in namespace ${controlPlaneNamespace}, and none runs there`;
  return undefined;
}

function notCalled(namespace: Fact<InjectedNamespace>, world: World): InjectionDecision {
  const name = namespace.known ? namespace.value.name : 'this one';
  const reason =
    linkerdWebhooks(world).length === 0
      ? "no webhook of Linkerd's injector exists"
      : `the webhook of Linkerd's injector leaves out these pods of namespace ${name}`;
  return { decision: 'skip', reason, reasons: [], evidence: [{ rule: reason }] };
}

function injects({ failurePolicy }: LinkerdWebhook): string {
  const asked = 'annotation linkerd.io/inject asks for the proxy';
  return failurePolicy === 'Ignore'
    ? `${asked}; with failurePolicy Ignore pods start without it while the injector cannot be reached`
    : asked;
}

function injectedBy(webhook: LinkerdWebhook): Evidence {
  return {
    object: webhook.ref,
    field: 'failurePolicy',
    value: webhook.failurePolicy,
    rule: injects(webhook),
    source: SOURCE,
  };
}

function uncertain(reason: string): InjectionDecision {
  return { decision: 'unknown', reason, reasons: [], evidence: [{ rule: reason }] };
}
