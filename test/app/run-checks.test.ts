import { describe, expect, it } from 'vitest';
import { checkWorld, type CheckRequest } from '../../src/app/run-checks.ts';
import { exposed, openedManifests } from './opened-manifests.ts';

const SHOPS = [...exposed('north', 'front'), ...exposed('south', 'front')];

function ask(parts: Partial<CheckRequest> = {}): CheckRequest {
  return { target: 'istio-sidecar', namespaces: [], failOn: 'blocker', ...parts };
}

describe('checking a world', () => {
  it('counts what is at or above the severity that fails, and no milder', async () => {
    const opened = await openedManifests(SHOPS);
    const { findings } = checkWorld(opened, ask());
    expect(findings.map(({ severity }) => severity)).toEqual(['high', 'high']);
    expect(checkWorld(opened, ask()).failing).toBe(0);
    expect(checkWorld(opened, ask({ failOn: 'high' })).failing).toBe(2);
    expect(checkWorld(opened, ask({ failOn: 'low' })).failing).toBe(2);
    expect(checkWorld(opened, ask({ failOn: 'none' })).failing).toBe(0);
  });

  it('limits the findings and their counts to a namespace, and says how many lie elsewhere', async () => {
    const result = checkWorld(await openedManifests(SHOPS), ask({ namespaces: ['north'], failOn: 'high' }));
    expect(result.findings.map(({ object }) => object.namespace)).toEqual(['north']);
    expect(result).toMatchObject({ failing: 1, elsewhere: 1, summary: { findings: { high: 1 } } });
  });

  it('refuses a namespace of which nothing was read, which else would look clean', async () => {
    const opened = await openedManifests(SHOPS);
    expect(() => checkWorld(opened, ask({ namespaces: ['nrth'] }))).toThrow('nothing was read of the namespace nrth');
  });

  it('counts a finding under a waiver as waived until the waiver expires', async () => {
    const opened = await openedManifests(SHOPS);
    const waiver = { check: 'nodeport-or-loadbalancer-direct', reason: 'edge', owner: 'team' };
    const before = checkWorld(opened, ask({ failOn: 'high', waived: [{ ...waiver, expires: '2026-12-01' }] }));
    const after = checkWorld(opened, ask({ failOn: 'high', waived: [{ ...waiver, expires: '2026-11-01' }] }));
    expect([before.failing, before.summary.waived]).toEqual([0, 2]);
    expect([after.failing, after.summary.waived]).toEqual([2, 0]);
  });

  it('keeps the warnings of the reading beside those of the waivers', async () => {
    const opened = await openedManifests(SHOPS);
    const warned = {
      ...opened,
      headFor: <K extends string>(kind: K) => ({ ...opened.headFor(kind), warnings: ['odd'] }),
    };
    const waiver = { check: 'no-such-check', reason: 'r', owner: 'o', expires: '2027-01-01' };
    expect(checkWorld(warned, ask({ waived: [waiver] })).warnings).toEqual([
      'odd',
      'a waiver names no-such-check, which is no check',
    ]);
  });
});
