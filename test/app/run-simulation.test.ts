import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedWorld } from '../../src/app/open-world.ts';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { coverageShare } from '../../src/domain/calls/coverage.ts';
import { openFiles } from '../support/open-files.ts';

const STRICT = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop-parcel }
spec: { mtls: { mode: STRICT } }
`;

let folder: string;
let demo: OpenedWorld;
let strict: OpenedWorld;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'meshwise-simulation-'));
  const overlay = path.join(folder, 'strict.yaml');
  writeFileSync(overlay, STRICT);
  demo = await openFiles({ demo: true });
  strict = await openFiles({ demo: true, overlay: [overlay] });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the world as it is', () => {
  test('tells which calls go in plaintext and which STRICT would break', () => {
    const { answer, plaintext, underStrict, transitions } = runSimulation(demo, []);
    expect(answer.is).toBe('yes');
    expect(plaintext?.length).toBeGreaterThan(0);
    expect(plaintext?.every(({ fates: [fate] }) => fate?.wire === 'plaintext' || fate?.wires !== undefined)).toBe(true);
    expect(underStrict?.calls.map(({ changes }) => changes)).toContainEqual(['broken']);
    expect(transitions).toEqual([]);
  });

  test('says why STRICT cannot be asked for where there is no mesh', async () => {
    const file = path.join(folder, 'service.yaml');
    writeFileSync(
      file,
      'apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: a }\nspec: { ports: [{ port: 80 }] }\n',
    );
    const { underStrict } = runSimulation(await openFiles({ filename: [file] }), []);
    expect(underStrict).toMatchObject({ calls: [], reason: expect.stringContaining('not one mesh') as string });
  });
});

describe('overlays', () => {
  test('show only calls whose fate changes, and count the rest', () => {
    const { calls, transitions, answer, followed } = runSimulation(strict, []);
    expect(answer.is).toBe('no');
    expect(calls.every(({ changes }) => changes[0] !== 'kept')).toBe(true);
    const [only] = transitions;
    expect(only?.counts.broken).toBe(calls.length);
    expect(only?.kept).toBe(followed - calls.length);
    expect(calls.map(({ servers }) => servers.length)).not.toContain(0);
  });

  test('put what is only probable after what is known', () => {
    const probable = runSimulation(strict, []).calls.map((call) => call.probable);
    expect(probable).toEqual([...probable].sort());
    expect(probable).toContain(true);
  });
});

describe('evidence', () => {
  test('leaves weaker calls out, and says how many', () => {
    const all = runSimulation(strict, []);
    const declared = runSimulation(strict, [], { evidence: 'declared' });
    const observed = runSimulation(strict, [], { evidence: 'observed' });
    expect(declared.calls.some(({ probable }) => probable)).toBe(false);
    expect(declared.followed + declared.evidence.leftOut).toBe(all.followed);
    expect(observed.evidence.leftOut).toBeGreaterThan(declared.evidence.leftOut);
  });

  test('of a name in configuration is enough for a no, and the answer says that it is only probable', () => {
    const graph = {
      ...strict.graph,
      calls: strict.graph.calls.filter(({ evidence }) => evidence.every(({ kind }) => kind === 'inferred')),
    };
    const inferred = runSimulation({ ...strict, graph }, []);
    expect(inferred.answer.is).toBe('no');
    expect(inferred.answer.because.join()).toContain('only probable');
    const nothing = runSimulation({ ...strict, graph }, [], { evidence: 'declared' }).answer;
    expect(nothing.is).toBe('not-enough-evidence');
    expect(nothing.because[0]).toBe('no call is known');
  });
});

describe('coverage', () => {
  test('below what was asked for is not enough, and a call that breaks outweighs it', () => {
    expect(runSimulation(demo, [], { minCoverage: 100 }).answer.is).toBe('not-enough-evidence');
    expect(runSimulation(demo, [], { minCoverage: 1 }).answer.is).toBe('yes');
    expect(runSimulation(strict, [], { minCoverage: 100 }).answer.is).toBe('no');
  });

  test('is of the servers in the namespaces that were asked for', () => {
    const { callCoverage } = runSimulation(demo, [], { namespaces: ['shop-parcel'] });
    expect(callCoverage.ports.every(({ workload }) => workload.namespace === 'shop-parcel')).toBe(true);
    expect(callCoverage.counts.ports).toBe(callCoverage.ports.length);
    expect(coverageShare(callCoverage)).toBeLessThan(1);
  });
});

describe('namespaces', () => {
  test('limit the answer to calls with an end in them, from wherever they come', () => {
    const { calls, counts, followed } = runSimulation(strict, [], { namespaces: ['shop-web'] });
    expect(calls.length).toBeGreaterThan(0);
    for (const { call } of calls) expect(JSON.stringify([call.from, call.to])).toContain('"shop-web"');
    expect(counts[0]?.ok).toBe(followed);
  });

  test('must be there', () => {
    expect(() => runSimulation(demo, [], { namespaces: ['shup'] })).toThrow(/nothing was read of the namespace shup/);
  });
});

describe('assumptions', () => {
  test('are laid over the world one after the other, in the order given', () => {
    const assumptions = [{ what: 'enrol-all', namespace: 'shop-core' }, { what: 'strict' }] as const;
    const { worlds, assumptions: made, transitions } = runSimulation(demo, [], { assumptions });
    expect(worlds.map(({ id }) => id)).toEqual(['now', 'assume-enrol-all=shop-core', 'assume-strict']);
    expect(made.map(({ world }) => world)).toEqual(['assume-enrol-all=shop-core', 'assume-strict']);
    expect(transitions).toHaveLength(2);
  });
});

describe('one call', () => {
  test.each([
    [
      'shop-parcel/shipping:shop-parcel/rate-card:8080',
      'shop-parcel/Deployment/shipping->shop-parcel/Service/rate-card:8080',
    ],
    ['shipping:rate-card:8080', 'shop-parcel/Deployment/shipping->shop-parcel/Service/rate-card:8080'],
    ['shipping:deploy/rate-card:8080', 'shop-parcel/Deployment/shipping->shop-parcel/Deployment/rate-card:8080'],
    ['kubelet:shop-core/cart:8080', 'kubelet->shop-core/Service/cart:8080#probe'],
    ['internet:storefront:80', 'internet->shop-web/Service/storefront:80'],
    ['shipping:api.example.com:443', 'shop-parcel/Deployment/shipping->external/api.example.com:443'],
  ])('%s is understood', (text, id) => {
    const { calls, trace, worlds } = runSimulation(strict, [], { call: { text } });
    expect(calls.map(({ call }) => call.id)).toEqual([id]);
    expect(trace?.map(({ world }) => world)).toEqual(worlds.map((world) => world.id));
  });

  test('takes what is known of such calls with it, and the request that was typed', () => {
    const text = 'shop-parcel/shipping:shop-parcel/rate-card:8080';
    const [call] = runSimulation(demo, [], { call: { text, method: 'get', path: '/rates' } }).calls;
    expect(call?.call.request).toEqual({ method: 'GET', path: '/rates' });
    expect(call?.call.evidence.length).toBeGreaterThan(0);
  });

  test('is answered with yes, no, or that nobody knows', () => {
    const ask = (text: string): string => runSimulation(strict, [], { call: { text } }).answer.is;
    expect(ask('shipping:rate-card:8080')).not.toBe('no');
    expect(ask('storefront:tracking:8080')).toBe('no');
    expect(ask('unknown:tracking:8080')).toBe('not-enough-evidence');
  });

  test.each([
    ['shipping', /is not a call/],
    ['shipping:rate-card:http', /is not a call/],
    ['shippin:rate-card:8080', /there is no workload shippin/],
    ['shipping:ratecard:8080', /there is no Service ratecard/],
    ['shipping:rate-card:99', /has no port 99/],
    ['shipping:shop-core/deploy/nobody:80', /there is no workload/],
  ])('%s is refused', (text, message) => {
    expect(() => runSimulation(demo, [], { call: { text } })).toThrow(message);
  });

  test('lists the choices where a name may be several', () => {
    const [first, second] = ['a', 'b'].map(
      (namespace) =>
        `apiVersion: v1\nkind: Service\nmetadata: { name: twin, namespace: ${namespace} }\nspec: { selector: { app: twin }, ports: [{ port: 80 }] }\n---\n` +
        `apiVersion: v1\nkind: Pod\nmetadata: { name: twin, namespace: ${namespace}, labels: { app: twin } }\nspec: { containers: [{ name: a, image: a }] }\n`,
    );
    const file = path.join(folder, 'twins.yaml');
    writeFileSync(file, `${first ?? ''}---\n${second ?? ''}`);
    return openFiles({ filename: [file] }).then((twins) => {
      expect(() => runSimulation(twins, [], { call: { text: 'twin:x:80' } })).toThrow(/may be any of 2 workloads/);
      expect(() => runSimulation(twins, [], { call: { text: 'internet:twin:80' } })).toThrow(/is in 2 namespaces/);
    });
  });
});

describe('the stages of a plan that are not followed', () => {
  const notFollowed = [{ why: 'blocked', stages: ['a', 'b', 'c', 'd'] }] as const;

  test('are named in the answer, with their count', () => {
    const { answer, notFollowed: told } = runSimulation(demo, [{ id: 'x', title: 'x', steps: [] }], { notFollowed });
    expect(answer.is).toBe('yes');
    expect(answer.because.at(-1)).toBe('stages that were not followed: 4 blocked (a, b, c, ...)');
    expect(told).toEqual(notFollowed);
  });

  test('are no yes where they are all of them', () => {
    expect(runSimulation(demo, [], { notFollowed }).answer.is).toBe('not-enough-evidence');
  });
});
