import { describe, expect, it } from 'vitest';
import { foldPods } from '../../../../src/domain/world/fold-pods.ts';
import { makeWorld } from '../../../../src/domain/world/object-world.ts';
import { readmit } from '../../../../src/domain/world/admit.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { capacityOf } from '../../../../src/domain/world/platform/capacity.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { asking, nodeWith, podWith } from './platform-world.ts';

const GIBIBYTE = 2 ** 30;
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-abc', controller: true };

function pod(name: string, node: string | undefined, cpu = '1'): JsonObject {
  const nodeName = node === undefined ? {} : { nodeName: node };
  return podWith(
    name,
    { containers: [asking(cpu, '1Gi')], ...nodeName },
    {
      metadata: { name, namespace: 'shop', ownerReferences: [owner] },
    },
  );
}

/** The world as a snapshot of it would be read. */
function throughSnapshot(world: World): World {
  const objects = world.kinds().flatMap((kind) => world.list(kind).objects);
  const read = objects.map((object) => readmit(JSON.parse(JSON.stringify(object)) as JsonObject));
  return makeWorld(world, foldPods(read.filter((object) => object !== undefined)));
}

const NODES = [nodeWith('a'), nodeWith('b'), nodeWith('c', { spec: { unschedulable: true } })];
const PODS = [pod('cart-1', 'a'), pod('cart-2', 'a'), pod('cart-3', 'b'), pod('cart-4', 'c'), pod('cart-5', undefined)];

describe('capacityOf', () => {
  it('gives each node what it offers less what its pods ask for, though pods are folded', () => {
    const world = worldFrom([...NODES, ...PODS]);
    expect(world.list('Pod').objects).toHaveLength(1);
    const { nodes } = capacityOf(world);
    const free = nodes.known ? nodes.value.map((row) => [row.node, row.schedulable, row.free]) : [];
    const amount = (cores: number, pods: number) => ({
      known: true,
      value: { cpuMillicores: cores * 1000, memoryBytes: (cores + 4) * GIBIBYTE, pods },
    });
    expect(free).toEqual([
      ['a', true, amount(2, 108)],
      ['b', true, amount(3, 109)],
      ['c', false, amount(3, 109)],
    ]);
  });

  it('leaves cordoned and virtual nodes out of what is free, and names what waits', () => {
    const virtual = nodeWith('v', { labels: { type: 'virtual-kubelet' } });
    const capacity = capacityOf(worldFrom([...NODES, virtual, ...PODS]));
    expect(capacity.free).toEqual({
      known: true,
      value: { cpuMillicores: 5000, memoryBytes: 13 * GIBIBYTE, pods: 217 },
    });
    expect(capacity.requested).toMatchObject({ known: true, value: { cpuMillicores: 3000, pods: 3 } });
    expect(capacity.allocatable).toMatchObject({ known: true, value: { cpuMillicores: 8000, pods: 220 } });
    expect(capacity.closed).toEqual({
      known: true,
      value: [
        { reason: 'cordoned', nodes: 1 },
        { reason: 'virtual', nodes: 1 },
      ],
    });
    expect(capacity.unscheduled).toEqual({
      known: true,
      value: { cpuMillicores: 1000, memoryBytes: GIBIBYTE, pods: 1 },
    });
  });

  it('counts what is offered, asked for and free of the same nodes, and one with too much promised as full', () => {
    const world = worldFrom([
      nodeWith('a'),
      nodeWith('lost', { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] } }),
      nodeWith('control', {
        spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
      }),
      nodeWith('liked-less', { spec: { taints: [{ key: 'example.com/spot', effect: 'PreferNoSchedule' }] } }),
      { ...nodeWith('silent'), status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
      pod('cart-1', 'a', '6'),
      pod('cart-2', 'lost'),
      pod('cart-3', 'liked-less'),
    ]);
    const { allocatable, requested, free, closed } = capacityOf(world);
    expect(allocatable).toMatchObject({ known: true, value: { cpuMillicores: 8000 } });
    expect(requested).toMatchObject({ known: true, value: { cpuMillicores: 7000, pods: 2 } });
    expect(free).toMatchObject({ known: true, value: { cpuMillicores: 3000 } });
    expect(closed).toEqual({
      known: true,
      value: [
        { reason: 'not-ready', nodes: 2 },
        { reason: 'tainted', nodes: 1 },
      ],
    });
  });

  it('knows no room on a node that offers less than nothing', () => {
    const negative = nodeWith('a', { allocatable: { cpu: '-4', memory: '8Gi', pods: '110' } });
    expect(capacityOf(worldFrom([negative])).allocatable.known).toBe(false);
  });

  it('is the same from a snapshot', () => {
    const world = worldFrom([...NODES, ...PODS]);
    expect(capacityOf(throughSnapshot(world))).toEqual(capacityOf(world));
  });

  it('does not count pods that finished', () => {
    const done = { ...pod('cart-9', 'a'), status: { phase: 'Succeeded' } };
    expect(capacityOf(worldFrom([...NODES, done])).requested).toMatchObject({ known: true, value: { pods: 0 } });
  });

  it('tells pods apart whose runtime costs more', () => {
    const heavy = podWith(
      'cart-2',
      { containers: [asking('1', '1Gi')], nodeName: 'a', overhead: { cpu: '500m' } },
      {
        metadata: { name: 'cart-2', namespace: 'shop', ownerReferences: [owner] },
      },
    );
    const { requested } = capacityOf(worldFrom([...NODES, pod('cart-1', 'a'), heavy]));
    expect(requested).toMatchObject({ known: true, value: { cpuMillicores: 2500 } });
  });

  it('knows no room where pods or nodes were not read, or a node or a pod does not say', () => {
    const withoutPods = capacityOf(worldFrom(NODES, { forbidden: ['Pod'] }));
    expect(withoutPods.allocatable.known).toBe(true);
    expect([withoutPods.requested.known, withoutPods.free.known]).toEqual([false, false]);
    expect(capacityOf(worldFrom(PODS, { forbidden: ['Node'] })).free.known).toBe(false);
    expect(capacityOf(worldFrom([nodeWith('a', { allocatable: { cpu: '4' } })])).free.known).toBe(false);
    expect(capacityOf(worldFrom([...NODES, pod('cart-1', 'a', 'lots')])).free.known).toBe(false);
    expect(capacityOf(worldFrom(NODES, { basis: 'declared' })).free.known).toBe(false);
  });

  it('knows no load by node of a fold that does not say where its pods run', () => {
    const world = worldFrom([...NODES, ...PODS]);
    const older = world.list('Pod').objects.map((object) => ({ ...object, fold: { pods: 5, ready: 5, example: 'c' } }));
    const capacity = capacityOf(makeWorld(world, [...world.list('Node').objects, ...older]));
    expect(capacity.free.known).toBe(false);
  });
});
