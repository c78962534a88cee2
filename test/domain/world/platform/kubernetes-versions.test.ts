import { describe, expect, it } from 'vitest';
import { kubernetesVersions, skewOf } from '../../../../src/domain/world/platform/kubernetes-versions.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { nodeWith } from './platform-world.ts';

describe('skewOf', () => {
  it.each([
    ['v1.34.2', 'v1.34.0', 'supported'],
    ['v1.31.0-eks-1', 'v1.34.2-eks-2', 'supported'],
    ['v1.30.9', 'v1.34.2', 'too-old'],
    ['v1.35.0', 'v1.34.9', 'newer-than-api-server'],
    ['v1.24.1', 'v1.26.0', 'supported'],
    ['v1.24.1', 'v1.27.0', 'too-old'],
    ['v1.25.1', 'v1.28.0', 'supported'],
    ['v1.34.2', 'unreleased', 'unknown'],
    ['', 'v1.34.2', 'unknown'],
  ])('takes kubelet %s under API server %s for %s', (kubelet, server, skew) => {
    expect(skewOf(kubelet, server)).toBe(skew);
  });
});

describe('kubernetesVersions', () => {
  it('counts the nodes of each kubelet, oldest first, and judges all of them', () => {
    const world = worldFrom([
      nodeWith('a', { kubelet: 'v1.34.2' }),
      nodeWith('b', { kubelet: 'v1.9.0' }),
      nodeWith('c', { kubelet: 'v1.34.2' }),
    ]);
    expect(kubernetesVersions(world)).toEqual({
      apiServer: { known: true, value: 'v1.34.2' },
      kubelets: {
        known: true,
        value: [
          { version: 'v1.9.0', nodes: 1, skew: 'too-old' },
          { version: 'v1.34.2', nodes: 2, skew: 'supported' },
        ],
      },
      withinSkew: { known: true, value: false },
    });
  });

  it('judges nothing where the nodes or the API server were not read', () => {
    expect(kubernetesVersions(worldFrom([], { forbidden: ['Node'] })).withinSkew.known).toBe(false);
    expect(kubernetesVersions(worldFrom([nodeWith('a')], { basis: 'declared' })).withinSkew.known).toBe(false);
  });

  it('judges nothing where one kubelet cannot be compared', () => {
    const world = worldFrom([nodeWith('a'), nodeWith('b', { kubelet: 'custom' })]);
    expect(kubernetesVersions(world).withinSkew.known).toBe(false);
  });
});
