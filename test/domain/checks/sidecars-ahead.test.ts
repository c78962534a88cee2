import { describe, expect, it } from 'vitest';
import { sidecarsAhead, startsWithSidecar } from '../../../src/domain/checks/sidecars-ahead.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { completeWorld, object } from '../../cases-runner/case-world.ts';
import { linkerdControlPlane } from '../../cases-runner/linkerd/linkerd-world.ts';

const APP = object('apps/v1', 'Deployment', {
  name: 'app',
  namespace: 'shop',
  spec: { template: { metadata: { labels: { app: 'app' } }, spec: { containers: [{ name: 'app', image: 'a:1' }] } } },
});
const CLIENT = { namespace: 'shop', kind: 'Deployment', name: 'app' } as const;

function shop(labels: Readonly<Record<string, string>>): readonly KubeObject[] {
  const annotations = { 'linkerd.io/inject': 'enabled' };
  return [object('v1', 'Namespace', { name: 'shop', labels, annotations }), APP, ...linkerdControlPlane()];
}

describe('the sidecars that enrolment in Istio brings', () => {
  it('are none of Linkerd', () => {
    const world = completeWorld(shop({ 'istio-injection': 'disabled' }));
    expect(sidecarsAhead(world, 'shop')).toEqual([]);
    expect(startsWithSidecar(world, CLIENT)).toEqual(known(true));
  });

  it('are not known where Linkerd wants the same pods', () => {
    const world = completeWorld(shop({}));
    expect(sidecarsAhead(world, 'shop')).toMatchObject([{ dataPlane: { mode: 'unknown' } }]);
  });
});
