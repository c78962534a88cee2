import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenedWorld } from '../../../src/app/open-world.ts';
import type { Call } from '../../../src/domain/calls/call.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { traceCall } from '../../../src/domain/simulate/trace-call.ts';
import { verdictOverCohorts } from '../../../src/domain/simulate/verdict.ts';
import {
  ambientMesh,
  ambientPod,
  completeWorld,
  controlPlane,
  object,
  pod,
  service,
  waypoint,
} from '../../cases-runner/case-world.ts';
import { openFiles } from '../../support/open-files.ts';

let demo: OpenedWorld;
beforeAll(async () => {
  demo = await openFiles({ demo: true });
});

describe('a trace', () => {
  test('says of every call of the demo what the simulation says', () => {
    for (const call of demo.graph.calls) {
      const { fate, pairs } = traceCall(call, { id: 'now', world: demo.world });
      expect(fate).toEqual(fateOf(call, demo.world));
      expect(pairs.reduce((sum, { alike }) => sum + alike, 0)).toBe(fate.cohorts.looked);
      if (pairs.length > 0) {
        expect(
          verdictOverCohorts(pairs.flatMap(({ verdict, alike }) => Array<typeof verdict>(alike).fill(verdict))),
        ).toBe(fate.verdict);
      }
    }
  });

  test('goes from the client to the server, in order', () => {
    const call = demo.graph.calls.find(({ id }) => id.startsWith('shop-parcel/Deployment/shipping->'));
    const [pair] = call === undefined ? [] : traceCall(call, { id: 'now', world: demo.world }).pairs;
    const parts = pair?.steps.map(({ part }) => part).filter((part) => part !== 'network-policy');
    expect(parts).toEqual(['client', 'server', 'outbound', 'inbound', 'authorization']);
  });
});

describe('the steps of a trace', () => {
  const container = { ports: [{ containerPort: 8080 }] };
  const strict = object('security.istio.io/v1', 'PeerAuthentication', {
    name: 'default',
    namespace: 'shop',
    spec: { mtls: { mode: 'STRICT' } },
  });
  const world = completeWorld([
    ...controlPlane(),
    pod({ namespace: 'shop', name: 'server', sidecar: true, labels: { app: 'server' }, container }),
    pod({ namespace: 'shop', name: 'plain', sidecar: false }),
    service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] }),
    strict,
  ]);
  const from = (source: Call['from']): Call => ({
    id: 'call',
    from: source,
    to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
    phase: 'run',
    protocol: 'http',
    evidence: [],
  });

  test('name the mode of the server once', () => {
    const call = from({ kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'plain' } });
    const { pairs, fate } = traceCall(call, { id: 'now', world });
    const arrives = pairs[0]?.steps.find(({ part }) => part === 'inbound');
    expect(fate.verdict).toBe('breaks');
    expect(arrives?.why.match(/mode STRICT/g) ?? []).toHaveLength(1);
  });

  test('claim nothing of a caller that nobody can name', () => {
    const [pair] = traceCall(from({ kind: 'outsider', who: 'unknown' }), { id: 'now', world }).pairs;
    expect(pair?.steps[0]).toMatchObject({ part: 'client', outcome: 'unknown' });
    const sent = pair?.steps.find(({ part }) => part === 'outbound')?.why ?? '';
    expect(sent).toContain('as somebody unknown');
    expect(sent).not.toContain('(');
  });

  test('say that the kubelet has no proxy', () => {
    const [pair] = traceCall(from({ kind: 'outsider', who: 'kubelet' }), { id: 'now', world }).pairs;
    expect(pair?.steps[0]).toMatchObject({ part: 'client', outcome: 'no proxy', why: 'kubelet is in no mesh' });
  });
});

describe('a trace through a waypoint', () => {
  const call: Call = {
    id: 'call',
    from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } },
    to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
    phase: 'run',
    protocol: 'http',
    request: { method: 'GET', path: '/' },
    evidence: [],
  };
  const closed = object('networking.k8s.io/v1', 'NetworkPolicy', {
    name: 'closed',
    namespace: 'shop',
    spec: {
      podSelector: { matchLabels: { app: 'server' } },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 8080 }] }],
    },
  });
  const container = { ports: [{ containerPort: 8080 }] };
  const front = service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] });
  const world = completeWorld([
    ...ambientMesh(),
    ...waypoint('shop', 'way'),
    object('v1', 'Namespace', { name: 'shop', labels: { 'istio.io/use-waypoint': 'way' } }),
    ambientPod({ namespace: 'shop', name: 'client' }),
    ambientPod({ namespace: 'shop', name: 'server', labels: { app: 'server' }, container }),
    front,
    closed,
  ]);

  test('names the relay, and the policy that holds back what it sends on, each before what follows', () => {
    const { pairs, fate } = traceCall(call, { id: 'now', world });
    const steps = pairs[0]?.steps ?? [];
    expect(steps.map(({ part }) => part)).toEqual([
      'client',
      'server',
      'outbound',
      'network-policy',
      'relay',
      'authorization',
      'outbound',
      'network-policy',
      'inbound',
      'authorization',
    ]);
    expect(steps.find(({ part }) => part === 'relay')?.why).toContain('shop/way');
    expect(steps[7]?.why).toContain('15008');
    expect(fate.verdict).not.toBe('ok');
  });
});
