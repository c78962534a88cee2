import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { dataPlaneOf } from '../../../src/domain/mesh/registry.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { openingsBetween } from '../../../src/domain/simulate/openings.ts';
import { ambientMesh, ambientPod, completeWorld, object, pod, service } from '../../cases-runner/case-world.ts';
import { podEnd } from '../../cases-runner/istio/seam-ends.ts';

const CALL: Call = {
  id: 'mixed',
  from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } },
  to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
  phase: 'run',
  protocol: 'http',
  evidence: [{ kind: 'declared', source: 'mixed', detail: 'mixed' }],
};

const CLIENT = pod({ namespace: 'shop', name: 'client', sidecar: true });
const SERVICE = service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] });

/** A pod with the proxy of Linkerd, to which a DestinationRule sends Istio's mutual TLS. */
function linkerdPod(): KubeObject {
  return object('v1', 'Pod', {
    name: 'server',
    namespace: 'shop',
    labels: { app: 'server', 'linkerd.io/control-plane-ns': 'linkerd' },
    annotations: { 'linkerd.io/proxy-version': 'edge-26.8.1', 'linkerd.io/inject': 'enabled' },
    spec: {
      containers: [
        { name: 'app', image: 'example/app:1' },
        { name: 'linkerd-proxy', image: 'cr.l5d.io/linkerd/proxy:edge-26.8.1' },
      ],
      initContainers: [{ name: 'linkerd-init', image: 'cr.l5d.io/linkerd/proxy-init:v2.4.3' }],
    },
  });
}

describe('mutual TLS of one mesh at a proxy of another', () => {
  test('is unknown, and the reason names both', () => {
    const spec = { host: 'server.shop.svc.cluster.local', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } };
    const rule = object('networking.istio.io/v1', 'DestinationRule', { name: 'rule', namespace: 'shop', spec });
    const world = completeWorld([...ambientMesh(), CLIENT, linkerdPod(), SERVICE, rule]);
    const { workload, cohort } = podEnd(world, 'shop', 'server');
    expect(dataPlaneOf(workload, cohort, world).mesh?.id).toBe('linkerd');
    const fate = fateOf(CALL, world);
    expect(fate).toMatchObject({ verdict: 'unknown', wire: 'mtls' });
    expect(fate.why).toContain('mutual TLS of Istio arrives at a proxy of Linkerd');
  });
});

describe('what a change opens behind ztunnel', () => {
  test('is counted by HBONE, the only mutual TLS that gets through', () => {
    const server = ambientPod({
      namespace: 'shop',
      name: 'server',
      labels: { app: 'server' },
      container: { ports: [{ containerPort: 8080 }] },
    });
    const rules = [{ from: [{ source: { namespaces: ['shop'] } }] }];
    const allow = object('security.istio.io/v1', 'AuthorizationPolicy', {
      name: 'allow',
      namespace: 'shop',
      spec: { rules },
    });
    const before = completeWorld([...ambientMesh(), server, SERVICE, allow]);
    const after = completeWorld([...ambientMesh(), server, SERVICE]);
    expect(openingsBetween(before, after)).toEqual([
      'shop/Pod/server port 8080: mutual TLS from any namespace',
      'shop/Pod/server port 8080: plaintext from any pod',
    ]);
    expect(openingsBetween(after, before)).toEqual([]);
  });
});
