import { describe, expect, test } from 'vitest';
import { admitPod } from '../../src/domain/mesh/registry.ts';
import { indexCalls } from '../../src/domain/rollout/call-index.ts';
import { fatesIn, trySteps } from '../../src/domain/rollout/simulate-stage.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import { openingsBetween } from '../../src/domain/simulate/openings.ts';
import { applyChange } from '../../src/domain/world/apply.ts';
import type { Step } from '../../src/domain/world/step.ts';
import type { World } from '../../src/domain/world/world.ts';
import { judgeWorld, openCase } from './judge-world.ts';
import { readWorldCases, type WorldCase } from './world-case.ts';

const worlds = readWorldCases();

function worldNamed(file: string): WorldCase {
  const found = worlds.find((world) => world.file === `${file}.yaml`);
  if (found === undefined) throw new Error(`no world ${file}`);
  return found;
}

function changed(world: World, ...steps: readonly Step[]): World {
  return applyChange(world, { id: 'change', steps }, admitPod).world;
}

const STRICT: Step = {
  step: 'apply',
  manifest: {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'shop' },
    spec: { mtls: { mode: 'STRICT' } },
  },
};
const PERMISSIVE: Step = { ...STRICT, manifest: { ...STRICT.manifest, spec: { mtls: { mode: 'PERMISSIVE' } } } };
const ALL_IDENTITIES: Step = {
  step: 'apply',
  manifest: {
    apiVersion: 'policy.linkerd.io/v1alpha1',
    kind: 'MeshTLSAuthentication',
    metadata: { name: 'all', namespace: 'shop' },
    spec: { identities: ['*'] },
  },
};
const TO_ALL: Step = {
  step: 'apply',
  manifest: {
    apiVersion: 'policy.linkerd.io/v1alpha1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'all', namespace: 'shop' },
    spec: {
      targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: 'payments' },
      requiredAuthenticationRefs: [{ group: 'policy.linkerd.io', kind: 'MeshTLSAuthentication', name: 'all' }],
    },
  },
};
const PLAIN_RULE: Step = {
  step: 'delete',
  target: { kind: 'networking.istio.io/DestinationRule', namespace: 'shop', name: 'payments' },
};

describe('a stage of two steps', () => {
  test('a call that breaks between two steps is told, though both together keep it', async () => {
    const { world, graph } = await openCase(worldNamed('istio-disable-rule-alone'));
    const start = { world, fates: fatesIn(world, graph.calls), index: indexCalls(world, graph.calls) };
    const cart = graph.calls.filter(({ from }) => from.kind === 'workload' && from.workload.name === 'cart');
    const trial = trySteps(start, 'strict', [STRICT, PLAIN_RULE]);
    expect(cart.map(({ id }) => trial.fates.get(id)?.verdict)).toEqual(['ok']);
    expect(trial.worse.map(({ call }) => call.id)).toEqual(cart.map(({ id }) => id));
    const turned = trySteps(start, 'strict', [PLAIN_RULE, STRICT]);
    expect(turned.worse.map(({ call }) => call.id)).toEqual(cart.map(({ id }) => id));
  });
});

describe('a verdict over pods', () => {
  const halves = worlds.filter(({ prevents }) => prevents.includes(2) || prevents.includes(3));

  test.each(halves)(
    'what breaks for some pods is partial, and what nobody knows of some is never ok: $file',
    async (world) => {
      const judged = await judgeWorld(world);
      const verdicts = judged.map(({ actual }) => (typeof actual === 'string' ? actual : actual.verdict));
      expect(verdicts).toEqual(world.calls.map(({ expect: { verdict } }) => verdict));
      expect(verdicts.some((verdict) => verdict !== 'ok')).toBe(true);
    },
  );
});

describe('what a change opens', () => {
  test('a change that opens a door lists it, and one that only shuts lists nothing', async () => {
    const { world } = await openCase(worldNamed('istio-strict-and-a-plain-client'));
    const open = changed(world, PERMISSIVE);
    expect(openingsBetween(world, open)).toContain('shop/Deployment/payments port 8080: plaintext from any pod');
    expect(openingsBetween(open, changed(open, STRICT))).toEqual([]);
  });

  test('an authorization of Linkerd that names everybody opens its port to every identity', async () => {
    const { world, graph } = await openCase(worldNamed('linkerd-meshtls-authentication'));
    const [, reports] = graph.calls.map((call) => fateOf(call, changed(world, ALL_IDENTITIES, TO_ALL)).verdict);
    expect(reports).toBe('ok');
    expect(openingsBetween(world, changed(world, ALL_IDENTITIES, TO_ALL))).toEqual([
      'shop/Deployment/payments port 8080: mutual TLS from any namespace',
    ]);
  });
});
