import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/domain/checks/catalogue.ts';
import { checkPageMarkdown } from '../../../src/domain/checks/check-page-markdown.ts';
import { renderCheckListMarkdown, renderCheckPageMarkdown } from '../../../src/render/markdown/check-page.ts';

describe('the catalogue as Markdown', () => {
  it('has a row for each check', () => {
    const text = renderCheckListMarkdown(CATALOGUE);
    for (const { id, severity } of CATALOGUE) expect(text).toContain(`| ${id} | ${severity} |`);
  });

  it('is the page of the documentation for one check', () => {
    for (const check of CATALOGUE) expect(renderCheckPageMarkdown(check)).toBe(checkPageMarkdown(check));
  });
});
