import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { stillAdmitted } from '../../../src/domain/rollout/still-admitted.ts';
import { completeWorld, controlPlane } from '../../cases-runner/case-world.ts';
import { onTrack, policy, serverIn, serverPod, serverWith, STRICT } from '../../support/pods-that-differ.ts';

function admittedWith(policies: readonly KubeObject[], ports: readonly number[] = [8080]) {
  const world = completeWorld([...controlPlane(), ...serverWith([serverPod('a')]), ...policies]);
  const workload = serverIn(world);
  return stillAdmitted(
    world,
    ports.map((port) => ({ workload, port })),
  ).map(({ what }) => what);
}

const DENY = policy('AuthorizationPolicy', 'nobody', {});

test('a port that refuses plaintext and every stranger stands in the way of nothing', () => {
  expect(admittedWith([STRICT, DENY])).toEqual([]);
});

test('a port that lets strangers in is named once, with the first of them', () => {
  expect(admittedWith([])).toEqual([
    'shop/Deployment/server port 8080 would still not surely refuse plaintext from any pod',
  ]);
  expect(admittedWith([STRICT])).toEqual([
    'shop/Deployment/server port 8080 would still not surely refuse mutual TLS from any namespace',
  ]);
});

test('each port is judged by itself', () => {
  const open = { action: 'ALLOW', rules: [{ to: [{ operation: { ports: ['9090'] } }] }] };
  expect(admittedWith([STRICT, policy('AuthorizationPolicy', 'one', open)], [8080, 9090])).toEqual([
    'shop/Deployment/server port 9090 would still not surely refuse mutual TLS from any namespace',
  ]);
});

test('a port that only some pods deny is not denied', () => {
  expect(admittedWith([STRICT, policy('AuthorizationPolicy', 'nobody', onTrack('a'))])).toHaveLength(1);
});
