import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { istio } from '../../../../../src/domain/mesh/istio/istio.ts';
import type { PortMode } from '../../../../../src/domain/mesh/mesh.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { completeWorld, controlPlane, object, pod, service } from '../../../../cases-runner/case-world.ts';
import { podEnd } from '../../../../cases-runner/istio/seam-ends.ts';
import { fateIn, istioObject, STRICT } from './scene.ts';

const CAPTURE = 'traffic.sidecar.istio.io/';
const BOTH_LISTS = { [`${CAPTURE}includeInboundPorts`]: '8080', [`${CAPTURE}excludeInboundPorts`]: '8080' };
const ALL_BUT = { [`${CAPTURE}includeInboundPorts`]: '*', [`${CAPTURE}excludeInboundPorts`]: '8080' };
const BARE = { sidecar: false } as const;

describe('a client that runs as the group of the proxy', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['by the pod', { securityContext: { runAsGroup: 1337 } }, {}],
    ['by its container', {}, { securityContext: { runAsGroup: 1337 } }],
  ])('goes past it, %s', (_what, spec, container) => {
    expect(fateIn({ client: { spec, container }, more: [STRICT] })).toMatchObject({
      verdict: 'breaks',
      wire: 'plaintext',
    });
  });

  test.each<[string, JsonObject]>([
    ['fsGroup', { securityContext: { fsGroup: 1337 } }],
    ['another group', { securityContext: { runAsGroup: 1000 } }],
  ])('does not where it is %s', (_what, spec) => {
    expect(fateIn({ client: { spec }, more: [STRICT] }).verdict).toBe('ok');
  });
});

describe('a port that is both to be taken in and left out', () => {
  test('is taken in: plaintext is refused, and mutual TLS is not', () => {
    expect(fateIn({ client: BARE, server: { annotations: BOTH_LISTS }, more: [STRICT] }).verdict).toBe('breaks');
    expect(fateIn({ server: { annotations: BOTH_LISTS }, more: [STRICT] }).verdict).toBe('ok');
    expect(modeIn([STRICT], BOTH_LISTS).mode).toBe('strict');
  });

  test('is left out where all ports are taken in', () => {
    expect(modeIn([STRICT], ALL_BUT).mode).toBe('none');
  });
});

describe('the mode on a port whose listener an EnvoyFilter may rewrite', () => {
  test.each<[string, JsonObject, PortMode['mode']]>([
    ['a filter chain for what comes in', patch('FILTER_CHAIN', 'SIDECAR_INBOUND'), 'unknown'],
    ['a network filter anywhere', patch('NETWORK_FILTER'), 'unknown'],
    ['a listener for what goes out', patch('LISTENER', 'SIDECAR_OUTBOUND'), 'strict'],
    ['an HTTP filter', patch('HTTP_FILTER', 'SIDECAR_INBOUND'), 'strict'],
    ['a cluster', patch('CLUSTER'), 'strict'],
    ['nothing', {}, 'strict'],
    [
      'a filter chain of other pods',
      { ...patch('FILTER_CHAIN'), workloadSelector: { labels: { app: 'other' } } },
      'strict',
    ],
  ])('with a patch of %s', (_what, spec, expected) => {
    const answer = modeIn([STRICT, istioObject('networking/EnvoyFilter', spec)]);
    expect(answer.mode).toBe(expected);
    if (expected === 'unknown') expect(answer.evidence[0]?.rule).toContain('EnvoyFilter shop/it');
  });

  test('is one for inventory and for calls', () => {
    const filter = istioObject('networking/EnvoyFilter', patch('FILTER_CHAIN'));
    expect(fateIn({ client: BARE, more: [STRICT, filter] }).verdict).toBe('unknown');
  });

  test('is unknown where nobody read EnvoyFilters', () => {
    const world = completeWorld(objects([STRICT]), [{ kind: KIND.envoyFilter, state: 'forbidden', objects: 0 }]);
    expect(istio.portMode({ ...podEnd(world, 'shop', 'server'), port: 8080 }, world).mode).toBe('unknown');
  });
});

describe('a proxy of a revision that it names by its tag', () => {
  test('is of the revision that the tag stands for', () => {
    const tag = object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
      name: 'istio-revision-tag-prod',
      labels: { 'istio.io/rev': '1-31', 'istio.io/tag': 'prod' },
      fields: { webhooks: [{ name: 'rev.namespace.sidecar-injector.istio.io' }] },
    });
    const meshed = pod({
      namespace: 'shop',
      name: 'server',
      sidecar: true,
      annotations: { 'istio.io/rev': 'prod' },
    });
    const world = completeWorld([...controlPlane({ revision: '1-31' }), tag, meshed]);
    const { workload, cohort } = podEnd(world, 'shop', 'server');
    expect(istio.dataPlane(workload, cohort, world)?.revision).toBe('1-31');
  });
});

function patch(applyTo: string, context?: string): JsonObject {
  return { configPatches: [{ applyTo, ...(context === undefined ? {} : { match: { context } }) }] };
}

function modeIn(more: readonly KubeObject[], annotations: Readonly<Record<string, string>> = {}): PortMode {
  const world = completeWorld(objects(more, annotations));
  return istio.portMode({ ...podEnd(world, 'shop', 'server'), port: 8080 }, world);
}

function objects(more: readonly KubeObject[], annotations: Readonly<Record<string, string>> = {}): KubeObject[] {
  return [
    ...controlPlane(),
    pod({ namespace: 'shop', name: 'server', labels: { app: 'server' }, sidecar: true, annotations }),
    service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] }),
    ...more,
  ];
}
