import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { exposed } from './opened-manifests.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/wiring-config.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'meshwise-waivers-'));
const front = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: exposed('shop', 'front') });
writeFileSync(join(folder, 'front.json'), front);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const waiver = (expires: string): string =>
  `waivers: [{check: nodeport-or-loadbalancer-direct, reason: edge, owner: team, expires: ${expires}}]\n`;

function check(text: string, file: string, ...words: readonly string[]) {
  writeFileSync(join(folder, file), text);
  const all = [PROGRAM, 'check', '-f', 'front.json', '--fail-on', 'high', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { cwd: folder, encoding: 'utf8' });
  rmSync(join(folder, file));
  return { status, stdout, stderr };
}

const AT = ['--at', '2026-11-16T09:00:00Z'] as const;

describe.skipIf(!existsSync(BUILT))('check with waivers, as the built program', () => {
  it('shows what meshwise.yaml waives as waived, does not count it, and says which file it read', () => {
    const { status, stdout, stderr } = check(waiver('2027-01-31'), 'meshwise.yaml', ...AT);
    expect(status).toBe(0);
    expect(stdout).toContain('WAIVED');
    expect(stdout).toContain('edge (team, until 2027-01-31)');
    expect(stderr).toContain('waivers: meshwise.yaml');
  });

  it('counts a finding again whose waiver expired', () => {
    const { status, stdout } = check(waiver('2026-11-01'), 'other.yaml', '--config', 'other.yaml', ...AT);
    expect(status).toBe(1);
    expect(stdout).toContain('its waiver expired on 2026-11-01');
  });

  it('counts it where no time says that the waiver still holds', () => {
    const { status, stdout } = check(waiver('2027-01-31'), 'meshwise.yaml');
    expect(status).toBe(1);
    expect(stdout).toContain('does not hold: no time given (--at)');
  });

  it.each([
    ['wavers: []\n', 'did you mean waivers?'],
    [waiver('2027-01-31').replace('owner', 'ownr'), 'did you mean owner?'],
  ])('refuses %j with what may be meant', (text, hint) => {
    const { status, stderr } = check(text, 'meshwise.yaml', ...AT);
    expect(status).toBe(2);
    expect(stderr).toContain(hint);
  });

  it('refuses a file that is named and not there', () => {
    expect(check('', 'unused.yaml', '--config', 'missing.yaml').status).toBe(2);
  });
});
