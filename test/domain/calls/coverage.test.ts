import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import type { CallsFile } from '../../../src/domain/calls/call.ts';
import { callCoverage, coverageShare } from '../../../src/domain/calls/coverage.ts';
import { service, worldOf, workload } from './world-of.ts';

const WINDOW = { from: '2026-11-01T00:00:00Z', to: '2026-11-15T00:00:00Z' };

/** A workload by the time when it was made, then those of its ReplicaSets, the first revision first. */
function deployed(path: string, [created = '', ...replicaSets]: readonly string[], container = ''): string {
  const [namespace = '', , name = ''] = path.split('/');
  const dated = workload(path, container).replace(
    `metadata: {name: ${name},`,
    `metadata: {creationTimestamp: "${created}", generation: ${String(replicaSets.length)}, name: ${name},`,
  );
  const owner = `ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: ${name}, controller: true}]`;
  const owned = replicaSets.map(
    (time, index) =>
      `---\n{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: ${name}-${String(index)}, namespace: ${namespace}, creationTimestamp: "${time}", annotations: {deployment.kubernetes.io/revision: "${String(index + 1)}"}, ${owner}}, spec: {template: {}}}\n`,
  );
  return dated + owned.join('');
}

const OLD = '2026-10-01T00:00:00Z';
const NEW = '2026-11-10T00:00:00Z';
const PORT = 'ports: [{containerPort: 9000}]';
const PAY = deployed('shop/Deployment/pay', [OLD, OLD], PORT) + service('shop/pay', '{port: 80, targetPort: 9000}');
const CART = deployed('shop/Deployment/cart', [OLD, OLD]);

function coverageOf(yaml: string, file: Partial<CallsFile> = {}) {
  const row = { source: 'c.csv:2', client: 'cart', service: 'pay', port: 80, lastSeen: '2026-11-05T00:00:00Z' };
  const world = worldOf(yaml);
  const calls = { source: 'c.csv', window: WINDOW, seesUnmeshed: true, rows: [row], ...file };
  return callCoverage(world, buildCallGraph(world, [calls]));
}

describe('youngerThanWindow', () => {
  it('names no workload that is older than the window and has its template as long', () => {
    expect(coverageOf(PAY + CART).youngerThanWindow).toEqual([]);
  });

  it('names workloads that were made within the window', () => {
    expect(coverageOf(PAY + deployed('shop/Deployment/cart', [NEW, NEW])).youngerThanWindow).toEqual([
      {
        workload: { namespace: 'shop', kind: 'Deployment', name: 'cart' },
        since: NEW,
        reason: 'it was made after the longest window began',
      },
    ]);
  });

  it('names workloads that were released within the window', () => {
    expect(coverageOf(PAY + deployed('shop/Deployment/cart', [OLD, OLD, NEW])).youngerThanWindow).toEqual([
      {
        workload: { namespace: 'shop', kind: 'Deployment', name: 'cart' },
        since: NEW,
        reason: 'its template is younger than the longest window',
      },
    ]);
  });

  it('names workloads of which nobody can say, as after a rollback, and for StatefulSets that changed', () => {
    const rolledBack = deployed('shop/Deployment/cart', [OLD, NEW, OLD]);
    const changed = deployed('shop/StatefulSet/db', [OLD]).replace('generation: 0', 'generation: 4');
    expect(coverageOf(PAY + rolledBack + changed).youngerThanWindow.map(({ reason }) => reason)).toEqual([
      'which ReplicaSet of Deployment cart is the newest is not known',
      'when the template of StatefulSet db was last changed is not kept',
    ]);
  });

  it('says nothing where no window sees callers outside a mesh', () => {
    expect(
      coverageOf(PAY + deployed('shop/Deployment/cart', [NEW, NEW]), { seesUnmeshed: false }).youngerThanWindow,
    ).toEqual([]);
  });
});

describe('stale', () => {
  it('names servers and clients that were seen only before their present template', () => {
    const server =
      deployed('shop/Deployment/pay', [OLD, OLD, NEW], PORT) + service('shop/pay', '{port: 80, targetPort: 9000}');
    const stale = { lastSeen: '2026-11-05T00:00:00Z', since: NEW };
    expect(coverageOf(server + CART).stale).toEqual([
      { workload: { namespace: 'shop', kind: 'Deployment', name: 'pay' }, port: 9000, ...stale },
    ]);
    expect(coverageOf(PAY + deployed('shop/Deployment/cart', [OLD, OLD, NEW])).stale).toEqual([
      { workload: { namespace: 'shop', kind: 'Deployment', name: 'cart' }, ...stale },
    ]);
  });

  it('takes the end of the window where a sighting has no time', () => {
    const server = deployed('shop/Deployment/pay', [OLD, OLD, '2026-11-20T00:00:00Z'], PORT);
    const row = { source: 'c.csv:2', client: 'cart', service: 'pay', port: 80 };
    const yaml = server + service('shop/pay', '{port: 80, targetPort: 9000}') + CART;
    expect(coverageOf(yaml, { rows: [row] }).stale.map(({ lastSeen }) => lastSeen)).toEqual([WINDOW.to]);
  });

  it('names nobody who was seen since', () => {
    expect(coverageOf(PAY + CART).stale).toEqual([]);
  });
});

describe('blindTo', () => {
  it('names ports that only watchers inside a mesh observed', () => {
    expect(coverageOf(PAY + CART, { seesUnmeshed: false }).blindTo).toEqual([
      { workload: { namespace: 'shop', kind: 'Deployment', name: 'pay' }, port: 9000, sources: ['c.csv'] },
    ]);
    expect(coverageOf(PAY + CART).blindTo).toEqual([]);
  });

  it('takes a sighting at its own word where its watcher as a whole is blind', () => {
    const row = { source: 'c.csv:2', client: 'cart', service: 'pay', port: 80, seesUnmeshed: true };
    const coverage = coverageOf(PAY + CART, { seesUnmeshed: false, rows: [row] });
    expect([coverage.blindTo, coverage.ports.map(({ observedUnmeshed }) => observedUnmeshed)]).toEqual([[], [true]]);
  });
});

describe('coverageShare', () => {
  const two = PAY + CART + workload('shop/Deployment/web', 'ports: [{containerPort: 1}]');

  it('is the share of ports that were observed', () => {
    expect(coverageShare(coverageOf(two))).toBe(0.5);
  });

  it('does not count what was seen before a release, and is nothing of nothing', () => {
    const server =
      deployed('shop/Deployment/pay', [OLD, OLD, NEW], PORT) + service('shop/pay', '{port: 80, targetPort: 9000}');
    expect(coverageShare(coverageOf(server + CART))).toBe(0);
    expect(coverageShare({ ports: [], stale: [] })).toBe(0);
  });

  it('counts no port for what configuration names or a policy admits', () => {
    const named =
      workload('shop/Deployment/job', 'env: [{name: WEB_ADDR, value: "web:1"}]') + service('shop/web', '{port: 1}');
    expect(coverageShare(coverageOf(two + named))).toBe(0.5);
  });
});
