import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/domain/calls/call.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { formatRef, kindOf, refOf } from '../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import type { Fate } from '../../src/domain/simulate/verdict.ts';
import type { World } from '../../src/domain/world/world.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { calmWorld } from './calm-world.ts';
import { richCalls } from './rich-calls.ts';
import { richObjects, richWorld } from './rich-world.ts';
import { runs } from './runs.ts';
import { shutWorld } from './shut-world.ts';
import { surerAnswers, type Asked, questionsIn } from './server-answers.ts';

interface Known {
  readonly fates: readonly { readonly call: Call; readonly fate: Fate }[];
  readonly asked: readonly Asked[];
}

function known(world: World, calls: readonly Call[]): Known {
  return { fates: calls.map((call) => ({ call, fate: fateOf(call, world) })), asked: questionsIn(world) };
}

/** What looks better, or is answered otherwise than before or by unknown, in a world of which less is known. */
function violations({ fates, asked }: Known, less: World): readonly string[] {
  const better = fates.flatMap(({ call, fate }) => {
    const after = fateOf(call, less);
    const isBetter =
      (after.verdict === 'ok' && fate.verdict !== 'ok') ||
      (after.verdict === 'degraded' && fate.verdict !== 'ok' && fate.verdict !== 'degraded');
    return isBetter ? [`${call.id}: ${fate.verdict} (${fate.why}) becomes ${after.verdict} (${after.why})`] : [];
  });
  return [...better, ...surerAnswers(asked, less)];
}

/** Kinds of which one object alone stops calls in the worlds that are drawn. */
const DECIDING = [
  'networking.istio.io/Sidecar',
  'networking.k8s.io/NetworkPolicy',
  'policy.linkerd.io/Server',
  'security.istio.io/AuthorizationPolicy',
  'security.istio.io/PeerAuthentication',
];

describe('the information law over all meshes', () => {
  test('nothing turns to ok, and no server answers surer, where a whole kind of its objects may not be read', () => {
    fc.assert(
      fc.property(fc.oneof(richWorld, shutWorld), (facts) => {
        const objects = richObjects(facts);
        const before = known(completeWorld(objects), richCalls(facts));
        for (const kind of new Set(objects.map(kindOf))) {
          const rest = objects.filter((one) => kindOf(one) !== kind);
          const less = completeWorld(rest, [{ kind, state: 'forbidden', objects: 0 }]);
          expect(violations(before, less), `without ${kind}`).toEqual([]);
        }
      }),
      runs(8),
    );
  }, 600_000);

  test('nothing turns to ok, and no server answers surer, where a kind that has no object may not be read', () => {
    fc.assert(
      fc.property(fc.oneof(richWorld, shutWorld), (facts) => {
        const objects = richObjects(facts);
        const before = known(completeWorld(objects), richCalls(facts));
        const present = new Set(objects.map(kindOf));
        for (const kind of Object.values(KIND).filter((one) => !present.has(one))) {
          const less = completeWorld(objects, [{ kind, state: 'forbidden', objects: 0 }]);
          expect(violations(before, less), `without ${kind}`).toEqual([]);
        }
      }),
      runs(1),
    );
  }, 600_000);

  test('nothing turns to ok, and no server answers surer, where any one object may not be read', () => {
    fc.assert(
      fc.property(fc.oneof(richWorld, shutWorld), (facts) => {
        const objects = richObjects(facts);
        const before = known(completeWorld(objects), richCalls(facts));
        for (const left of objects) {
          const rest = objects.filter((one) => one !== left);
          const less = completeWorld(rest, [{ kind: kindOf(left), state: 'forbidden', objects: 0 }]);
          expect(violations(before, less), `without ${formatRef(refOf(left))}`).toEqual([]);
        }
      }),
      runs(6),
    );
  }, 600_000);

  test('nothing turns to ok, and no server answers surer, where the only policy that stops something may not be read', () => {
    const deciding = new Set<string>();
    fc.assert(
      fc.property(calmWorld, (facts) => {
        const [objects, calls] = [richObjects(facts), richCalls(facts)];
        const before = known(completeWorld(objects), calls);
        for (const kind of new Set(facts.policies.map(kindOf))) {
          const rest = objects.filter((one) => kindOf(one) !== kind);
          const without = completeWorld(rest);
          if (before.fates.some(({ call, fate }) => fate.verdict !== 'ok' && fateOf(call, without).verdict === 'ok'))
            deciding.add(kind);
          const less = completeWorld(rest, [{ kind, state: 'forbidden', objects: 0 }]);
          expect(violations(before, less), `without ${kind}`).toEqual([]);
        }
      }),
      runs(50),
    );
    expect([...deciding]).toEqual(expect.arrayContaining(DECIDING));
  }, 600_000);

  test('the worlds hold every verdict, every wire and every authorization', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(richWorld, (facts) => {
        const world = completeWorld(richObjects(facts));
        for (const call of richCalls(facts)) {
          const { verdict, wire, authorization, identity } = fateOf(call, world);
          for (const word of [verdict, `wire ${wire}`, `authorization ${authorization}`]) seen.add(word);
          if (identity.includes('linkerd')) seen.add('linkerd identity');
        }
      }),
      { ...runs(40), seed: 1 },
    );
    expect([...seen].sort()).toEqual(
      [
        ...['breaks', 'ok', 'partial', 'unknown', 'linkerd identity'],
        ...['allow', 'deny', 'unknown'].map((word) => `authorization ${word}`),
        ...['hbone', 'mtls', 'plaintext', 'tls', 'unknown'].map((word) => `wire ${word}`),
      ].sort(),
    );
  }, 600_000);
});
