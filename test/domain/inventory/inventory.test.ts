import { describe, expect, it } from 'vitest';

import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { inventoryOf, type Inventory } from '../../../src/domain/inventory/inventory.ts';
import type { InventoryScope } from '../../../src/domain/inventory/scope.ts';
import { parseSelectorText } from '../../../src/domain/kubernetes/label-selector.ts';
import { namespace, service, workload, worldFrom } from '../../support/build-world.ts';

const PROXY = {
  name: 'istio-proxy',
  image: 'docker.io/istio/proxyv2:1.30.4',
  args: ['proxy', 'sidecar'],
};
const APP = { name: 'app', image: 'example.com/app:1', ports: [{ containerPort: 8080 }] };
const meshedPod = {
  containers: [APP, PROXY],
  initContainers: [{ name: 'istio-init', image: 'docker.io/istio/proxyv2:1.30.4' }],
};

const world = worldFrom(
  [
    namespace('shop', { 'istio-injection': 'enabled' }),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pay', annotations: { 'linkerd.io/inject': 'enabled' } } },
    workload('shop', 'cart', { podSpec: meshedPod }),
    workload('shop', 'plain', { labels: { tier: 'back' } }),
    workload('pay', 'ledger'),
    service('shop', 'cart'),
    service('pay', 'ledger', { name: 'db', appProtocol: 'mysql' }),
  ],
  { forbidden: ['security.istio.io/PeerAuthentication'] },
);
const graph = buildCallGraph(world, []);

function take(scope: Partial<InventoryScope> = {}): Inventory {
  return inventoryOf(world, graph, { namespaces: [], ...scope });
}

function names({ workloads }: Inventory): readonly string[] {
  return workloads.map(({ name }) => name);
}

describe('the inventory', () => {
  it('never has an empty list of policies stand for policies that are not known', () => {
    const vague = take().workloads.filter(({ authorization }) => authorization.default.includes('unknown'));
    expect(vague.length).toBeGreaterThan(0);
    for (const { authorization } of vague) {
      if (authorization.policies.length === 0) expect(authorization.notKnown?.reason).toMatch(/./);
    }
  });

  it('names the policies of the namespace where which of them attach is not known', () => {
    const policy = { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', spec: {} };
    const denied = worldFrom(
      [
        namespace('shop', { 'istio-injection': 'enabled' }),
        workload('shop', 'cart', { podSpec: meshedPod }),
        { ...policy, metadata: { name: 'deny-all', namespace: 'shop' } },
      ],
      { forbidden: ['admissionregistration.k8s.io/MutatingWebhookConfiguration', 'ConfigMap'] },
    );
    const [row] = inventoryOf(denied, buildCallGraph(denied, []), { namespaces: [] }).workloads;
    const named = [...(row?.authorization.policies ?? []), ...(row?.authorization.notKnown?.candidates ?? [])];
    expect(row?.authorization.default).toBe('unknown');
    expect(named.map(({ name }) => name)).toEqual(['deny-all']);
  });

  it('speaks of the calls to what it shows and of no others', () => {
    const { callCoverage, workloads } = take({ namespaces: ['pay'] });
    expect(workloads.map(({ name }) => name)).toEqual(['ledger']);
    expect(callCoverage.ports.map(({ workload: { name } }) => name)).toEqual(['ledger']);
    expect(callCoverage.counts).toMatchObject({ ports: 1, workloads: 1 });
  });

  it('says of static pods that the next are as they are', () => {
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: '1', controller: true };
    const etcd = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'etcd-n1', namespace: 'kube-system', ownerReferences: [owner] },
      spec: { nodeName: 'n1', containers: [APP] },
    };
    const webhooks = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';
    const nodes = worldFrom([namespace('kube-system'), etcd], { forbidden: [webhooks] });
    const [row] = inventoryOf(nodes, buildCallGraph(nodes, []), { namespaces: [] }).workloads;
    expect(row).toMatchObject({ name: 'etcd-n1', state: 'none' });
  });

  it('shows what labels and annotations of namespaces ask of the meshes', () => {
    const asked = Object.fromEntries(take().namespaces.map(({ name, enrolment }) => [name, enrolment]));
    expect(asked).toEqual({ shop: 'istio-injection=enabled', pay: 'linkerd.io/inject: enabled (annotation)' });
  });

  it('has the protocol that a Service declares, and which Services lead to a port', () => {
    const ports = take().workloads.find(({ name }) => name === 'ledger')?.ports;
    expect(ports).toEqual([{ port: 8080, protocols: ['mysql'], services: ['ledger:80'] }]);
  });

  it('counts what it shows, and how many there are', () => {
    const { summary } = take({ namespaces: ['shop'] });
    expect(summary).toMatchObject({ workloads: 2, ofWorkloads: 3 });
    expect(Object.values(summary.states).reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('gives each reason for not knowing once, with how many workloads it concerns', () => {
    const { unknown } = take().summary;
    expect(unknown.length).toBeGreaterThan(0);
    expect(new Set(unknown.map(({ about, reason }) => `${about} ${reason}`)).size).toBe(unknown.length);
    for (const { workloads } of unknown) expect(workloads).toBeGreaterThan(0);
  });

  it('limits rows by label, mesh, mode and state, each and together', () => {
    expect(names(take({ selector: parseSelectorText('tier=back') }))).toEqual(['plain']);
    expect(names(take({ meshes: ['istio'] }))).toEqual(['cart']);
    expect(names(take({ meshes: ['istio', 'none'] }))).toHaveLength(3);
    expect(names(take({ meshes: ['none'] }))).not.toContain('cart');
    for (const { name, mtls, state } of take().workloads) {
      expect(names(take({ modes: [mtls.mode] }))).toContain(name);
      expect(names(take({ states: [state] }))).toContain(name);
    }
    expect(names(take({ states: ['contested'] }))).toEqual([]);
    expect(take({ meshes: ['istio'], namespaces: ['pay'] }).workloads).toEqual([]);
  });

  it('limits services and namespaces to those of the rows, and never the rows themselves', () => {
    const all = take().workloads;
    const few = take({ meshes: ['istio'] });
    expect(few.services.map(({ name }) => name)).toEqual(['cart']);
    expect(few.namespaces.map(({ name }) => name)).toEqual(['shop']);
    expect(few.workloads).toEqual(all.filter(({ name }) => name === 'cart'));
  });

  it('asks only meshes that are not absent what they would do', () => {
    const { meshes, workloads } = take();
    const present = meshes.filter(({ state }) => state !== 'absent').map(({ mesh }) => mesh);
    for (const { enrolment } of workloads) expect(Object.keys(enrolment)).toEqual(present);
  });

  it('says in short what stands before live pods', () => {
    const cart = take().workloads.find(({ name }) => name === 'cart')?.dataPlane;
    expect(cart).toMatchObject({ mesh: 'istio', mode: 'sidecar', version: '1.30.4', proxies: { ready: 1, total: 1 } });
    expect(take().workloads.find(({ name }) => name === 'plain')?.dataPlane.proxies).toEqual({ ready: 0, total: 0 });
  });
});
