import { describe, expect, test } from 'vitest';
import { overlayStep } from '../../src/app/overlay-step.ts';
import { admitPod } from '../../src/domain/mesh/registry.ts';
import { refOf, type KubeObject } from '../../src/domain/kubernetes/object.ts';
import { applyChange } from '../../src/domain/world/apply.ts';
import { completeWorld, object } from '../cases-runner/case-world.ts';

/** The object as it is after the overlay was laid over a world that holds `before`. */
function after(before: KubeObject, overlay: KubeObject, basis: 'declared' | 'live'): KubeObject | undefined {
  const change = { id: 'overlay', steps: [overlayStep(overlay, basis)] };
  return applyChange(completeWorld([before]), change, admitPod).world.get(refOf(before));
}

const at = { name: 'pay', namespace: 'shop' } as const;

describe('an overlay', () => {
  const policy = (spec: unknown, labels = {}): KubeObject =>
    object('security.istio.io/v1', 'PeerAuthentication', { ...at, labels, spec });
  const excepting = policy(
    { mtls: { mode: 'STRICT' }, portLevelMtls: { 8080: { mode: 'PERMISSIVE' } } },
    { team: 'a' },
  );
  const edited = policy({ mtls: { mode: 'STRICT' } });

  test('that is a whole manifest takes with it what it no longer holds, labels too where the world is manifests', () => {
    expect(after(excepting, edited, 'declared')).toMatchObject({ spec: edited.spec, metadata: { labels: {} } });
    expect(after(excepting, edited, 'declared')?.spec).not.toHaveProperty('portLevelMtls');
  });

  test('leaves labels that others may have set in a cluster', () => {
    const live = after(excepting, edited, 'live');
    expect(live?.spec).not.toHaveProperty('portLevelMtls');
    expect(live?.metadata.labels).toEqual({ team: 'a' });
  });

  test('that is only part of a workload is merged into it', () => {
    const template = { metadata: { labels: { app: 'pay' } }, spec: { containers: [{ name: 'pay', image: 'pay:1' }] } };
    const whole = object('apps/v1', 'Deployment', { ...at, spec: { template } });
    const part = object('apps/v1', 'Deployment', {
      ...at,
      spec: { template: { metadata: { labels: { tier: 'a' } } } },
    });
    expect(after(whole, part, 'live')?.spec).toMatchObject({
      template: { metadata: { labels: { app: 'pay', tier: 'a' } }, spec: { containers: [{ name: 'pay' }] } },
    });
  });

  test('makes no headless Service one with an address', () => {
    const service = (more: object): KubeObject =>
      object('v1', 'Service', { ...at, spec: { selector: { app: 'pay' }, ports: [{ port: 80 }], ...more } });
    const spec = after(
      service({ clusterIP: 'None', externalName: 'old' }),
      service({ ports: [{ port: 81 }] }),
      'live',
    )?.spec;
    expect(spec).toEqual({ clusterIP: 'None', selector: { app: 'pay' }, ports: [{ port: 81 }] });
  });
});
