import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call, EvidenceKind } from '../../src/domain/calls/call.ts';
import { callCoverage, coverageShare } from '../../src/domain/calls/coverage.ts';
import { dataPlaneOf } from '../../src/domain/mesh/registry.ts';
import type { RolloutPlan } from '../../src/domain/rollout/plan.ts';
import { known } from '../../src/domain/world/fact.ts';
import { serverPortsOf } from '../../src/domain/world/server-ports.ts';
import { cohortsOf, formatWorkload } from '../../src/domain/world/workload.ts';
import { workloadsOf } from '../../src/domain/world/workloads-of.ts';
import type { World } from '../../src/domain/world/world.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { planOf as planOfShop, row, SHOP, SHOP_CALLS, stageOf, watched } from '../domain/rollout/shop.ts';
import { namespace, workload, worldFrom } from '../support/build-world.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { richCalls } from './rich-calls.ts';
import { rarely } from './rich-draft.ts';
import { planOf, rolloutWorld, stagesThrough, WINDOW } from './rich-plan.ts';
import { richObjects, type RichWorld } from './rich-world.ts';
import { runs } from './runs.ts';

const KNOWN = ['observed', 'observed', 'observed', 'observed', 'observed', 'declared', 'none'] as const;

interface Guessed {
  readonly facts: RichWorld;
  /** Calls that were watched or declared. */
  readonly known: readonly Call[];
  /** The same and guesses: new calls, and guesses that say again what is known. */
  readonly more: readonly Call[];
}

/** Worlds in which some calls by Service are known, and some of all calls, those known too, are guessed. */
const guessed: fc.Arbitrary<Guessed> = rolloutWorld.chain((facts) => {
  // An unknown caller that somebody declared would hold back every plan.
  const calls = richCalls(facts).filter(({ from }) => from.kind === 'workload' || from.who === 'kubelet');
  const size = { minLength: calls.length, maxLength: calls.length };
  return fc.tuple(fc.array(fc.constantFrom(...KNOWN), size), fc.array(rarely(6), size)).map(([kinds, guesses]) => {
    const kindsOf = (call: Call, at: number): readonly EvidenceKind[] => {
      const kind = kinds[at] ?? 'none';
      return kind === 'none' || (call.from.kind === 'workload' && call.to.kind === 'pod-port') ? [] : [kind];
    };
    return {
      facts,
      known: calls.flatMap((call, at) => withEvidence(call, kindsOf(call, at))),
      more: calls.flatMap((call, at) =>
        withEvidence(call, [...kindsOf(call, at), ...(guesses[at] === true ? (['inferred'] as const) : [])]),
      ),
    };
  });
});

function withEvidence(call: Call, kinds: readonly EvidenceKind[]): readonly Call[] {
  if (kinds.length === 0) return [];
  return [{ ...call, evidence: kinds.map((kind) => ({ kind, source: WINDOW.source, detail: 'generated' })) }];
}

const STRANGER = 'spiffe://cluster.local/ns/meshwise-stranger/sa/stranger';

/** The ports at which every cohort takes mutual TLS only, and those at which it denies who is named nowhere. */
function closedIn(world: World): readonly string[] {
  return workloadsOf(world).flatMap((workload) =>
    serverPortsOf(workload, world).flatMap((port) => {
      const answers = cohortsOf(workload).map((cohort) => {
        const { mesh } = dataPlaneOf(workload, cohort, world);
        if (mesh === undefined) return [];
        const server = { workload, cohort, port };
        const arrival = { sender: 'workload', wire: 'mtls', payload: 'unknown', serverFirst: known(false) } as const;
        const question = { server, arrival, handledAs: 'unknown', identity: known(STRANGER), request: {} } as const;
        return [
          ...(mesh.portMode(server, world).mode === 'strict' ? ['strict'] : []),
          ...(mesh.authorize(question, world).decision === 'deny' ? ['denies'] : []),
        ];
      });
      const name = `${formatWorkload(workload)} port ${String(port)}`;
      return ['strict', 'denies']
        .filter((word) => answers.every((each) => each.includes(word)))
        .map((word) => `${name} ${word}`);
    }),
  );
}

/** What is closed once every stage that may be applied was applied. */
function closedBy(start: World, plan: RolloutPlan): readonly string[] {
  return closedIn(stagesThrough(plan, start).at(-1)?.after ?? start);
}

const PAYMENTS = ['pay/Deployment/payments port 8080 strict', 'pay/Deployment/payments port 8080 denies'];
const LEGACY = [namespace('legacy', { 'istio-injection': 'disabled' }), workload('legacy', 'old')];

/** What keeps the payments' port from turning STRICT with the namespace. */
const OPEN_PORT: JsonObject = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'open', namespace: 'pay' },
  spec: { selector: { matchLabels: { app: 'payments' } }, portLevelMtls: { '8080': { mode: 'PERMISSIVE' } } },
};

interface Guessing {
  readonly closed: readonly string[];
  readonly plan: RolloutPlan;
}

