import { describe, expect, it } from 'vitest';
import { renderCheckReportMarkdown } from '../../../src/render/markdown/check-report.ts';
import { HOSTILE } from '../text/assessed-world.ts';
import { checkedWorld, finding } from '../text/checked-world.ts';

describe('a check report as Markdown', () => {
  it('has the content of the text in a numbered list', () => {
    const text = renderCheckReportMarkdown(checkedWorld([finding({ severity: 'blocker' })]));
    expect(text).toContain('## What to do, worst first\n\n1. BLOCKER, 1 finding: Clients outside the mesh\n');
    expect(text).toContain('\n   - do: Enrol the caller first.\n');
  });

  it('turns no name into markup and breaks no line', () => {
    const object = { kind: 'apps/Deployment', namespace: 'shop', name: HOSTILE };
    const text = renderCheckReportMarkdown(checkedWorld([finding({ object })]));
    expect(text).not.toMatch(/[\u001b\u202e]|(?<!\\)<b>/);
    expect(text.split('\n').filter((line) => line.startsWith('|'))).toEqual([]);
  });

  it('shows commands as code that a shell takes as it is', () => {
    const remedy = { text: 'Do it.', commands: [['kubectl', 'label', 'ns', 'a b']] };
    expect(renderCheckReportMarkdown(checkedWorld([finding({ remedy })]))).toContain("`kubectl label ns 'a b'`");
  });
});
