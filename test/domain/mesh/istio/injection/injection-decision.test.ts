import { describe, expect, it } from 'vitest';
import { chartWebhookConfigurations } from '../../../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import { DEFAULT_INJECTOR_SETTINGS } from '../../../../../src/domain/mesh/istio/injection/inject-required.ts';
import {
  injectionDecision,
  type InjectionInput,
} from '../../../../../src/domain/mesh/istio/injection/injection-decision.ts';
import { injectionWebhooksIn } from '../../../../../src/domain/mesh/istio/injection/webhook.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';

const webhooks = known(
  chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'assumed', by: 'test' } }).flatMap(
    injectionWebhooksIn,
  ),
);
const base: InjectionInput = {
  webhooks,
  injector: known(DEFAULT_INJECTOR_SETTINGS),
  namespace: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
  pod: { labels: {}, annotations: {}, hostNetwork: false },
};

describe('injection', () => {
  it('injects a plain pod of an enabled namespace and says by which revision', () => {
    expect(injectionDecision(base)).toMatchObject({ decision: 'inject', owner: 'default', revision: 'default' });
  });

  it('lets an annotation opt out but never in', () => {
    const withAnnotation = (value: string) => ({
      ...base.pod,
      annotations: { 'sidecar.istio.io/inject': value },
    });
    expect(injectionDecision({ ...base, pod: withAnnotation('false') })).toMatchObject({
      decision: 'skip',
      code: 'pod-annotation',
    });
    const unlabelled = { name: 'shop', labels: {} };
    expect(injectionDecision({ ...base, namespace: unlabelled, pod: withAnnotation('true') })).toMatchObject({
      decision: 'skip',
      code: 'not-labelled',
    });
  });

  it.each([
    [{ 'istio.io/rev': 'gone' }, 'revision-not-installed'],
    [{ 'istio-injection': 'Enabled' }, 'namespace-label-not-enabled'],
    [{ 'istio-injection': 'true', 'istio.io/rev': 'default' }, 'namespace-label-not-enabled'],
    [{}, 'not-labelled'],
  ])('names the label that keeps a pod out: %j', (labels, code) => {
    const decision = injectionDecision({
      ...base,
      namespace: { name: 'shop', labels: { ...labels } },
    });
    expect(decision).toMatchObject({ decision: 'skip', code });
  });

  it('is unknown without the webhooks, except for pods that istiod refuses anyway', () => {
    const blind = { ...base, webhooks: unknown('webhooks may not be read') };
    expect(injectionDecision(blind)).toMatchObject({ decision: 'unknown', code: 'webhooks-unknown' });
    const onHost = { ...blind, pod: { ...base.pod, hostNetwork: true } };
    expect(injectionDecision(onHost)).toMatchObject({ decision: 'skip', code: 'host-network' });
  });

  it('is unknown without the injector settings, except where the pod itself decides', () => {
    const blind = { ...base, injector: unknown('the ConfigMap was not read') };
    expect(injectionDecision(blind)).toMatchObject({ decision: 'unknown', code: 'injector-unknown' });
    const asking = { ...blind, pod: { ...base.pod, labels: { 'sidecar.istio.io/inject': 'true' } } };
    expect(injectionDecision(asking)).toMatchObject({ decision: 'inject', code: 'pod-label' });
  });

  it('is unknown where two webhooks match or conditions narrow the one that does', () => {
    const twice = known([...webhooks.value, ...webhooks.value]);
    expect(injectionDecision({ ...base, webhooks: twice })).toMatchObject({ code: 'several-webhooks' });
    const conditional = known(webhooks.value.map((webhook) => ({ ...webhook, hasMatchConditions: true })));
    expect(injectionDecision({ ...base, webhooks: conditional })).toMatchObject({ code: 'match-conditions' });
  });
});
