import { describe, expect, it } from 'vitest';
import { renderPlanMarkdown } from '../../../src/render/plan/plan-markdown.ts';
import { renderPlanText } from '../../../src/render/plan/plan-text.ts';
import { createStyle } from '../../../src/render/text/style.ts';
import { displayWidth } from '../../../src/render/text/width.ts';
import { plan } from '../bundle/sample-plan.ts';

const style = createStyle({ colour: false });

describe('renderPlanText', () => {
  const text = renderPlanText(plan, { style, width: 80, out: 'rollout' });

  it('fits 80 columns', () => {
    for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(80);
  });

  it('shows each stage with its state, the counts and what blocks a stage', () => {
    expect(text).toMatch(/^100 +enrol-shop-1f3a +ready +The stage enrol-shop-1f3a/m);
    expect(text).toContain('Calls at the worst moment of any stage: 0 break, 0 partial, 1 unknown');
    expect(text).toContain('4 ready, 0 waived, 1 blocked, 1 outline, 1 done');
    expect(text).toMatch(/strict-pay is blocked: nightly calls payments in plaintext \(enrol nightly\s+first\)/);
    expect(text).toContain('shop/Deployment/cart port 9090 (mtls)');
  });

  it('never breaks the id of a stage, which is there to be copied', () => {
    const id = 'allow-catch-all-shop-search';
    const long = plan.stages.map((stage) => ({
      ...stage,
      id: stage.id === 'strict-pay' ? id : stage.id,
      title: id.repeat(3),
    }));
    expect(renderPlanText({ ...plan, stages: long }, { style, width: 80 })).toMatch(
      new RegExp(`^130 +${id} +blocked`, 'm'),
    );
  });

  it('names as next the first stage whose predecessors are done', () => {
    expect(text).toContain('Next: Read rollout/030-control-plane/README.md.');
  });

  it('gives the command of a stage with manifests unbroken', () => {
    const rest = plan.stages.map((stage) =>
      stage.id === 'control-plane' ? { ...stage, state: 'done' as const } : stage,
    );
    expect(renderPlanText({ ...plan, stages: rest }, { style, width: 40, out: 'some/long/folder name' })).toContain(
      "\n  kubectl diff --server-side -k 'some/long/folder name/100-enrol-shop-1f3a'\n",
    );
  });

  it('says so when nothing can be applied', () => {
    const blocked = plan.stages.filter(({ state }) => state === 'blocked');
    expect(renderPlanText({ ...plan, stages: blocked }, { style, width: 80 })).toContain('No stage can be applied now');
  });

  it('shows the waiver of a plan on weaker evidence and no terminal code of a hostile name', () => {
    expect(renderPlanText({ ...plan, acceptEvidence: 'declared' }, { style, width: 80 })).toContain('WAIVED');
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });
});

describe('renderPlanMarkdown', () => {
  const text = renderPlanMarkdown(plan, 'rollout');

  it('has the table of stages, what is blocked, exceptions and the next step', () => {
    expect(text).toContain('| 130 | `strict-pay` | blocked | The stage strict-pay |');
    expect(text).toContain('  - nightly calls payments in plaintext. Remedy: enrol nightly first');
    expect(text).toContain('## Exceptions');
    expect(text).toContain('Read rollout/030-control-plane/README.md.');
  });

  it('never gives a hostile name a line of its own', () => {
    expect(text).not.toMatch(/^(?:---|kind: Evil|```\n")/m);
  });
});
