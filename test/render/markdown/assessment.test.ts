import { describe, expect, it } from 'vitest';
import { renderAssessmentMarkdown } from '../../../src/render/markdown/assessment.ts';
import { assessedShop, HOSTILE } from '../text/assessed-world.ts';

describe('an assessment as Markdown', () => {
  it('has a title, then what it rests on, then the answer', () => {
    const [title, basis, answer] = renderAssessmentMarkdown(assessedShop()).split('\n\n');
    expect(title).toBe('# Does a service mesh fit here?');
    expect(basis).toMatch(/^shop: manifests;/);
    expect(answer).toMatch(/^Undecided\./);
  });

  it('gives every row of a table as many cells as its header', () => {
    const rows = renderAssessmentMarkdown(assessedShop([], { consul: 'a | b' }))
      .split('\n\n')
      .filter((block) => block.startsWith('| '))
      .map((block) => block.split('\n').map((line) => line.split(/(?<!\\)\|/).length));
    expect(rows).toHaveLength(3);
    for (const counts of rows) expect(new Set(counts).size).toBe(1);
  });

  it('shows the flag of a question as code', () => {
    expect(renderAssessmentMarkdown(assessedShop())).toContain('`--answer in-house-alternative=no`');
  });

  it('turns no text into markup', () => {
    const text = renderAssessmentMarkdown(assessedShop([], { consul: HOSTILE }));
    expect(text).toContain(String.raw`\| \<b\>\`rm\``);
    expect(text).not.toMatch(/[\u001b\u202e]|(?<!\\)<b>/);
  });
});
