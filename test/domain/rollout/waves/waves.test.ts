import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallRow } from '../../../../src/domain/calls/call.ts';
import { indexCalls } from '../../../../src/domain/rollout/call-index.ts';
import { NO_CHOICES, type Choices } from '../../../../src/domain/rollout/choices.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import { chunkWaves, limitsOf } from '../../../../src/domain/rollout/waves/chunk-waves.ts';
import { shareOf } from '../../../../src/domain/rollout/waves/wave-traffic.ts';
import { formatWorkload } from '../../../../src/domain/world/workload.ts';
import { workloadsIn } from '../../../../src/domain/world/workloads-of.ts';
import { namespace, service, workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf, watched } from '../shop.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
const MANY = worldFrom([
  namespace('many'),
  ...NAMES.flatMap((name) => [workload('many', name), service('many', name)]),
]);

const anyRow: fc.Arbitrary<CallRow> = fc
  .record({
    from: fc.constantFrom(...NAMES),
    to: fc.constantFrom(...NAMES),
    count: fc.integer({ min: 1, max: 10_000 }),
  })
  .map(({ from, to, count }) => row(`${from}.many`, `${to}.many`, { count }));

const choices = (more: Partial<Choices>): { readonly choices: Choices } => ({ choices: { ...NO_CHOICES, ...more } });

function wavesOf(plan: RolloutPlan): readonly Stage[] {
  return plan.stages.filter(({ wave }) => wave !== undefined);
}

function membersOf({ scope }: Stage): readonly string[] {
  return scope.workloads.map(formatWorkload);
}

test('no wave touches more than its share of the counted calls, unless it is one workload, and none has too many', () => {
  fc.assert(
    fc.property(
      fc.array(anyRow, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 5 }),
      (rows, maxTrafficShare, maxWorkloads) => {
        const index = indexCalls(MANY, watched(MANY, rows).calls);
        const workloads = workloadsIn(MANY, 'many');
        const chunks = chunkWaves(index, workloads, limitsOf({ maxTrafficShare, maxWorkloads }));
        expect(chunks.flat()).toEqual(workloads);
        for (const chunk of chunks) {
          expect(chunk.length).toBeLessThanOrEqual(maxWorkloads);
          if (chunk.length > 1) expect(shareOf(index, chunk)).toBeLessThanOrEqual(maxTrafficShare + 1e-9);
        }
      },
    ),
  );
});

test('the plan says of a workload above the share that it goes alone, and how its first pods are looked at', () => {
  const wave = wavesOf(planOf(worldFrom(SHOP), SHOP_CALLS)).find((each) =>
    membersOf(each).includes('shop/Deployment/cart'),
  );
  expect(wave?.scope.workloads.length).toBe(1);
  const notes = wave?.notes.join('\n') ?? '';
  expect(notes).toContain('so the workload goes alone');
  expect(notes).toContain('kubectl rollout pause deployment/cart -n shop');
});

test('without any count the size of a wave is bounded by its workloads, and its page says that shares are not known', () => {
  const plan = planOf(worldFrom(SHOP), []);
  const [wave] = wavesOf(plan).filter(({ scope }) => scope.namespaces.includes('shop'));
  expect(wave?.scope.workloads.length).toBe(2);
  expect(wave?.notes.join('\n')).toContain('No calls were counted');
});

test('people put namespaces first and last, whatever hangs on them', () => {
  const order = (waves: Choices['waves']) =>
    wavesOf(planOf(worldFrom(SHOP), [], choices({ waves }))).map(({ scope }) => scope.namespaces[0]);
  expect(order({ first: ['shop'] })[0]).toBe('shop');
  expect(order({ last: ['shop'] }).at(-1)).toBe('shop');
  expect(order({ last: ['pay'] }).at(-1)).toBe('pay');
});

test('a workload that people exclude is in no wave and is listed with their reason, and its namespace gets no label', () => {
  const exclude = [{ what: 'shop/Deployment/cart', reason: 'is rewritten this quarter' }];
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, choices({ exclude }));
  expect(wavesOf(plan).flatMap(membersOf)).not.toContain('shop/Deployment/cart');
  expect(plan.leftOut).toContainEqual({
    what: 'shop/Deployment/cart',
    reason: 'left out by choice: is rewritten this quarter',
  });
  expect(stageOf(plan, 'enrol-namespace-shop').state).toBe('blocked');
});

