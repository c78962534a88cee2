import { describe, expect, it } from 'vitest';
import { cniOf } from '../../../src/domain/decide/evidence/cni.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { ciliumSwitch } from '../../../src/domain/mesh/cilium/agents.ts';
import { serverDefault } from '../../../src/domain/mesh/consul/intentions.ts';
import { meshSettings } from '../../../src/domain/mesh/istio/mesh-settings.ts';
import { cniExcludedNamespaces } from '../../../src/domain/mesh/istio/node-agents.ts';
import { skippedPorts } from '../../../src/domain/mesh/linkerd/capture.ts';
import { knownControlPlane, linkerdControlPlaneIn } from '../../../src/domain/mesh/linkerd/control-plane.ts';
import { known, type Fact } from '../../../src/domain/world/fact.ts';
import { kubeProxyOf } from '../../../src/domain/world/platform/kube-proxy.ts';
import { cniOf as platformCniOf } from '../../../src/domain/world/platform/cni.ts';
import { readPodShape } from '../../../src/domain/world/pod-shape.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { completeWorld, object } from '../../cases-runner/case-world.ts';
import { linkerdControlPlane } from '../../cases-runner/linkerd/linkerd-world.ts';

/** A live world, which knows of ConfigMaps only those that were asked for by name. */
function live(objects: readonly KubeObject[], names: readonly string[]): World {
  return completeWorld(objects, [{ kind: KIND.configMap, state: 'partial', objects: 0, reason: 'by name', names }]);
}

function daemonSet(namespace: string, name: string): KubeObject {
  const spec = { template: { metadata: { labels: { 'k8s-app': name } }, spec: { containers: [{ name }] } } };
  return object('apps/v1', 'DaemonSet', { name, namespace, labels: { 'k8s-app': name }, spec });
}

const CNI_POD = readPodShape(
  { labels: { 'linkerd.io/control-plane-ns': 'linkerd' } },
  { containers: [{ name: 'linkerd-proxy' }], initContainers: [{ name: 'linkerd-network-validator' }] },
);
const DESTINATION = object('apps/v1', 'Deployment', {
  name: 'linkerd-destination',
  namespace: 'linkerd',
  spec: { template: { metadata: { labels: { 'linkerd.io/control-plane-component': 'destination' } }, spec: {} } },
});
const CILIUM = daemonSet('kube-system', 'cilium');
const CILIUM_CONFIG = 'kube-system/cilium-config';

interface Asked {
  readonly name: string;
  readonly objects?: readonly KubeObject[];
  readonly ask: (world: World) => Fact<unknown>;
}

const ASKED: readonly (readonly [string, Asked])[] = [
  ['Istio', { name: 'istio-system/istio', ask: (world) => meshSettings(world, 'default') }],
  [
    'Linkerd',
    {
      name: 'linkerd/linkerd-config',
      objects: [DESTINATION],
      ask: (world) => linkerdControlPlaneIn(world, 'linkerd')?.nativeSidecar ?? known('no control plane'),
    },
  ],
  [
    'Linkerd’s CNI plugin',
    {
      name: 'linkerd-cni/linkerd-cni-config',
      objects: linkerdControlPlane(),
      ask: (world) => skippedPorts(CNI_POD, 'inbound', { plane: knownControlPlane(world, 'linkerd'), world }),
    },
  ],
  ['Cilium', { name: CILIUM_CONFIG, objects: [CILIUM], ask: (world) => ciliumSwitch(world, 'enable-wireguard') }],
  ['Cilium as the CNI', { name: CILIUM_CONFIG, objects: [CILIUM], ask: (world) => cniOf(world).exclusive }],
  [
    'Cilium as the proxy of Services',
    { name: CILIUM_CONFIG, objects: [CILIUM], ask: (world) => kubeProxyOf(world, platformCniOf(world)).replaced },
  ],
  ['kube-proxy', { name: 'kube-system/kube-proxy', ask: (world) => kubeProxyOf(world, platformCniOf(world)).mode }],
];

describe('a live cluster whose ConfigMaps were asked for by name', () => {
  it.each(ASKED)('tells one that is not there from one that nobody read: %s', (_what, { name, objects = [], ask }) => {
    const [settled, open] = [ask(live(objects, [name])), ask(live(objects, []))];
    expect(settled).toMatchObject({ known: false });
    expect(settled.known ? '' : settled.reason).toContain('is not there');
    expect(open.known ? '' : open.reason).toMatch(/was not read: .*only in part/);
    expect(open.known ? 'is not there' : open.reason).not.toContain('is not there');
  });

  it('goes by the defaults of Istio’s CNI chart only where its ConfigMap is known not to be there', () => {
    const agent = daemonSet('istio-system', 'istio-cni-node');
    expect(cniExcludedNamespaces(live([agent], ['istio-system/istio-cni-config']))).toEqual(known(['kube-system']));
    expect(cniExcludedNamespaces(live([agent], ['kube-system/istio-cni-config'])).known).toBe(false);
  });

  it('believes one configuration of Consul’s servers only where no other may be unread', () => {
    const servers = (namespace: string): KubeObject =>
      object('apps/v1', 'StatefulSet', {
        name: 'consul-server',
        namespace,
        labels: { app: 'consul', component: 'server' },
        spec: {},
      });
    const config = object('v1', 'ConfigMap', {
      name: 'consul-server-config',
      namespace: 'consul',
      labels: { app: 'consul' },
      fields: { data: { default_policy: 'deny' } },
    });
    const objects = [servers('consul'), config];
    expect(serverDefault(live(objects, ['consul/consul-server-config']))).toBe('deny');
    expect(serverDefault(live([...objects, servers('other')], ['consul/consul-server-config']))).toBe('unknown');
  });
});
