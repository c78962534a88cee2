import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import { istio } from '../../../../../src/domain/mesh/istio/istio.ts';
import type { DataPlane, PortMode } from '../../../../../src/domain/mesh/mesh.ts';
import { findWorkload } from '../../../../../src/domain/world/workloads-of.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { completeWorld, controlPlane, object } from '../../../../cases-runner/case-world.ts';
import { istioObject } from './scene.ts';

interface Template {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: JsonObject;
}

interface Next {
  readonly dataPlane: DataPlane | undefined;
  readonly mode: PortMode;
}

/** What becomes of pods that a Deployment would create now. */
function next(space: Readonly<Record<string, string>>, template: Template, more: readonly KubeObject[] = []): Next {
  const namespace = template.namespace ?? 'shop';
  const { labels, annotations } = template;
  const containers = [{ name: 'app', image: 'example/app:1' }];
  const metadata = { labels: { app: 'server', ...labels }, annotations: annotations ?? {} };
  const world = completeWorld([
    ...controlPlane(),
    ...chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } }),
    object('v1', 'Namespace', { name: namespace, labels: space }),
    object('apps/v1', 'Deployment', {
      name: 'server',
      namespace,
      spec: { template: { metadata, spec: { containers, ...template.spec } } },
    }),
    ...more,
  ]);
  const workload = findWorkload(world, { namespace, kind: 'Deployment', name: 'server' });
  if (workload === undefined) throw new Error('the world lacks its Deployment');
  const server = { workload, cohort: workload.next, port: 8080 };
  return { dataPlane: istio.dataPlane(workload, workload.next, world), mode: istio.portMode(server, world) };
}

const ENABLED = { 'istio-injection': 'enabled' };
const AMBIENT = { 'istio.io/dataplane-mode': 'ambient' };
const ztunnel = object('apps/v1', 'DaemonSet', { name: 'ztunnel', namespace: 'istio-system', spec: { template: {} } });
const agent = object('apps/v1', 'DaemonSet', {
  name: 'istio-cni-node',
  namespace: 'istio-system',
  spec: { template: {} },
});

describe('pods that would be created next', () => {
  test('get a sidecar where the namespace asks for it', () => {
    expect(next(ENABLED, {}).dataPlane).toMatchObject({ mode: 'sidecar', captured: { value: true } });
  });

  test.each<[string, Template]>([
    ['are in the host network', { spec: { hostNetwork: true } }],
    ['ask not to be injected', { labels: { 'sidecar.istio.io/inject': 'false' } }],
  ])('have no proxy where they %s', (_why, template) => {
    expect(next(ENABLED, template).dataPlane).toBeUndefined();
  });

  test('are uncaptured where interception is switched off', () => {
    const template = { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } };
    expect(next(ENABLED, template)).toMatchObject({
      dataPlane: { captured: { value: false } },
      mode: { mode: 'none' },
    });
  });

  test('are captured by the CNI plugin elsewhere than in namespaces that it excludes', () => {
    expect(next(ENABLED, {}, [agent]).dataPlane).toMatchObject({ captured: { value: true } });
  });

  test('are unknown where they ask for a template of somebody else', () => {
    const template = { annotations: { 'inject.istio.io/templates': 'sidecar,custom' } };
    expect(next(ENABLED, template).mode.mode).toBe('unknown');
  });

  test('are unknown where the template has an automatic proxy and nothing fills it in', () => {
    const spec = { containers: [{ name: 'istio-proxy', image: 'auto' }] };
    expect(next({}, { spec }).dataPlane).toMatchObject({ mode: 'unknown' });
    expect(next(ENABLED, { spec }).dataPlane).toMatchObject({ mode: 'sidecar' });
  });

  test('stand behind ztunnel where ambient mode is installed, and nowhere without it', () => {
    expect(next(AMBIENT, {}, [ztunnel, agent]).dataPlane).toMatchObject({ mode: 'ambient', captured: { value: true } });
    expect(next(AMBIENT, {}, [ztunnel]).dataPlane).toMatchObject({ mode: 'unknown' });
    expect(next(AMBIENT, {}).dataPlane).toBeUndefined();
  });

  test('are selected by labels that injection adds', () => {
    const selector = { matchLabels: { 'service.istio.io/canonical-name': 'server' } };
    const strict = istioObject('security/PeerAuthentication', { selector, mtls: { mode: 'STRICT' } });
    expect(next(ENABLED, {}, [strict]).mode.mode).toBe('strict');
  });

  test('do not go by a planned policy that the API server would refuse', () => {
    const spec = { mtls: { mode: 'STRICT' }, portLevelMtls: { '8080': { mode: 'STRICT' } } };
    const read = istioObject('security/PeerAuthentication', spec);
    const planned: KubeObject = { ...read, origin: { from: 'planned', by: 'stage' } };
    expect(next(ENABLED, {}, [planned]).mode.mode).toBe('unknown');
  });
});
