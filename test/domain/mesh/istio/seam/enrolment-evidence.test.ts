import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import { chartWebhookConfigurations } from '../../../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import { istio } from '../../../../../src/domain/mesh/istio/istio.ts';
import { readPodShape } from '../../../../../src/domain/world/pod-shape.ts';
import { completeWorld, controlPlane, object } from '../../../../cases-runner/case-world.ts';

const WEBHOOKS = chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } });

function webhooksNamed(labels: Readonly<Record<string, string>>, twice = false): readonly (string | undefined)[] {
  const again = WEBHOOKS.map((one) => ({ ...one, metadata: { ...one.metadata, name: `second-${one.metadata.name}` } }));
  const shop = object('v1', 'Namespace', { name: 'shop', labels });
  const world = completeWorld([shop, ...controlPlane(), ...WEBHOOKS, ...(twice ? again : [])]);
  const { evidence } = istio.enrolment('shop', readPodShape({}, {}), world);
  return evidence.flatMap(({ object: ref }) => (ref?.kind === KIND.mutatingWebhook ? [ref.name] : []));
}

describe('the evidence of enrolment in Istio', () => {
  test('names the webhook configuration whose selectors match', () => {
    expect(webhooksNamed({ 'istio-injection': 'enabled' })).toEqual([WEBHOOKS[0]?.metadata.name]);
  });

  test('names none where none matches, or more than one', () => {
    expect(webhooksNamed({})).toEqual([]);
    expect(webhooksNamed({ 'istio-injection': 'enabled' }, true)).toEqual([]);
  });
});
