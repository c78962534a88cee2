import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/domain/checks/catalogue.ts';
import { runChecks } from '../../../src/domain/checks/run-checks.ts';
import { compareText } from '../../../src/lib/order.ts';
import { contextOf, fixtures } from './check-world.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

describe('the catalogue', () => {
  it('lists each id once, sorted', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort(compareText));
  });

  it('has fixtures for no other checks', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    expect(fixtures().filter(({ check }) => !ids.includes(check))).toEqual([]);
  });

  describe.each(CATALOGUE.map((check) => [check.id, check] as const))('%s', (id, check) => {
    it('stands in the file of its name and category, and has a page', () => {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(existsSync(path.join(ROOT, 'src/domain/checks', check.category, `${id}.ts`))).toBe(true);
      expect(existsSync(path.join(ROOT, 'docs/checks', `${id}.md`))).toBe(true);
    });

    it('names its sources as addresses or as paths in a repository', () => {
      expect(check.sources.length).toBeGreaterThan(0);
      for (const source of check.sources) expect(source).toMatch(/^https:\/\/[^\s]+$|^[a-z0-9-]+ [\w./-]+(#\w+)?$/);
    });

    it('has a passing fixture, and a failing one unless it is not finished', () => {
      const outcomes = fixtures(id).map(({ outcome }) => outcome);
      expect(outcomes).toContain('pass');
      expect(outcomes).toContain(check.unfinished === undefined ? 'fail' : 'not-assessed');
    });
  });
});

describe('a fixture does what its name says', () => {
  it.each(fixtures().map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
    const report = runChecks(contextOf(fixture.world), { checks: [fixture.check] });
    const outcome = report.findings.length > 0 ? 'fail' : report.notAssessed.length > 0 ? 'not-assessed' : 'pass';
    expect({ outcome, findings: report.findings.map(({ message }) => message), not: report.notAssessed }).toMatchObject(
      { outcome: fixture.outcome },
    );
  });
});
