import { describe, expect, it } from 'vitest';
import { renderAssessment } from '../../../src/render/text/assessment.ts';
import { assessedShop, HOSTILE } from './assessed-world.ts';
import { longLines } from './long-lines.ts';

const PLAIN = { colour: false, width: 80 };

describe('an assessment as text', () => {
  it('begins with what it rests on, then the answer in one sentence', () => {
    const [basis, answer] = renderAssessment(assessedShop(), PLAIN).split('\n\n');
    expect(basis).toMatch(/^shop: manifests;/);
    expect(answer?.replaceAll('\n', ' ')).toMatch(
      /^Undecided\. \S.* first in \d+ % of the draws, with \d+ % of what weighs known\.$/,
    );
  });

  it('says that most of it is not known', () => {
    expect(renderAssessment(assessedShop(), PLAIN)).toContain('Most of this is not known');
  });

  it('is at most 80 columns wide, also with hostile and endless names', () => {
    const shop = assessedShop([], { consul: `${HOSTILE} ${'y'.repeat(300)}` });
    const setAside = [{ file: `${HOSTILE}${'z'.repeat(300)}`, code: 'binary', reason: 'a binary file' }];
    const text = renderAssessment({ ...shop, setAside, cluster: { name: 'c'.repeat(253) } }, PLAIN);
    expect(longLines(text, 80)).toEqual([]);
  });

  it('spells out control and direction characters of what was typed or read', () => {
    const text = renderAssessment({ ...assessedShop([], { consul: HOSTILE }), cluster: { name: HOSTILE } }, PLAIN);
    expect(text).toContain(String.raw`\u{1b}[31m\u{202e}\u{a}`);
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });

  it('names the flag for each question that would turn the answer, the one that moves most first', () => {
    const shop = assessedShop();
    const turning = shop.questions.filter(({ changesWinner, changesWorthIt }) => changesWinner || changesWorthIt);
    const text = renderAssessment(shop, PLAIN);
    const flags = [...text.matchAll(/^ +--answer (\S+)=no$/gm)].map(([, id]) => id);
    expect(turning.length).toBeGreaterThan(1);
    expect(flags).toEqual(turning.map(({ criterion }) => criterion));
  });

  it('says the questions that would each turn the choice once and not one by one', () => {
    const shop = assessedShop();
    expect(shop.recommendation.because.join()).toContain('alone would change the choice');
    expect(renderAssessment(shop, PLAIN)).not.toContain('alone would change the choice');
  });

  it('shows an answer as the reason of a value, and asks no more for it', () => {
    const text = renderAssessment(assessedShop(['latency=some']), PLAIN);
    expect(text).toContain('answered: some');
    expect(text).not.toContain('--answer latency=');
  });

  it('names what drops an option and whose word it was', () => {
    const text = renderAssessment(assessedShop([], { consul: 'no licence' }), PLAIN);
    expect(text).toMatch(/^consul +dropped/m);
    expect(text).toContain('- consul: no licence [E] (excluded)');
  });

  it('gives costs a unit, and each number a source, a date and a mark', () => {
    const text = renderAssessment(assessedShop(), PLAIN);
    expect(text).toMatch(/^istio-sidecar .*\d cores +[\d.]+ GiB +0\.5-3 ms$/m);
    expect(text.replaceAll(/\n +/g, ' ')).toMatch(/manifests\/charts, \d{4}-\d\d-\d\d \[P\]/);
  });

  it('says what was not read', () => {
    expect(renderAssessment(assessedShop(), PLAIN)).toContain('- not read whole: Node (forbidden)');
  });

  it('colours nothing where no colour is wanted, and says the same where it is', () => {
    const plain = renderAssessment(assessedShop(), PLAIN);
    const coloured = renderAssessment(assessedShop(), { colour: true, width: 80 });
    expect(coloured).not.toBe(plain);
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
  });
});
