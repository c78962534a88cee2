import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { inventoryOf, type Inventory } from '../../../src/domain/inventory/inventory.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import type { Change } from '../../../src/domain/world/step.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { namespace, service, workload, worldFrom, type WorldOptions } from '../../support/build-world.ts';

const APP = { name: 'app', image: 'example.com/app:1', ports: [{ containerPort: 8080 }] };
const SIDECAR = {
  containers: [APP, { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.4', args: ['proxy', 'sidecar'] }],
  initContainers: [{ name: 'istio-init', image: 'docker.io/istio/proxyv2:1.30.4' }],
};

function take(manifests: readonly JsonObject[], options: WorldOptions): Inventory {
  const world = worldFrom(manifests, options);
  return inventoryOf(world, buildCallGraph(world, []), { namespaces: [] });
}

function podOf(kind: string, spec: JsonObject): JsonObject {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind, name: 'cart', controller: true }];
  const metadata = { name: 'cart-0', namespace: 'shop', labels: { app: 'cart' }, ownerReferences };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec };
}

describe('the inventory where pods were not read', () => {
  const meshed = [namespace('shop'), workload('shop', 'cart', { podSpec: SIDECAR }), service('shop', 'cart')];
  const { workloads, summary } = take(meshed, { forbidden: ['Pod'], pods: false });

  it('says of no workload which mesh, mode or authorization it has', () => {
    expect(workloads).toHaveLength(1);
    for (const { state, dataPlane, mtls, authorization } of workloads) {
      expect([state, dataPlane.mesh, dataPlane.mode, mtls.mode, authorization.default]).toEqual(
        Array(5).fill('unknown'),
      );
      expect(dataPlane.proxies).toBeUndefined();
      expect(dataPlane.version).toBeUndefined();
      expect(authorization.notKnown?.reason).toContain('not all of its pods are known');
    }
  });

  it('counts them as unknown, and says why', () => {
    expect(summary.meshes).toEqual({ unknown: 1 });
    expect(summary.unknown.map(({ reason }) => reason)).toEqual([expect.stringContaining('Pod')]);
  });

  it('does not call the mode none where no container port is known either', () => {
    const found = take([namespace('shop'), workload('shop', 'cart', { container: { ports: [] } })], {
      forbidden: ['Pod'],
      pods: false,
    });
    expect(found.workloads[0]?.mtls.mode).toBe('unknown');
  });
});

describe('the inventory where a template was not read', () => {
  const meshed = [namespace('shop'), podOf('StatefulSet', SIDECAR), service('shop', 'cart')];

  it('says what the live pods have, and of the next that it is not known', () => {
    const [row] = take(meshed, { forbidden: ['apps/StatefulSet'] }).workloads;
    expect(row?.dataPlane).toMatchObject({
      mesh: 'istio',
      mode: 'sidecar',
      next: { mesh: 'unknown', mode: 'unknown' },
    });
    expect(row?.state).not.toMatch(/^(enrolled|stale|leaving)$/);
    expect(row?.mtls.mode).toBe('unknown');
    expect(row?.enrolment['istio']).toMatchObject({ decision: 'unknown' });
    expect(row?.dataPlane.next.claimedBy).toBeUndefined();
  });

  it('knows that no mesh takes the next pods where all meshes are absent', () => {
    const plain = [podOf('StatefulSet', { containers: [APP] })];
    const [row] = take([namespace('shop'), ...plain], {}).workloads;
    expect(row?.dataPlane.next).toMatchObject({ mesh: 'none', mode: 'none' });
    expect(row?.state).toBe('none');
  });
});

describe('a restart of pods whose template was not read', () => {
  it('makes no pod of what the live ones look like', () => {
    const world = worldFrom([namespace('shop'), podOf('StatefulSet', SIDECAR)], { forbidden: ['apps/StatefulSet'] });
    const target = { kind: 'apps/StatefulSet', namespace: 'shop', name: 'cart' } as const;
    const change: Change = { id: 'by-hand', steps: [{ step: 'restart', workload: target, method: 'manual' }] };
    const { world: after, assumptions } = applyChange(world, change, admitPod);
    expect(after.list('Pod').objects).toEqual([]);
    expect(assumptions).toEqual([expect.stringContaining('the template of StatefulSet cart was not read')]);
  });
});
