import { describe, expect, test } from 'vitest';
import type { Call } from '../../../../../src/domain/calls/call.ts';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { Fate } from '../../../../../src/domain/simulate/verdict.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { object } from '../../../../cases-runner/case-world.ts';
import { ambientFate, mode, type AmbientScene } from './ambient-scene.ts';

const HEADLESS = { clusterIP: 'None', ports: [{ port: 8080, targetPort: 8080, name: 'http' }] };
const AT_POD: Partial<Call> = {
  to: { kind: 'pod-port', workload: { namespace: 'shop', kind: 'Pod', name: 'server' }, port: 8080 },
};
const KUBELET: Partial<Call> = { ...AT_POD, from: { kind: 'outsider', who: 'kubelet' }, phase: 'probe' };
const PROMETHEUS: Partial<Call> = { ...AT_POD, from: { kind: 'outsider', who: 'prometheus' } };
const AT_HEADLESS: Partial<Call> = {
  to: { kind: 'headless-instance', namespace: 'shop', service: 'server', port: 8080 },
};

describe('a call where ambient mode plays a part', () => {
  test.each<[string, AmbientScene, Partial<Fate>]>([
    ['ambient to ambient', {}, { verdict: 'ok', wire: 'hbone' }],
    ['ambient to a sidecar with a tunnel', { server: 'sidecar-hbone' }, { verdict: 'ok', wire: 'hbone' }],
    ['ambient to a sidecar of before', { server: 'sidecar' }, { verdict: 'breaks', wire: 'plaintext' }],
    ['a sidecar to ambient', { client: 'sidecar' }, { verdict: 'ok', wire: 'hbone' }],
    [
      'a sidecar to a sidecar with a tunnel',
      { client: 'sidecar', server: 'sidecar-hbone' },
      { verdict: 'ok', wire: 'mtls' },
    ],
    ['a gateway to ambient', { client: 'gateway' }, { verdict: 'ok', wire: 'hbone' }],
    ['a pod without proxy to ambient', { client: 'none' }, { verdict: 'breaks', wire: 'plaintext' }],
    ['ambient to a pod without proxy', { server: 'none' }, { verdict: 'ok', wire: 'plaintext' }],
    ['ambient to the address of a pod', { call: AT_POD }, { verdict: 'ok', wire: 'hbone' }],
    [
      'a sidecar to the address of a pod',
      { client: 'sidecar', call: AT_POD },
      { verdict: 'breaks', wire: 'plaintext' },
    ],
    ['ambient through a headless Service', { service: HEADLESS, call: AT_HEADLESS }, { verdict: 'ok', wire: 'hbone' }],
    [
      'a sidecar through a headless Service',
      { client: 'sidecar', service: HEADLESS, call: AT_HEADLESS },
      { verdict: 'breaks', wire: 'plaintext' },
    ],
    ['the kubelet', { call: KUBELET }, { verdict: 'ok', wire: 'plaintext' }],
    ['a Prometheus outside of the mesh', { call: PROMETHEUS }, { verdict: 'breaks', wire: 'plaintext' }],
    ['an init container of an ambient pod', { call: { phase: 'start' } }, { verdict: 'ok', wire: 'hbone' }],
  ])('under STRICT: %s', (_what, scene, expected) => {
    const fate = ambientFate({ ...scene, more: [mode('STRICT'), ...(scene.more ?? [])] });
    expect(fate, fate.why).toMatchObject(expected);
  });

  test.each<[string, AmbientScene, string]>([
    ['plaintext under PERMISSIVE', { client: 'none', more: [mode('PERMISSIVE')] }, 'ok'],
    ['plaintext under DISABLE', { client: 'none', more: [mode('DISABLE')] }, 'ok'],
    ['HBONE under DISABLE', { more: [mode('DISABLE')] }, 'ok'],
    [
      'a sidecar whose rule says DISABLE',
      { client: 'sidecar', more: [rule({ mode: 'DISABLE' }), mode('STRICT')] },
      'ok',
    ],
    ['a sidecar whose rule says ISTIO_MUTUAL', { client: 'sidecar', more: [rule({ mode: 'ISTIO_MUTUAL' })] }, 'ok'],
    ['a sidecar whose rule adds TLS', { client: 'sidecar', more: [rule({ mode: 'SIMPLE' })] }, 'unknown'],
    [
      'ISTIO_MUTUAL with an istiod of before',
      { client: 'sidecar', mesh: { version: '1.25.0' }, more: [rule({ mode: 'ISTIO_MUTUAL' })] },
      'unknown',
    ],
    ['an istiod without ambient mode', { mesh: { env: { PILOT_ENABLE_AMBIENT: 'false' } } }, 'unknown'],
    ['an istiod older than ambient mode', { mesh: { version: '1.22.0' } }, 'unknown'],
    ['dry-run policies sent', { mesh: { env: { AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY: 'true' } } }, 'unknown'],
    ['DaemonSets unread', { coverage: [{ kind: KIND.daemonSet, state: 'unread', objects: 0 }] }, 'unknown'],
    ['a redirection that is pending', { serverAnnotations: { 'ambient.istio.io/redirection': 'pending' } }, 'unknown'],
    ['a port of its own that is exempt', { client: 'none', more: [mode('STRICT'), exempt('PERMISSIVE')] }, 'ok'],
    [
      'a port that says DISABLE under an inherited STRICT',
      { client: 'none', more: [mode('STRICT'), exempt('DISABLE')] },
      'breaks',
    ],
    [
      'inbound capture left out by the pod',
      {
        client: 'none',
        serverAnnotations: { 'ambient.istio.io/bypass-inbound-capture': 'true' },
        more: [mode('STRICT')],
      },
      'ok',
    ],
    ['a server that speaks first', { call: { protocol: 'mysql' }, service: { ports: [MYSQL] } }, 'ok'],
  ])('is as it should be with %s', (_what, scene, verdict) => {
    const fate = ambientFate(scene);
    expect(fate.verdict, fate.why).toBe(verdict);
  });

  test('tells the server who calls', () => {
    expect(ambientFate({}).identity).toBe('spiffe://cluster.local/ns/shop/sa/default');
  });
});

const MYSQL = { port: 80, targetPort: 8080 };

function rule(tls: JsonObject): ReturnType<typeof object> {
  const spec = { host: 'server.shop.svc.cluster.local', trafficPolicy: { tls } };
  return object('networking.istio.io/v1', 'DestinationRule', { name: 'rule', namespace: 'shop', spec });
}

function exempt(word: string): ReturnType<typeof object> {
  return object('security.istio.io/v1', 'PeerAuthentication', {
    name: 'exempt',
    namespace: 'shop',
    spec: { selector: { matchLabels: { app: 'server' } }, portLevelMtls: { '8080': { mode: word } } },
  });
}
