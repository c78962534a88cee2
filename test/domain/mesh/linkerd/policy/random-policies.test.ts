import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { Kind } from '../../../../../src/domain/kubernetes/object.ts';
import { at } from '../../../../../src/lib/json.ts';
import { run } from '../../../../cases-runner/linkerd/authz.ts';
import { callIn } from './scene.ts';
import { naively } from './naive.ts';
import { randomCalls } from './random-policies.ts';

const KINDS: readonly Kind[] = [
  KIND.linkerdServer,
  KIND.linkerdAuthorizationPolicy,
  KIND.serverAuthorization,
  KIND.meshTlsAuthentication,
  KIND.networkAuthentication,
  KIND.linkerdHttpRoute,
  KIND.httpRoute,
];

/** By the names that random objects have; nothing at all where nothing of what there is was lost. */
const LOST = fc.option(fc.subarray(['web', 'web-2', 'a', 'b', 'p', 'q', 'r', 's', 't', 'root', 'other']), {
  nil: undefined,
});

describe('random policies of Linkerd', () => {
  test('come out as a second evaluation has them', () => {
    fc.assert(
      fc.property(randomCalls, (call) => {
        const answer = run(call);
        const expected = naively(call);
        expect({ allowed: at(answer, 'allowed'), http: at(answer, 'http') }).toEqual(
          expected === 'allow' ? { allowed: true, http: 200 } : { allowed: false, http: expected },
        );
      }),
      { numRuns: 400 },
    );
  });

  test('do not depend on the order in which they are read', () => {
    fc.assert(
      fc.property(randomCalls, fc.nat(), (call, seed) => {
        const resources = [...call.resources];
        const shuffled = resources.map((_, index) => resources[(index + seed) % resources.length]).reverse();
        expect(at(run({ ...call, resources: shuffled }), 'allowed')).toEqual(at(run(call), 'allowed'));
      }),
      { numRuns: 100 },
    );
  });

  test('never let a call in because a kind was not read, and never turn a mode strict', () => {
    fc.assert(
      fc.property(randomCalls, fc.constantFrom(...KINDS), LOST, (call, kind, lost) => {
        const whole = callIn(call);
        const less = callIn(call, lost === undefined ? { kind } : { kind, lost });
        expect([whole.decision, 'unknown']).toContain(less.decision);
        expect([whole.mode, 'unknown']).toContain(less.mode);
      }),
      { numRuns: 300 },
    );
  });
});
