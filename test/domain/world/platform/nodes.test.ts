import { describe, expect, it } from 'vitest';
import { nodeFacts } from '../../../../src/domain/world/platform/nodes.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { nodeWith } from './platform-world.ts';

describe('nodeFacts', () => {
  it('counts operating systems, architectures and nodes that take no pods', () => {
    const world = worldFrom([
      nodeWith('a'),
      nodeWith('b', { arch: 'arm64' }),
      nodeWith('c', { os: 'windows', spec: { unschedulable: true } }),
    ]);
    const facts = nodeFacts(world);
    expect(facts.systems).toEqual({
      known: true,
      value: [
        { os: 'linux', architecture: 'amd64', nodes: 1 },
        { os: 'linux', architecture: 'arm64', nodes: 1 },
        { os: 'windows', architecture: 'amd64', nodes: 1 },
      ],
    });
    expect(facts.unschedulable).toEqual({ known: true, value: 1 });
    expect(facts.virtual).toEqual({ known: true, value: [] });
  });

  it('tells Fargate and virtual-kubelet nodes from machines', () => {
    const world = worldFrom([
      nodeWith('f', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }),
      nodeWith('v', { labels: { type: 'virtual-kubelet' } }),
      nodeWith('w', { spec: { taints: [{ key: 'virtual-kubelet.io/provider', value: 'azure' }] } }),
      nodeWith('x'),
    ]);
    expect(nodeFacts(world).virtual).toMatchObject({
      known: true,
      value: [
        { kind: 'fargate', nodes: 1, evidence: { object: { kind: 'Node', name: 'f' } } },
        { kind: 'virtual-kubelet', nodes: 2, evidence: { object: { kind: 'Node', name: 'v' } } },
      ],
    });
  });

  it('takes the system from labels where the kubelet does not say it, and says nothing without either', () => {
    const bare = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } };
    expect(nodeFacts(worldFrom([bare])).systems).toMatchObject({ known: false });
    const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 's390x' };
    expect(nodeFacts(worldFrom([{ ...bare, metadata: { name: 'a', labels } }])).systems).toEqual({
      known: true,
      value: [{ os: 'linux', architecture: 's390x', nodes: 1 }],
    });
  });
});
