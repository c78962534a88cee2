import { describe, expect, it } from 'vitest';
import { cniOf } from '../../../../src/domain/decide/evidence/cni.ts';
import { object, worldWithout } from '../small-world.ts';

const agent = object('apps/v1 DaemonSet cilium');

function exclusive(data: Readonly<Record<string, string>> | undefined) {
  const config = object('v1 ConfigMap cilium-config', data === undefined ? {} : { data });
  return cniOf(worldWithout([], [agent, config])).exclusive;
}

describe('whether Cilium removes the CNI configuration of others', () => {
  it.each([
    ['true', true],
    ['false', false],
  ])('is what cni-exclusive %j says', (value, expected) => {
    expect(exclusive({ 'cni-exclusive': value })).toEqual({ known: true, value: expected });
  });

  it.each([[undefined], [{}], [{ 'cni-exclusive': 'yes' }], [{ 'kube-proxy-replacement': 'true' }]])(
    'is not known from %j',
    (data) => {
      expect(exclusive(data).known).toBe(false);
    },
  );

  it('is not known without the ConfigMap, or with one of another namespace', () => {
    expect(cniOf(worldWithout([], [agent])).exclusive.known).toBe(false);
    const config = object('v1 ConfigMap cilium-config', { data: { 'cni-exclusive': 'true' } });
    const elsewhere = { ...config, metadata: { ...config.metadata, namespace: 'other' } };
    expect(cniOf(worldWithout([], [agent, elsewhere])).exclusive.known).toBe(false);
  });
});
