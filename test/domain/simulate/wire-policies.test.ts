import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import type { Fate } from '../../../src/domain/simulate/verdict.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { completeWorld, object, service, waypoint } from '../../cases-runner/case-world.ts';
import { chartValuesWith, linkerdControlPlane, linkerdPod } from '../../cases-runner/linkerd/linkerd-world.ts';
import { ambientFate, type AmbientScene } from '../mesh/istio/ambient/ambient-scene.ts';

const SERVER = { podSelector: { matchLabels: { app: 'server' } } };
const CALICO = object('apps/v1', 'DaemonSet', {
  name: 'calico-node',
  namespace: 'kube-system',
  spec: { template: { spec: { containers: [{ name: 'calico-node', image: 'calico/node:v3.31.0' }] } } },
});

function networkPolicy(spec: JsonObject, namespace = 'shop'): KubeObject {
  return object('networking.k8s.io/v1', 'NetworkPolicy', { name: 'np', namespace, spec });
}

function admitting(port: number | string, from?: JsonObject): KubeObject {
  const rule = { ports: [{ protocol: 'TCP', port }], ...(from === undefined ? {} : { from: [from] }) };
  return networkPolicy({ ...SERVER, policyTypes: ['Ingress'], ingress: [rule] });
}

function ciliumPolicy(rule: JsonObject, kind = 'CiliumNetworkPolicy'): KubeObject {
  const spec = { endpointSelector: { matchLabels: { app: 'server' } }, ...rule };
  return object('cilium.io/v2', kind, { name: 'cnp', namespace: 'shop', spec });
}

const GLOBAL = object('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', { name: 'all', spec: { order: 1 } });

const TO_PORT = { toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }] }] };

describe('a NetworkPolicy before pods that HBONE is sent to', () => {
  test.each<[string, readonly KubeObject[], Fate['verdict']]>([
    ['admits the port of the application alone, and is enforced', [admitting(8080), CALICO], 'breaks'],
    ['admits the port of the application alone, and nobody knows who enforces it', [admitting(8080)], 'unknown'],
    ['admits the port of HBONE', [admitting(15008), CALICO], 'ok'],
    ['admits the port of HBONE from others', [admitting(15008, pods('other')), CALICO], 'breaks'],
    ['admits it from some addresses', [admitting(15008, { ipBlock: { cidr: '10.0.0.0/8' } }), CALICO], 'unknown'],
    ['admits a port by a name that the pods do not have', [admitting('hbone'), CALICO], 'breaks'],
    ['admits nothing', [networkPolicy({ podSelector: {} }), CALICO], 'breaks'],
    ['selects other pods', [networkPolicy({ podSelector: { matchLabels: { app: 'other' } } }), CALICO], 'ok'],
    ['is of another namespace', [networkPolicy({ podSelector: {} }, 'other'), CALICO], 'ok'],
    [
      'keeps the client in',
      [networkPolicy({ podSelector: {}, policyTypes: ['Egress'], egress: [TO_8080] }), CALICO],
      'breaks',
    ],
    ['of Cilium names ports', [ciliumPolicy({ ingress: [TO_PORT] })], 'unknown'],
    [
      'of Cilium for the whole cluster denies ports',
      [ciliumPolicy({ ingressDeny: [TO_PORT] }, 'CiliumClusterwideNetworkPolicy')],
      'unknown',
    ],
    ['of Cilium names ports for what the server sends', [ciliumPolicy({ egress: [TO_PORT] })], 'ok'],
  ])('that %s', (_what, more, verdict) => {
    const fate = ambientFate({ more });
    expect(fate.verdict, fate.why).toBe(verdict);
    if (verdict !== 'ok') expect(fate.why).toMatch(/NetworkPolicy shop\/c?np|ClusterwideNetworkPolicy/);
  });

  test.each<[string, readonly KubeObject[], Fate['verdict']]>([
    ['admits the port that is called', [admitting(8080), CALICO], 'ok'],
    ['admits the port of HBONE alone', [admitting(15008), CALICO], 'breaks'],
    ['does so, and nobody knows who enforces it', [admitting(15008)], 'unknown'],
    ['admits the called port from others', [admitting(8080, pods('other')), CALICO], 'breaks'],
    ['stands beside one of Cilium', [admitting(15008), CALICO, ciliumPolicy({ ingress: [TO_PORT] })], 'unknown'],
    ['stands beside one of Calico for all', [admitting(15008), CALICO, GLOBAL], 'unknown'],
    ['of Cilium names ports', [ciliumPolicy({ ingress: [TO_PORT] })], 'ok'],
  ])('that %s judges plaintext by the port that is called', (_what, more, verdict) => {
    const fate = ambientFate({ client: 'none', more });
    expect(fate, fate.why).toMatchObject({ verdict, wire: 'plaintext' });
    if (verdict === 'breaks') expect(fate.why).toContain('no rule admits port 8080');
  });

  test.each([KIND.networkPolicy, KIND.ciliumNetworkPolicy])('that nobody read (%s) may shut it', (kind) => {
    const coverage = [{ kind, state: 'forbidden', objects: 0 }] as const;
    const expected = { verdict: kind === KIND.networkPolicy ? 'unknown' : 'ok' };
    expect(ambientFate({ coverage })).toMatchObject(expected);
    expect(ambientFate({ coverage, client: 'none' })).toMatchObject({ ...expected, wire: 'plaintext' });
  });

  test.each<[string, KubeObject, string]>([
    ['of the waypoint', networkPolicy({ podSelector: { matchLabels: gatewayName('way') } }), 'breaks'],
    ['of the server, for the client alone', admitting(15008, pods('client')), 'breaks'],
    ['of the server, for the waypoint', admitting(15008, { podSelector: { matchLabels: gatewayName('way') } }), 'ok'],
  ])('%s is asked on the way through a waypoint', (_what, policy, verdict) => {
    const scene: AmbientScene = {
      serviceLabels: { 'istio.io/use-waypoint': 'way' },
      more: [...waypoint('shop', 'way'), policy, CALICO],
    };
    const fate = ambientFate(scene);
    expect(fate.verdict, fate.why).toBe(verdict);
  });
});

