import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decisionOf, SERVER } from './istio-decision.ts';
import { naivelyAllowed, type NaiveCall, type NaivePolicy } from './naive-istio-policy.ts';
import {
  askedCall,
  naivePolicy,
  POSSIBLE,
  SAYABLE,
  UNSAYABLE,
  type AskedCall,
  type Unsaid,
} from './random-istio-policies.ts';
import { runs } from './runs.ts';

/** What the naive judge says whatever stands in the places that nobody filled. */
function naively(policies: readonly NaivePolicy[], { call, unsaid }: AskedCall): 'allow' | 'deny' | 'depends' {
  let calls: readonly NaiveCall[] = [call];
  for (const key of [...UNSAYABLE, ...unsaid]) calls = calls.flatMap((one) => filled(one, key));
  const answers = calls.map((one) => naivelyAllowed(policies, SERVER, one));
  if (answers.every(Boolean)) return 'allow';
  return answers.some(Boolean) ? 'depends' : 'deny';
}

function filled(call: NaiveCall, key: Unsaid): readonly NaiveCall[] {
  return POSSIBLE[key].map((value) => ({ ...call, [key]: value }));
}

describe('a judge of AuthorizationPolicy that was written from the documentation', () => {
  test.each([
    ['one policy', 1, 240],
    ['several policies', 4, 80],
  ])(
    'agrees on worlds of %s, but for the differences that are listed',
    (_title, maxLength, times) => {
      const seen = new Map<string, number>();
      fc.assert(
        fc.property(fc.array(naivePolicy, { minLength: 1, maxLength }), askedCall, (policies, asked) => {
          const ours = decisionOf(policies, asked);
          const theirs = naively(policies, asked);
          const difference = ours === theirs ? `agrees: ${ours}` : nameOf(ours, theirs, { policies, asked });
          seen.set(difference, (seen.get(difference) ?? 0) + 1);
          expect(EXPLAINED, JSON.stringify({ ours, theirs, policies, asked }, null, 1)).toContain(difference);
        }),
        runs(times),
      );
      expect(seen.get('agrees: allow') ?? 0).toBeGreaterThan(times / 6);
      expect(seen.get('agrees: deny') ?? 0).toBeGreaterThan(times / 6);
    },
    600_000,
  );

  test('imports nothing', () => {
    const source = readFileSync(new URL('naive-istio-policy.ts', import.meta.url), 'utf8');
    expect(source).not.toMatch(/^import/m);
  });

  test('is asked of everything that a call may leave open', () => {
    expect(Object.keys(POSSIBLE).sort()).toEqual([...SAYABLE, ...UNSAYABLE].sort());
  });
});

const EXPLAINED = [
  'agrees: allow',
  'agrees: deny',
  'the answer rests on something that a call does not say, and ours is unknown',
  'the same unsaid thing is asked for twice, and ours does not see that one of both holds anyway',
  'every request has the thing that is asked for by *, and ours says unknown because nobody said which it is',
  'ztunnel never matches a part of a DENY rule that holds nothing for it, and the documentation says it does',
];

interface Situation {
  readonly policies: readonly NaivePolicy[];
  readonly asked: AskedCall;
}

function nameOf(ours: string, theirs: string, { policies, asked }: Situation): string {
  if (ours === 'unknown' && theirs === 'depends') {
    return 'the answer rests on something that a call does not say, and ours is unknown';
  }
  if (ours === 'unknown' && isAskedTwice(policies, asked)) {
    return 'the same unsaid thing is asked for twice, and ours does not see that one of both holds anyway';
  }
  if (ours === 'unknown' && asked.unsaid.length > 0 && JSON.stringify(policies).includes('"*"')) {
    return 'every request has the thing that is asked for by *, and ours says unknown because nobody said which it is';
  }
  const { call } = asked;
  const byCode = naively(policies, { ...asked, call: { ...call, emptied: 'never matches' } });
  if (call.enforcer === 'ztunnel' && (ours === byCode || (ours === 'unknown' && byCode === 'depends'))) {
    return 'ztunnel never matches a part of a DENY rule that holds nothing for it, and the documentation says it does';
  }
  return `unexplained: ours ${ours}, theirs ${theirs}`;
}

const WORDS: Readonly<Record<Unsaid, RegExp>> = {
  headers: /request\.headers/g,
  remoteIp: /remote\.ip|emoteIpBlocks/g,
  destinationIp: /destination\.ip/g,
  serverName: /connection\.sni/g,
  external: /CUSTOM/g,
  method: /ethods"/g,
  path: /aths"/g,
  host: /osts"/g,
  sourceIp: /source\.ip|"ipBlocks|"notIpBlocks/g,
};

function isAskedTwice(policies: readonly NaivePolicy[], { unsaid }: AskedCall): boolean {
  const text = JSON.stringify(policies);
  return [...UNSAYABLE, ...unsaid].some((key) => (text.match(WORDS[key]) ?? []).length > 1);
}
