import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { at } from '../../../../src/lib/json.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import type { RolloutPlan } from '../../../../src/domain/rollout/plan.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { namespace, service, workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';

const DB = { kind: 'Service', namespace: 'data', name: 'db' } as const;

interface Database {
  readonly image?: string;
  readonly port?: JsonObject;
  readonly spec?: JsonObject;
  readonly metadata?: JsonObject;
  readonly more?: readonly JsonObject[];
  readonly protocol?: string;
}

/** The shop with a server at port 3999 in a namespace of its own, called by the cart. */
function withDatabase({
  image = 'mysql:8',
  port = {},
  spec = {},
  metadata = {},
  more = [],
  protocol = 'tcp',
}: Database): {
  readonly world: World;
  readonly plan: RolloutPlan;
} {
  const db = workload('data', 'db', { port: 3999, kind: 'StatefulSet', container: { image } });
  const before = service('data', 'db', { name: 'db', port: 3999, targetPort: 3999, ...port });
  const called = {
    ...before,
    metadata: { name: 'db', namespace: 'data', ...metadata },
    spec: { ...(before['spec'] as JsonObject), ...spec },
  };
  const world = worldFrom([...SHOP, namespace('data'), db, called, ...more]);
  return { world, plan: planOf(world, [...SHOP_CALLS, row('cart.shop', 'db.data', { port: 3999, protocol })]) };
}

function portsAfter(world: World, plan: RolloutPlan, part: 'steps' | 'rollback'): unknown {
  const { steps, rollback } = stageOf(plan, 'declare-ports-data');
  const after = applyChange(world, { id: 'declare', steps }, admitPod).world;
  if (part === 'steps') return at(after.get(DB)?.spec, 'ports');
  return at(applyChange(after, { id: 'undo', steps: rollback.steps }, admitPod).world.get(DB)?.spec, 'ports');
}

function declares(plan: RolloutPlan): readonly string[] {
  return plan.stages.filter(({ id }) => id.startsWith('declare-ports')).map(({ id, state }) => `${id}: ${state}`);
}

test('a port behind which an image is known to speak first is declared before the waves, and holds up none of them', () => {
  const { world, plan } = withDatabase({});
  expect(stageOf(plan, 'declare-ports-data').state).toBe('ready');
  expect(portsAfter(world, plan, 'steps')).toEqual([
    { name: 'db', port: 3999, protocol: 'TCP', targetPort: 3999, appProtocol: 'tcp' },
  ]);
  expect(plan.stages.filter(({ state }) => state === 'blocked').map(({ id }) => id)).toEqual([]);
  const [first] = plan.stages.filter(({ wave }) => wave === 1);
  expect(first?.dependsOn).toContain('declare-ports-data');
});

test('the rollback of a declaration leaves the Service as it was, without the field', () => {
  const { world, plan } = withDatabase({});
  expect(portsAfter(world, plan, 'rollback')).toEqual([{ name: 'db', port: 3999, protocol: 'TCP', targetPort: 3999 }]);
});

test('the exit gate of a declaration reads the Service back, because its owner may take the patch away', () => {
  const { exitGate } = stageOf(withDatabase({}).plan, 'declare-ports-data');
  expect(exitGate.map(({ state }) => state)).toContainEqual({
    check: 'holds',
    object: { kind: 'Service', namespace: 'data', name: 'db' },
    fields: { spec: { ports: [{ port: 3999, protocol: 'TCP', appProtocol: 'tcp' }] } },
  });
});

test('a call whose evidence names a server-first protocol is enough, whatever the image is called', () => {
  expect(declares(withDatabase({ image: 'example.com/db:1', protocol: 'mysql' }).plan)).toEqual([
    'declare-ports-data: ready',
  ]);
});

test('nothing is declared where neither evidence nor a name says who speaks first', () => {
  expect(declares(withDatabase({ image: 'example.com/db:1' }).plan)).toEqual([]);
});

test('a port that is called with HTTP is a question with its patch, and is not changed', () => {
  const { plan } = withDatabase({ protocol: 'http' });
  expect(declares(plan)).toEqual([]);
  const question = stageOf(plan, 'preflight').notes.find((note) => note.startsWith('Question:'));
  expect(question).toContain('data/db speak at port 3999');
  expect(question).toContain('"appProtocol":"tcp"');
});

test('a port whose number alone is known for a server-first protocol is a question, unless its calls are raw TCP', () => {
  const numbered = (protocol: string | undefined) => {
    const db = workload('data', 'db', { port: 2525, kind: 'StatefulSet' });
    const world = worldFrom([
      ...SHOP,
      namespace('data'),
      db,
      service('data', 'db', { name: 'db', port: 2525, targetPort: 2525 }),
    ]);
    const call = row('cart.shop', 'db.data', { port: 2525 });
    const { protocol: _http, ...unsaid } = call;
    return planOf(world, [...SHOP_CALLS, protocol === undefined ? unsaid : { ...call, protocol }]);
  };
  expect(declares(numbered(undefined))).toEqual([]);
  expect(stageOf(numbered(undefined), 'preflight').notes.join('\n')).toContain(
    'Question: what does Service data/db speak',
  );
  expect(declares(numbered('tcp'))).toEqual(['declare-ports-data: ready']);
});

test('HTTP behind a port that is declared TCP is a question only: declaring HTTP where bytes are spoken would break', () => {
  const cart = service('shop', 'cart', { name: 'tcp-web' });
  const world = worldFrom([
    ...SHOP.filter((object) => at(object, 'metadata', 'name') !== 'cart' || object['kind'] !== 'Service'),
    cart,
  ]);
  const plan = planOf(world, SHOP_CALLS);
  expect(declares(plan)).toEqual([]);
  expect(stageOf(plan, 'preflight').notes.join('\n')).toContain('so proxies see bytes only');
});

describe('the Service of a load balancer', () => {
  const spec = { type: 'LoadBalancer' };

  test('gets a prefix of the name and never appProtocol, which clouds read as the kind of their probe', () => {
    const { world, plan } = withDatabase({ spec });
    expect(portsAfter(world, plan, 'steps')).toEqual([
      { name: 'tcp-db', port: 3999, protocol: 'TCP', targetPort: 3999 },
    ]);
  });

  test('is blocked where somebody refers to the name of its port, and says who', () => {
    const monitor = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: 'db', namespace: 'data' },
      spec: { selector: { matchLabels: { app: 'db' } }, endpoints: [{ port: 'db' }] },
    };
    const { plan } = withDatabase({ spec, more: [monitor] });
    expect(declares(plan)).toEqual(['declare-ports-data-held: blocked']);
    expect(stageOf(plan, 'declare-ports-data-held').blockedBy[0]?.what).toContain('ServiceMonitor data/db');
  });

  test('gets appProtocol where an annotation tells the cloud to probe by TCP', () => {
    const metadata = { annotations: { 'service.beta.kubernetes.io/port_3999_health-probe_protocol': 'tcp' } };
    const { world, plan } = withDatabase({ spec, metadata });
    expect(portsAfter(world, plan, 'steps')).toMatchObject([{ appProtocol: 'tcp' }]);
  });
});
