import { describe, expect, it } from 'vitest';
import { mayBeOf } from '../../../src/domain/mesh/claims.ts';
import type { DataPlane } from '../../../src/domain/mesh/mesh.ts';

const plane = (mesh: DataPlane['mesh'], mode: DataPlane['mode']): DataPlane => ({
  mesh,
  mode,
  captured: { known: true, value: true },
  native: false,
  reason: 'because',
});

describe('whether a data plane may be Istio’s', () => {
  it.each([
    ['istio', 'sidecar', true],
    ['istio', 'unknown', true],
    ['istio', 'none', false],
    ['contested', 'unknown', true],
    ['linkerd', 'sidecar', false],
    ['none', 'none', false],
  ] as const)('%s, %s: %s', (mesh, mode, expected) => {
    expect(mayBeOf('istio', plane(mesh, mode))).toBe(expected);
  });
});
