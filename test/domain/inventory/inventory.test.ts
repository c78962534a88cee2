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
