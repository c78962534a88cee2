import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { Kind } from '../../../../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../../../../src/domain/simulate/fate-of.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { ambientMesh, ambientPod, completeWorld, object, pod, waypoint } from '../../../../cases-runner/case-world.ts';
import { ambientCall, ambientFate, mode, policy } from './ambient-scene.ts';

const USE = { 'istio.io/use-waypoint': 'way' };
const DENIED = policy({ action: 'DENY', targetRefs: [{ kind: 'Service', group: '', name: 'server' }], rules: [{}] });

describe('a sidecar that may not send HBONE', () => {
  test.each<[string, JsonObject, string, string]>([
    ['says so', { value: 'true' }, 'breaks', 'plaintext'],
    ['says that it may', { value: 'false' }, 'ok', 'hbone'],
    ['says it with a value that is not kept', {}, 'unknown', 'unknown'],
  ])('%s', (...row) => {
    const [, value, verdict, wire] = row;
    expect(sidecarCall([{ name: 'ISTIO_META_DISABLE_HBONE_SEND', ...value }])).toMatchObject({ verdict, wire });
  });
});

describe('a call that a waypoint may take', () => {
  test('is denied by the policy on the Service where all is known', () => {
    expect(ambientFate({ serviceLabels: USE, more: [...waypoint('shop', 'way'), DENIED] }).authorization).toBe('deny');
  });

  test.each<Kind>([KIND.kubernetesGateway, KIND.serviceEntry, KIND.pod, KIND.envoyFilter])(
    'is neither allowed nor ok where nobody read %s',
    (kind) => {
      const coverage = [{ kind, state: 'partial', objects: 0 }] as const;
      const more = [...waypoint('shop', 'way'), DENIED].filter((one) => kind === KIND.pod || one.kind !== lastOf(kind));
      const fate = ambientFate({ serviceLabels: USE, more, coverage });
      expect(fate.verdict).not.toBe('ok');
      expect(fate.authorization).not.toBe('allow');
    },
  );

  test('is not known to be answered by a waypoint without pods', () => {
    const more = waypoint('shop', 'way').filter(({ kind }) => kind !== 'Pod');
    const fate = ambientFate({ serviceLabels: USE, more });
    expect(fate).toMatchObject({ verdict: 'unknown', authorization: 'unknown' });
    expect(fate.why).toContain('no pod of Gateway');
  });

  test('nor by one whose Deployment has no pods', () => {
    const metadata = { labels: { 'gateway.networking.k8s.io/gateway-name': 'way' } };
    const containers = [{ name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args: ['proxy', 'waypoint'] }];
    const template = { metadata, spec: { serviceAccountName: 'way', containers } };
    const deployment = object('apps/v1', 'Deployment', { name: 'way', namespace: 'shop', spec: { template } });
    const more = [...waypoint('shop', 'way').filter(({ kind }) => kind !== 'Pod'), deployment];
    expect(ambientFate({ serviceLabels: USE, more }).verdict).toBe('unknown');
  });
});

describe('plaintext to pods of which some were not read', () => {
  test('breaks for those that are known, and not surely for all', () => {
    const coverage = [{ kind: KIND.pod, state: 'partial', objects: 2 }] as const;
    expect(ambientFate({ client: 'none', more: [mode('STRICT')] }).verdict).toBe('breaks');
    expect(ambientFate({ client: 'none', more: [mode('STRICT')], coverage }).verdict).toBe('partial');
  });
});

function lastOf(kind: Kind): string {
  return kind.slice(kind.lastIndexOf('/') + 1);
}

function sidecarCall(env: readonly JsonObject[]) {
  const client = pod({ namespace: 'shop', name: 'client', sidecar: true });
  const containers = [
    { name: 'app', image: 'example/app:1' },
    { name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args: ['proxy', 'sidecar'], env },
  ];
  const world = completeWorld([
    ...ambientMesh(),
    { ...client, spec: { ...(client.spec as JsonObject), containers } },
    ambientPod({ namespace: 'shop', name: 'server', labels: { app: 'server' } }),
    object('v1', 'Service', {
      name: 'server',
      namespace: 'shop',
      spec: { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080, name: 'http' }] },
    }),
    mode('STRICT'),
  ]);
  return fateOf(ambientCall(), world);
}
