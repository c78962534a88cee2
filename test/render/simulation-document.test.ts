import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderSimulationMarkdown } from '../../src/render/markdown/simulation.ts';
import { renderSimulation } from '../../src/render/text/simulation.ts';
import { brokenFate, followed, okFate, oneTransition, simulationView } from './simulation-view.ts';

const PLAIN = { colour: false, width: 80, wide: false };

describe('a simulation as text', () => {
  test('tells of changes by server and deciding object, worst first', () => {
    const calls = [
      followed({ changes: ['mended'], fates: [brokenFate(), okFate()] }, 'web'),
      ...['cart', 'orders'].map((client) => followed({ probable: client === 'orders' }, client)),
    ];
    const text = renderSimulation(
      simulationView({ calls, transitions: oneTransition({ broken: 2, mended: 1 }, 7) }),
      PLAIN,
    );
    expect(text.indexOf('NEWLY BROKEN: 2 CALLS')).toBeLessThan(text.indexOf('MENDED: 1 CALL'));
    expect(text.match(/- shop\/Deployment\/pay:8080/g)).toHaveLength(2);
    expect(text).toContain('decided by PeerAuthentication shop/default spec.mtls.mode=STRICT');
    expect(text).toContain('(probable)');
    expect(text).toMatch(/7 calls keep their\s+fate/);
  });

  test('shows the first few and counts the rest, or all when all are wanted', () => {
    const calls = Array.from({ length: 40 }, (_, index) => followed({}, `client-${String(index)}`));
    const view = simulationView({ calls, transitions: oneTransition({ broken: 40 }, 0) });
    expect(renderSimulation(view, PLAIN)).toContain('and 32 calls more');
    expect(renderSimulation(view, { ...PLAIN, wide: true })).toContain('client-39');
  });

  test('says what opens', () => {
    const view = simulationView({ opens: [[], ['shop/Deployment/pay port 8080: plaintext from any pod']] });
    expect(renderSimulation(view, PLAIN)).toContain('OPENS: 1 DOOR THAT WAS SHUT');
  });

  test('says how little is known', () => {
    const text = renderSimulation(simulationView({}), PLAIN);
    expect(text).toContain('calls to 1 of 3 ports (33 %) were observed');
    expect(text).toContain('nobody watched');
  });

  test('fits the terminal, and no name can act on it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (name) => {
        const calls = [followed({}, name), followed({ fates: [okFate(), { ...brokenFate(), why: name }] }, 'b')];
        const text = renderSimulation(simulationView({ calls, transitions: oneTransition({ broken: 2 }, 0) }), PLAIN);
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
        expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
      }),
    );
  });
});

describe('a simulation as Markdown', () => {
  test('begins with the answer, has a row for each change, and folds the rest away', () => {
    const answer = { is: 'no', because: ['1 call breaks that did not'] } as const;
    const view = simulationView({ answer, calls: [followed({})], transitions: oneTransition({ broken: 1 }, 7) });
    const lines = renderSimulationMarkdown(view).split('\n');
    expect(lines[2]).toBe('**No: 1 call breaks that did not.**');
    expect(lines.filter((line) => line.startsWith('| newly broken |'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('<details>'))).toHaveLength(2);
    expect(lines.filter((line) => line === '</details>')).toHaveLength(2);
  });

  test('lets no name out of its cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }), (name) => {
        const calls = [followed({ fates: [okFate(), { ...brokenFate(), why: name }] }, name)];
        const markdown = renderSimulationMarkdown(
          simulationView({ calls, transitions: oneTransition({ broken: 1 }, 0) }),
        );
        const row = markdown.split('\n').find((line) => line.startsWith('| newly broken |'));
        expect(row?.match(/(?<!\\)\|/g)).toHaveLength(6);
        const tags = markdown.match(/(?<!\\)<[^>]*>/g) ?? [];
        expect(new Set(tags)).toEqual(new Set(['<details>', '<summary>', '</summary>', '</details>']));
      }),
    );
  });
});
