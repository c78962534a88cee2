import { describe, expect, test } from 'vitest';
import type { CallCoverage, CoveredWindow } from '../../src/domain/calls/coverage.ts';
import { coverageItems } from '../../src/render/simulation-coverage.ts';
import { simulationView } from './simulation-view.ts';

const DAY = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', seconds: 86_400, longEnough: true };

function watcher(source: string, gaps: readonly string[] = []): CoveredWindow {
  return { source, ...DAY, seesUnmeshed: false, ...(gaps.length === 0 ? {} : { gaps }) };
}

function coverage(parts: Partial<CallCoverage>): CallCoverage {
  return { ...simulationView({}).callCoverage, ...parts };
}

function texts(parts: Partial<CallCoverage>): readonly string[] {
  return coverageItems(coverage(parts)).map(({ text }) => text);
}

describe('what a simulation says of its watchers', () => {
  test('lists the gaps of a watcher under it, three at most', () => {
    const gaps = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name} was not scraped`);
    const items = coverageItems(coverage({ windows: [watcher('mimir', gaps)] }));
    const found = items.find(({ text }) => text.startsWith('watched by'));
    expect(found?.text).toBe('watched by mimir, 2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z; but:');
    expect(found?.items?.map(({ text }) => text)).toEqual([
      'a was not scraped',
      'b was not scraped',
      'c was not scraped',
      'and 2 more (-o json lists them)',
    ]);
  });

  test('claims nothing more of a watcher without a gap, whether or not it sees callers outside a mesh', () => {
    expect(texts({ windows: [watcher('calls.csv')] }).slice(1)).toEqual([
      'watched by calls.csv, 2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z',
    ]);
  });

  test('hides no watcher with gaps behind those without', () => {
    const windows = [...['a', 'b', 'c'].map((name) => watcher(name)), watcher('holed', ['1 query failed'])];
    const told = texts({ windows });
    expect(told[1]).toContain('watched by holed');
    expect(told.at(-1)).toBe('and 1 more (-o json lists them)');
  });

  test('names the ports at which callers outside a mesh would not have been seen', () => {
    const blindTo = ['a', 'b', 'c', 'd'].map((name) => ({
      workload: { namespace: 'shop', kind: 'Deployment', name },
      port: 80,
      sources: ['mimir'],
    }));
    expect(texts({ blindTo: blindTo.slice(0, 1) })).toContain(
      'on 1 port callers outside a mesh would not have been seen: shop/Deployment/a:80',
    );
    expect(texts({ blindTo })).toContain(
      'on 4 ports callers outside a mesh would not have been seen: shop/Deployment/a:80, shop/Deployment/b:80, shop/Deployment/c:80 and 1 more',
    );
  });

  test('says that nobody watched', () => {
    expect(texts({})[1]).toContain('nobody watched');
  });
});
