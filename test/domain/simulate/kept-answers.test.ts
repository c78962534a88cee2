import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { completeWorld } from '../../cases-runner/case-world.ts';
import { ambientFacts, ambientObjects } from '../../laws/ambient-world.ts';
import { callsOf } from '../../laws/generated-world.ts';
import { richCalls } from '../../laws/rich-calls.ts';
import { richObjects, richWorld } from '../../laws/rich-world.ts';
import { runs } from '../../laws/runs.ts';

const WEBHOOK = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';

const STRICT: Step = {
  step: 'apply',
  manifest: {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'istio-system' },
    spec: { mtls: { mode: 'STRICT' } },
  },
};

function after(world: World, steps: readonly Step[]): World {
  return applyChange(world, { id: 'changed', steps }, admitPod).world;
}

function strict(world: World): World {
  return after(world, [STRICT]);
}

function annotated(annotations: Readonly<Record<string, string>>): Step {
  const target = { kind: 'Namespace', name: 'red' };
  return { step: 'patch', target, patch: { metadata: { annotations } }, why: 'drawn' };
}

/** What Linkerd's proxies, its injector and its policies rest on. */
const OF_LINKERD: readonly Step[] = [
  annotated({ 'linkerd.io/inject': 'disabled' }),
  annotated({ 'linkerd.io/inject': 'enabled' }),
  annotated({ 'config.linkerd.io/default-inbound-policy': 'deny' }),
  annotated({ 'config.linkerd.io/skip-inbound-ports': '8080' }),
  { step: 'delete', target: { kind: 'ConfigMap', namespace: 'linkerd', name: 'linkerd-config' } },
  { step: 'delete', target: { kind: 'apps/Deployment', namespace: 'linkerd', name: 'linkerd-proxy-injector' } },
  { step: 'delete', target: { kind: WEBHOOK, name: 'linkerd-proxy-injector-webhook-config' } },
  {
    step: 'apply',
    manifest: {
      apiVersion: 'policy.linkerd.io/v1beta3',
      kind: 'Server',
      metadata: { name: 'all', namespace: 'red' },
      spec: { podSelector: {}, port: 8080, proxyProtocol: 'opaque', accessPolicy: 'deny' },
    },
  },
];

/** The calls in an order that the numbers give, some of them more than once. */
function shuffled(calls: readonly Call[], order: readonly number[]): readonly Call[] {
  return order.flatMap((number) => calls[number % calls.length] ?? []);
}

const orders = fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 });

describe('answers that are kept', () => {
  test('are those of a world that was never asked before, in whatever order calls are asked about', () => {
    fc.assert(
      fc.property(richWorld, orders, (facts, order) => {
        const world = completeWorld(richObjects(facts));
        for (const call of shuffled(richCalls(facts), order)) {
          expect(fateOf(call, world), call.id).toEqual(fateOf(call, completeWorld(richObjects(facts))));
        }
      }),
      runs(25),
    );
  }, 240_000);

  test('are those of an unasked world behind ztunnel and waypoints too', () => {
    fc.assert(
      fc.property(ambientFacts, orders, (facts, order) => {
        const world = completeWorld(ambientObjects(facts));
        for (const call of shuffled(callsOf(facts.base), order)) {
          expect(fateOf(call, world), call.id).toEqual(fateOf(call, completeWorld(ambientObjects(facts))));
        }
      }),
      runs(15),
    );
  }, 240_000);

  test('do not outlive a change, though both worlds share most objects', () => {
    fc.assert(
      fc.property(richWorld, orders, (facts, order) => {
        const base = completeWorld(richObjects(facts));
        const calls = shuffled(richCalls(facts), order);
        for (const call of calls) fateOf(call, base);
        const changed = strict(base);
        for (const call of calls) {
          expect(fateOf(call, changed), call.id).toEqual(fateOf(call, strict(completeWorld(richObjects(facts)))));
        }
      }),
      runs(15),
    );
  }, 240_000);

  test('do not outlive changes of what Linkerd rests on, one after the other', () => {
    const changes = fc.shuffledSubarray([...OF_LINKERD], { minLength: 1, maxLength: 4 });
    let changed = 0;
    fc.assert(
      fc.property(richWorld, orders, changes, (facts, order, steps) => {
        let world = completeWorld(richObjects(facts));
        const calls = shuffled(richCalls(facts), order);
        for (const [place, step] of steps.entries()) {
          const before = calls.map((call) => fateOf(call, world));
          world = after(world, [step]);
          const unasked = after(completeWorld(richObjects(facts)), steps.slice(0, place + 1));
          for (const [index, call] of calls.entries()) {
            const fate = fateOf(call, world);
            expect(fate, call.id).toEqual(fateOf(call, unasked));
            if (fate.verdict !== before[index]?.verdict) changed += 1;
          }
        }
      }),
      runs(20),
    );
    expect(changed).toBeGreaterThan(0);
  }, 240_000);
});
