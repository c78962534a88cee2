import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartWebhookConfigurations } from '../../../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import {
  injectionWebhooksIn,
  ownerOf,
  revisionsServed,
  webhooksThatMatch,
} from '../../../../../src/domain/mesh/istio/injection/webhook.ts';

const origin = { from: 'assumed', by: 'test' } as const;
const installed = (enableNamespacesByDefault: boolean) =>
  chartWebhookConfigurations({ revisions: ['default', 'canary'], enableNamespacesByDefault, origin }).flatMap(
    injectionWebhooksIn,
  );

const NAMESPACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  none: {},
  rev: { 'istio.io/rev': 'canary' },
  enabled: { 'istio-injection': 'enabled' },
  both: { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' },
  disabled: { 'istio-injection': 'disabled' },
  'disabled and rev': { 'istio-injection': 'disabled', 'istio.io/rev': 'canary' },
};
const PODS = [
  {},
  { 'istio.io/rev': 'canary' },
  { 'sidecar.istio.io/inject': 'true' },
  { 'sidecar.istio.io/inject': 'true', 'istio.io/rev': 'canary' },
  { 'sidecar.istio.io/inject': 'false' },
  { 'sidecar.istio.io/inject': 'false', 'istio.io/rev': 'canary' },
];

describe('the webhooks of the chart', () => {
  it.each([
    ['none', [null, 'canary', 'default', 'canary', null, null]],
    ['rev', ['canary', 'canary', 'canary', 'canary', null, null]],
    ['enabled', ['default', 'default', 'default', 'default', null, null]],
    ['both', ['default', 'default', 'default', 'default', null, null]],
    ['disabled', [null, null, null, null, null, null]],
    ['disabled and rev', [null, null, null, null, null, null]],
  ])('call, for a namespace with labels "%s", what Istio tests for each pod', (namespace, expected) => {
    const webhooks = installed(false);
    const calls = PODS.map((labels) => {
      const matches = webhooksThatMatch(webhooks, { name: 'app', labels: NAMESPACES[namespace] ?? {} }, { labels });
      return matches.length === 0 ? null : matches.map(ownerOf).join('+');
    });
    expect(calls).toEqual(expected);
  });

  it('never match the same pod twice, whatever the labels', () => {
    const value = fc.constantFrom('enabled', 'disabled', 'true', 'false', 'default', 'canary', 'prod', '');
    const labels = fc.record(
      { 'istio-injection': value, 'istio.io/rev': value, 'sidecar.istio.io/inject': value },
      { requiredKeys: [] },
    );
    const tags = fc.subarray(['default', 'prod']);
    fc.assert(
      fc.property(
        fc.tuple(labels, labels),
        fc.tuple(tags, fc.boolean()),
        ([namespace, pod], [tagged, enableNamespacesByDefault]) => {
          const webhooks = chartWebhookConfigurations({
            revisions: ['default', 'canary'],
            tags: tagged.map((tag) => ({ tag, revision: 'canary' })),
            enableNamespacesByDefault,
            origin,
          }).flatMap(injectionWebhooksIn);
          const matches = webhooksThatMatch(webhooks, { name: 'app', labels: namespace }, { labels: pod });
          expect(matches.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('inject unlabelled namespaces only where that is switched on, and never system namespaces', () => {
    const match = (name: string, on: boolean) =>
      webhooksThatMatch(installed(on), { name, labels: {} }, { labels: {} }).length;
    expect([match('app', true), match('app', false), match('kube-system', true)]).toEqual([1, 0, 0]);
  });

  it('give the tag default what the default revision owned', () => {
    const webhooks = chartWebhookConfigurations({
      revisions: ['default', 'canary'],
      tags: [{ tag: 'default', revision: 'canary' }],
      origin,
    }).flatMap(injectionWebhooksIn);
    const matches = webhooksThatMatch(
      webhooks,
      { name: 'app', labels: { 'istio-injection': 'enabled' } },
      { labels: {} },
    );
    expect(matches.map(({ configuration, revision }) => [configuration, revision])).toEqual([
      ['istio-revision-tag-default', 'canary'],
    ]);
  });

  it('name the revisions that can be asked for', () => {
    expect(revisionsServed(installed(false))).toEqual(['canary', 'default']);
  });

  it('are told from the webhooks of others', () => {
    const [configuration] = chartWebhookConfigurations({ revisions: ['default'], origin });
    const foreign = { ...configuration, metadata: { ...configuration?.metadata, labels: {} } };
    const webhooks = [{ name: 'inject.example.com', namespaceSelector: {} }, 'no object', { name: 7 }];
    expect(injectionWebhooksIn({ ...foreign, webhooks } as never)).toEqual([]);
  });
});
