import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/domain/checks/catalogue.ts';
import { checkIndexMarkdown, checkPageMarkdown } from '../../src/domain/checks/check-page-markdown.ts';
import { explainCheck } from '../../src/domain/checks/explain-check.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../docs/checks');

function pages(): ReadonlyMap<string, string> {
  const models = CATALOGUE.map(({ id }) => explainCheck(id)).filter((page) => page !== undefined);
  return new Map([
    ['README.md', checkIndexMarkdown(models)],
    ...models.map((page) => [`${page.id}.md`, checkPageMarkdown(page)] as const),
  ]);
}

describe('docs/checks', () => {
  it('holds exactly the pages that the catalogue gives (UPDATE=1 writes them)', () => {
    if (process.env['UPDATE'] === '1') {
      mkdirSync(FOLDER, { recursive: true });
      for (const [file, text] of pages()) writeFileSync(path.join(FOLDER, file), text);
    }
    expect(existsSync(FOLDER) ? readdirSync(FOLDER).sort() : []).toEqual([...pages().keys()].sort());
    for (const [file, text] of pages()) expect(readFileSync(path.join(FOLDER, file), 'utf8')).toBe(text);
  });

  it('explains nothing for an unknown id', () => {
    expect(explainCheck('no-such-check')).toBeUndefined();
  });
});
