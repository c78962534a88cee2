import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { worldDrafts } from './support/draft.ts';
import { KNOWN_GAPS } from './support/known-gaps.ts';
import { opinionsOf } from './support/opinions.ts';
import { authorizationRules } from './support/rule-drafts.ts';
import { asLines, tally } from './support/tally.ts';

const judge = inject('judge');
const seed = Number(process.env['MESHWISE_SEED'] ?? 20261121);

const AGREED = ['works yes', 'works no', 'accepted yes', 'accepted no', 'allowed yes', 'allowed no', 'wire plaintext'];

describe.skipIf(judge === '')('what istiod itself sends to the proxies of a world', () => {
  test.each([
    { name: 'sidecars', ambient: false, worlds: 120, wires: ['wire mtls', 'wire tls'] },
    { name: 'ambient mode', ambient: true, worlds: 80, wires: ['wire hbone'] },
  ])('contradicts no definite answer about $name', async ({ name, ambient, worlds, wires }) => {
    const drafts = fc.sample(worldDrafts(ambient, authorizationRules), { seed, numRuns: worlds });
    const calls = await opinionsOf(judge, drafts, { ambient });
    const opinions = calls.flat();
    const agreed = tally(
      opinions.filter(({ verdict }) => verdict === 'agreed').flatMap(({ question, ours }) => shown(question, ours)),
    );
    const doubts = opinions.filter(({ question, verdict }) => question === 'works' && verdict === 'unknown');
    const gaps = tally(doubts.map(({ why }) => KNOWN_GAPS.find(({ reason }) => reason.test(why))?.name ?? why));
    const different = opinions.filter(({ verdict }) => verdict === 'differs');

    process.stderr.write(
      `istiod on ${name}, seed ${String(seed)}: ${String(worlds)} worlds, ${String(calls.length)} pairs\n` +
        `agreed\n${asLines(agreed)}not known by meshwise\n${asLines(gaps)}different: ${String(different.length)}\n`,
    );
    expect(different).toEqual([]);
    expect(Object.keys(gaps).filter((gap) => KNOWN_GAPS.every((known) => known.name !== gap))).toEqual([]);
    for (const { name: gap, share } of KNOWN_GAPS) expect((gaps[gap] ?? 0) / calls.length, gap).toBeLessThan(share);
    expect(calls.length).toBeGreaterThanOrEqual(500);
    for (const outcome of [...AGREED, ...wires]) expect(agreed[outcome], outcome).toBeGreaterThanOrEqual(25);
  });
});

/** Identities are as many as there are accounts. */
function shown(question: string, answer: string): string {
  return question === 'identity' && answer !== 'none' ? 'identity of an account' : `${question} ${answer}`;
}
