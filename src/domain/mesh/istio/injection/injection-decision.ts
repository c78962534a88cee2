import type { Evidence } from '../../../world/evidence.ts';
import type { Fact } from '../../../world/fact.ts';
import type { NamespaceLabels } from '../config-visibility.ts';
import {
  injectRequired,
  refusedWhateverIsAsked,
  wantedByPod,
  type InjectablePod,
  type InjectRequired,
  type InjectRequiredCode,
  type InjectorSettings,
} from './inject-required.ts';
import { ownerOf, webhooksThatMatch, type InjectionWebhook } from './webhook.ts';
import { whyNoWebhook, type NoWebhookCode } from './why-no-webhook.ts';

/** What both gates of injection look at. */
export interface InjectionInput {
  /** Webhooks of all MutatingWebhookConfigurations, or why they are not known. */
  readonly webhooks: Fact<readonly InjectionWebhook[]>;
  readonly injector: Fact<InjectorSettings>;
  readonly namespace: NamespaceLabels;
  readonly pod: InjectablePod;
}

export type InjectionCode =
  | InjectRequiredCode
  | NoWebhookCode
  | 'several-webhooks'
  | 'match-conditions'
  | 'webhooks-unknown'
  | 'injector-unknown';

/** Whether a pod gets injected when it is created, and which label or field decides. */
export interface InjectionDecision {
  readonly decision: 'inject' | 'skip' | 'unknown';
  readonly code: InjectionCode;
  /** The tag, else the revision, whose webhook is called; only for `inject`. */
  readonly owner?: string;
  /** The revision that injects, where its webhook configuration names it; only for `inject`. */
  readonly revision?: string;
  readonly decidedBy: Evidence;
}

/**
 * Both gates in one: the API server must call exactly one webhook, and istiod must then want the pod. Where a gate is
 * not known, the answer is still `skip` if the other one alone refuses the pod.
 */
export function injectionDecision(input: InjectionInput): InjectionDecision {
  const { webhooks, namespace, pod } = input;
  if (!webhooks.known) return skipOr(input, uncertain('webhooks-unknown', webhooks.reason));
  const matches = webhooksThatMatch(webhooks.value, namespace, pod);
  const [match, second] = matches;
  if (match === undefined) return { decision: 'skip', ...whyNoWebhook(webhooks.value, namespace, pod) };
  if (second !== undefined) {
    const names = matches.map(({ configuration, webhook }) => `${configuration}/${webhook}`).join(', ');
    const rule = `Several webhooks inject this pod (${names}); what comes out is not defined.`;
    return skipOr(input, uncertain('several-webhooks', rule));
  }
  if (match.hasMatchConditions) {
    const rule = `Webhook ${match.configuration}/${match.webhook} has matchConditions, which are not evaluated here.`;
    return skipOr(input, uncertain('match-conditions', rule));
  }
  const answer = gateB(input);
  if (!('inject' in answer)) return answer;
  if (!answer.inject) return { decision: 'skip', code: answer.code, decidedBy: answer.decidedBy };
  return {
    decision: 'inject',
    code: answer.code,
    owner: ownerOf(match),
    ...(match.revision === undefined ? {} : { revision: match.revision }),
    decidedBy: answer.decidedBy,
  };
}

function gateB({ injector, namespace, pod }: InjectionInput): InjectRequired | InjectionDecision {
  if (injector.known) return injectRequired(injector.value, namespace.name, pod);
  const decided = refusedWhateverIsAsked(namespace.name, pod) ?? wantedByPod(pod);
  return decided ?? uncertain('injector-unknown', `The pod says nothing itself, and not known: ${injector.reason}.`);
}

function skipOr(input: InjectionInput, otherwise: InjectionDecision): InjectionDecision {
  const answer = gateB(input);
  return 'inject' in answer && !answer.inject
    ? { decision: 'skip', code: answer.code, decidedBy: answer.decidedBy }
    : otherwise;
}

function uncertain(code: InjectionCode, rule: string): InjectionDecision {
  return { decision: 'unknown', code, decidedBy: { rule } };
}