describe('a NetworkPolicy before pods with a proxy of Linkerd', () => {
  test.each<[string, readonly KubeObject[], string, Fate['verdict']]>([
    ['admits the port of the application alone', [admitting(8080), CALICO], 'edge-26.8.3', 'breaks'],
    ['does so unenforced', [admitting(8080)], 'edge-26.8.3', 'unknown'],
    ['admits the port of the proxy', [admitting(4143), CALICO], 'edge-26.8.3', 'ok'],
    ['is met by proxies of before 2.18', [admitting(8080), CALICO], 'stable-2.14.10', 'ok'],
    ['is met by proxies of the time between', [admitting(8080), CALICO], 'edge-25.3.1', 'unknown'],
    ['is met by none in the time between', [], 'edge-25.3.1', 'ok'],
  ])('that %s', (...row) => {
    const [, more, linkerdVersion, verdict] = row;
    const fate = linkerdFate(more, linkerdVersion);
    expect(fate.verdict, fate.why).toBe(verdict);
  });
});

const TO_8080 = { ports: [{ port: 8080 }] };

function pods(app: string): JsonObject {
  return { podSelector: { matchLabels: { app } } };
}

function gatewayName(name: string): Readonly<Record<string, string>> {
  return { 'gateway.networking.k8s.io/gateway-name': name };
}

function destination(version: string): KubeObject {
  const labels = {
    'linkerd.io/control-plane-component': 'destination',
    'linkerd.io/control-plane-ns': 'linkerd',
  };
  const containers = [{ name: 'destination', image: `cr.l5d.io/linkerd/controller:${version}` }];
  const template = { metadata: { labels }, spec: { containers } };
  return object('apps/v1', 'Deployment', {
    name: 'linkerd-destination',
    namespace: 'linkerd',
    labels,
    spec: { template },
  });
}

function linkerdFate(more: readonly KubeObject[], linkerdVersion: string): Fate {
  const world = completeWorld([
    ...linkerdControlPlane(chartValuesWith({ linkerdVersion })).filter(({ kind }) => kind !== 'Deployment'),
    destination(linkerdVersion),
    linkerdPod({ name: 'client', controlPlane: 'linkerd' }),
    linkerdPod({ name: 'server', labels: { app: 'server' }, controlPlane: 'linkerd' }),
    service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] }),
    ...more,
  ]);
  const call: Call = {
    id: 'scene',
    from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } },
    to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
    phase: 'run',
    protocol: 'http',
    evidence: [{ kind: 'declared', source: 'scene', detail: 'scene' }],
  };
  return fateOf(call, world);
}