test('a namespace that people exclude is left out with their reason', () => {
  const exclude = [{ what: 'pay', reason: 'audit until December' }];
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, choices({ exclude }));
  expect(plan.leftOut).toContainEqual({ what: 'namespace pay', reason: 'left out by choice: audit until December' });
  expect(wavesOf(plan).flatMap(({ scope }) => scope.namespaces)).not.toContain('pay');
});

test('the pilot meets each protocol that its namespace has at workloads on which little hangs, and says which it does not meet', () => {
  const world = worldFrom([
    ...SHOP,
    namespace('lab'),
    ...['web', 'rpc', 'bytes'].flatMap((name) => [workload('lab', name), service('lab', name, { name })]),
  ]);
  const rows = [
    ...SHOP_CALLS.map((each) => ({ ...each, count: 100_000 })),
    row('web.lab', 'rpc.lab', { protocol: 'grpc', count: 1 }),
    row('cart.shop', 'payments.pay', { protocol: 'tcp', count: 1 }),
  ];
  const [pilot] = wavesOf(planOf(world, rows));
  expect(pilot?.scope.namespaces).toEqual(['lab']);
  expect(pilot?.notes.join('\n')).toMatch(/The pilot meets gRPC; HTTP(, TCP)? comes in a later wave/);
});

test('an exit gate of a wave asks the world whether its pods are in the mesh and ready', () => {
  const [wave] = wavesOf(planOf(worldFrom(SHOP), SHOP_CALLS));
  expect(wave?.exitGate.map(({ state }) => state?.check)).toEqual(expect.arrayContaining(['enrolled', 'available']));
});

test('an earlier plan keeps its waves by name and in order, and who cannot stay is named with the reason', () => {
  const world = worldFrom(SHOP);
  const large = choices({ waves: { maxTrafficShare: 1 } });
  const previous = planOf(world, SHOP_CALLS, large);
  const again = planOf(world, SHOP_CALLS, { ...large, previous });
  expect(wavesOf(again).map(({ id }) => id)).toEqual(wavesOf(previous).map(({ id }) => id));
  expect(again.warnings.filter((warning) => warning.startsWith('wave '))).toEqual([]);
  const smaller = planOf(world, SHOP_CALLS, { ...choices({ waves: { maxWorkloads: 1 } }), previous });
  expect(wavesOf(smaller).map(({ id }) => id)).toEqual(expect.arrayContaining(wavesOf(previous).map(({ id }) => id)));
  expect(smaller.warnings.join('\n')).toMatch(
    /wave enrol-shop-\w+: shop\/Deployment\/\w+ moves: the wave is larger than a wave may be/,
  );
});

test('a wave keeps its name when one of its members is gone, and the rest of the plan its order', () => {
  const large = choices({ waves: { maxTrafficShare: 1 } });
  const previous = planOf(worldFrom(SHOP), SHOP_CALLS, large);
  const gone = SHOP.filter(({ metadata }) => (metadata as { name: string }).name !== 'front');
  const again = planOf(worldFrom(gone), SHOP_CALLS.slice(1, 2), { ...large, previous });
  expect(wavesOf(again).map(({ id }) => id)).toEqual(wavesOf(previous).map(({ id }) => id));
  expect(again.warnings).toContainEqual(
    expect.stringContaining('shop/Deployment/front moves: it is not there any more'),
  );
});

test('a wave says what sidecars change beside encryption, and names the calls that must not happen twice', () => {
  const rows = [...SHOP_CALLS, row('cart.shop', 'payments.pay', { method: 'POST', path: '/pay' })];
  const notes = wavesOf(planOf(worldFrom(SHOP), rows)).find((each) =>
    membersOf(each).includes('shop/Deployment/cart'),
  )?.notes;
  expect(notes?.join('\n')).toContain('POST /pay to pay/Service/payments:80');
  expect(notes?.join('\n')).toContain('by its Host header');
});
