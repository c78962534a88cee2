import { beforeAll, describe, expect, test } from 'vitest';
import { askedCall } from '../../src/app/asked-call.ts';
import type { OpenedWorld } from '../../src/app/open-world.ts';
import { formatSource, formatTarget } from '../../src/domain/calls/call-id.ts';
import type { Call } from '../../src/domain/calls/call.ts';
import { openFiles } from '../support/open-files.ts';

const ID = 'shop-parcel/Deployment/shipping->shop-parcel/Service/rate-card:8080';

describe('the call that was asked for', () => {
  let demo: OpenedWorld;
  let own: Call;
  beforeAll(async () => {
    demo = await openFiles({ demo: true });
    const call = demo.graph.calls.find(({ id }) => id === ID);
    if (call === undefined) throw new Error(`the demo has no call ${ID}`);
    own = { ...call, doubt: 'plaintext was seen on it' };
    demo = { ...demo, graph: { ...demo.graph, calls: demo.graph.calls.map((each) => (each.id === ID ? own : each)) } };
  });

  test('is the call of the graph, for each of its calls, by its id', () => {
    expect(demo.graph.calls.map(({ id }) => askedCall(demo, { text: id }))).toEqual(demo.graph.calls);
  });

  test('is the call of the graph, for each that workloads make without a request, by its ends', () => {
    const named = demo.graph.calls.filter(
      ({ from, to, phase, request }) =>
        from.kind === 'workload' && to.kind === 'service-port' && phase === 'run' && request === undefined,
    );
    expect(named.length).toBeGreaterThan(10);
    for (const call of named) {
      expect(askedCall(demo, { text: `${formatSource(call.from)}:${formatTarget(call.to)}` })).toBe(call);
    }
  });

  test.each([
    'shop-parcel/shipping:shop-parcel/rate-card:8080',
    'shop-parcel/Deployment/shipping:shop-parcel/Service/rate-card:8080',
    'shop-parcel/shipping:shop-parcel/svc/rate-card:8080',
    'shop-parcel/shipping:svc/rate-card:8080',
    'shop-parcel/shipping -> shop-parcel/Service/rate-card:8080',
    'shop-parcel/Deployment/shipping to shop-parcel/Service/rate-card:8080',
  ])('may be written as %s', (text) => {
    expect(askedCall(demo, { text })).toBe(own);
  });

  test('keeps the doubt of its ends whatever is requested', () => {
    expect(askedCall(demo, { text: ID, method: 'delete' })).toMatchObject({
      doubt: 'plaintext was seen on it',
      request: { method: 'DELETE' },
    });
  });

  test('does not rest on what was seen of another request', () => {
    const seen = [{ kind: 'observed', source: 'r.csv:2', detail: 'seen', wire: 'plaintext' }] as const;
    const post: Call = { ...own, id: `${ID}#POST`, request: { method: 'POST' }, evidence: seen };
    const known = { ...demo, graph: { ...demo.graph, calls: [post] } };
    expect(askedCall(known, { text: ID.replace('->', ':'), method: 'GET' }).evidence).toEqual([]);
    expect(askedCall(known, { text: ID.replace('->', ':'), method: 'post' })).toBe(post);
  });

  test('of nobody known takes the plaintext that was seen from any of them', () => {
    const seen = [{ kind: 'observed', source: 'r.csv:2', detail: 'seen', wire: 'plaintext' }] as const;
    const from = { kind: 'outsider', who: 'unknown', detail: '10.0.0.1' } as const;
    const known = { ...demo, graph: { ...demo.graph, calls: [{ ...own, id: 'somebody', from, evidence: seen }] } };
    expect(askedCall(known, { text: 'unknown:shop-parcel/rate-card:8080' }).evidence).toEqual(seen);
  });

  test('names no workload where a Service was asked for', () => {
    expect(() => askedCall(demo, { text: 'shop-parcel/shipping:shop-parcel/Service/rate-crd:8080' })).toThrow(
      /rate-crd/,
    );
  });

  test.each([{ method: '' }, { path: ' ' }])('is refused with an empty part of its request: %j', (part) => {
    expect(() => askedCall(demo, { text: ID, ...part })).toThrow(/is empty/);
  });
});