/** A plan for the shop, in which a guess is all that tells who calls the payments; without one nothing does. */
function guessing(client?: string, more: readonly JsonObject[] = []): Guessing {
  const world = worldFrom([...SHOP, ...LEGACY, ...more]);
  const rows = SHOP_CALLS.filter(({ service }) => service !== 'payments');
  const graph = watched(world, rows);
  const guess = watched(world, client === undefined ? [] : [row(client, 'payments.pay')]).calls.map((call) => ({
    ...call,
    evidence: call.evidence.map((each) => ({ ...each, kind: 'inferred' as const })),
  }));
  const plan = planOfShop(world, rows, { graph: { ...graph, calls: [...graph.calls, ...guess.filter(isGuess)] } });
  return { plan, closed: closedBy(world, plan) };
}

const PAY_STAGES = ['strict-pay', 'allow-pay', 'deny-pay'];

function statesOfPay(plan: RolloutPlan): readonly string[] {
  return PAY_STAGES.map((id) => `${id}: ${stageOf(plan, id).state}`);
}

function isGuess({ to }: Call): boolean {
  return to.kind === 'service-port' && to.service === 'payments';
}

describe('a call that is only inferred', () => {
  test('never counts as coverage of a port', () => {
    fc.assert(
      fc.property(guessed, ({ facts, known: calls, more }) => {
        const world = completeWorld(richObjects(facts));
        const [before, after] = [calls, more].map((each) =>
          callCoverage(world, { calls: each, windows: [WINDOW], unresolved: [] }),
        );
        if (before === undefined || after === undefined) throw new Error('two graphs were asked about');
        expect(coverageShare(after)).toBeLessThanOrEqual(coverageShare(before));
        expect(after.counts.observedPorts).toBe(before.counts.observedPorts);
        expect(after.counts.observedWorkloads).toBeLessThanOrEqual(before.counts.observedWorkloads);
        const seen = before.ports.filter(({ observed }) => observed).map(({ workload, port }) => [workload, port]);
        const seenAfter = after.ports.filter(({ observed }) => observed).map(({ workload, port }) => [workload, port]);
        expect(seenAfter).toEqual(seen);
        const seenUnmeshed = after.ports.filter((port) => port.observedUnmeshed).length;
        expect(seenUnmeshed).toBe(before.ports.filter((port) => port.observedUnmeshed).length);
      }),
      runs(30),
    );
  }, 600_000);

  test.each(['observed', 'declared'] as const)(
    'never lets a plan that asks for %s evidence close a port that it would leave open',
    (accepted) => {
      fc.assert(
        fc.property(guessed, ({ facts, known: calls, more }) => {
          const start = completeWorld(richObjects(facts));
          const [without, withGuesses] = [calls, more].map((of) => closedBy(start, planOf(start, of, accepted)));
          expect(withGuesses?.filter((port) => without?.includes(port) !== true)).toEqual([]);
        }),
        runs(3),
      );
    },
    600_000,
  );

  test('closes nothing at a port of which nobody knows more, where an observed one does', () => {
    const world = worldFrom([...SHOP, ...LEGACY]);
    expect(closedBy(world, planOfShop(world, SHOP_CALLS))).toEqual(expect.arrayContaining(PAYMENTS));
    for (const client of [undefined, 'cart.shop', 'old.legacy']) {
      const { closed } = guessing(client);
      expect(closed.filter((port) => PAYMENTS.includes(port))).toEqual([]);
      expect(closed).toContain('shop/Deployment/cart port 8080 denies');
    }
  });

  test('leaves STRICT an outline that asks for evidence, where it would pass', () => {
    const [without, withGuess] = [guessing(), guessing('cart.shop')].map(({ plan }) => stageOf(plan, 'strict-pay'));
    expect(without?.state).toBe('outline');
    expect(withGuess?.state).toBe('outline');
    expect(withGuess?.blockedBy.map(({ what }) => what).join()).toContain('evidence of its callers is inferred');
  });

  test('from outside of the mesh excepts a port and turns no outline into a stage to be applied', () => {
    const [without, withGuess] = [guessing(), guessing('old.legacy')].map(({ plan }) => plan);
    for (const plan of [without, withGuess]) {
      if (plan === undefined) throw new Error('two plans were asked for');
      expect(statesOfPay(plan)).toEqual(PAY_STAGES.map((id) => `${id}: outline`));
    }
    const seen = planOfShop(worldFrom([...SHOP, ...LEGACY]), [...SHOP_CALLS, row('old.legacy', 'payments.pay')]);
    expect(statesOfPay(seen)).toEqual(PAY_STAGES.map((id) => `${id}: ready`));
  });

  test('turns no outline of deny into a stage to be applied where the port was open before', () => {
    for (const client of [undefined, 'old.legacy']) {
      const { plan } = guessing(client, [OPEN_PORT]);
      expect([client, stageOf(plan, 'strict-pay').state]).toEqual([client, 'ready']);
      expect([client, stageOf(plan, 'deny-pay').state]).toEqual([client, 'outline']);
    }
  });
});
