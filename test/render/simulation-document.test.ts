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
    expect(text).toMatch(/7 calls fare\s+as before/);
  });

  test('only counts the calls that keep their verdict, and lists them when all are wanted', () => {
    const alike = (client: string): ReturnType<typeof followed> =>
      followed({ changes: ['otherwise'], fates: [okFate(), { ...okFate(), identity: 'other' }] }, client);
    const calls = [alike('web'), alike('orders')];
    const view = simulationView({ calls, transitions: oneTransition({ otherwise: 2 }, 1) });
    const text = renderSimulation(view, { ...PLAIN, width: 400 });
    expect(text).not.toContain('Deployment/web');
    expect(text).toContain(
      'from now to overlay: 2 calls keep their verdict, decided or sent in another way (-o wide lists them); 1 call fares as before',
    );
    const wide = renderSimulation(view, { ...PLAIN, wide: true });
    expect(wide).toContain('Deployment/web');
    expect(wide).not.toContain('-o wide');
  });

  test('says that all fares as before where nothing changes', () => {
    const view = simulationView({ transitions: oneTransition({}, 7) });
    expect(renderSimulation(view, PLAIN)).toContain('from now to overlay: 7 calls fare as before');
    const changed = simulationView({ calls: [followed({})], transitions: oneTransition({ broken: 1 }, 0) });
    expect(renderSimulation(changed, PLAIN)).not.toContain('as before');
  });

  test('names probable calls after known ones in every group', () => {
    const partial = { ...brokenFate(), verdict: 'partial' } as const;
    const calls = [
      followed({ probable: true }, 'guessed'),
      followed({ fates: [okFate(), partial] }, 'seen'),
      followed({ probable: true }, 'other-guess'),
    ];
    const text = renderSimulation(simulationView({ calls, transitions: oneTransition({ broken: 3 }, 0) }), PLAIN);
    expect(text.indexOf('Deployment/seen')).toBeGreaterThan(0);
    expect(text.indexOf('Deployment/seen')).toBeLessThan(text.indexOf('Deployment/guessed'));
    expect(text.indexOf('Deployment/guessed')).toBeLessThan(text.indexOf('Deployment/other-guess'));
  });

  test('shows the first few and counts the rest, or all when all are wanted', () => {
    const calls = Array.from({ length: 40 }, (_, index) => followed({}, `client-${String(index)}`));
    const view = simulationView({ calls, transitions: oneTransition({ broken: 40 }, 0) });
    expect(renderSimulation(view, PLAIN)).toContain('and 32 calls more');
    expect(renderSimulation(view, { ...PLAIN, wide: true })).toContain('client-39');
  });

  test.each([
    [1, 0, 'it comes from callers'],
    [2, 0, 'all of them come from callers'],
    [1, 1, '1 of them comes from callers'],
    [2, 1, '2 of them come from callers'],
  ])('says of %d calls from outside, beside %d others in plaintext, where they come from', (outside, within, words) => {
    const { call } = followed({});
    const kubelet = { ...call, from: { kind: 'outsider', who: 'kubelet' } } as const;
    const plain = { ...okFate(), wire: 'plaintext' } as const;
    const plaintext = [
      ...Array.from({ length: outside }, () => followed({ call: kubelet, fates: [plain], changes: [] })),
      ...Array.from({ length: within }, () => followed({ fates: [plain], changes: [] })),
    ];
    const view = simulationView({ worlds: [{ id: 'now', title: 'now' }], transitions: [], plaintext });
    expect(renderSimulation(view, PLAIN)).toContain(words);
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

describe('one call, step by step', () => {
  test('names a mode and a reason once, with the source of the rule', () => {
    const rule = 'no ALLOW policy is attached';
    const why = 'No filter chain of a port in mode STRICT takes plaintext HTTP. (mode STRICT)';
    const steps = [
      { part: 'inbound', outcome: 'refused', why, evidence: [] },
      { part: 'authorization', outcome: 'allow', why: rule, evidence: [{ rule, source: 'builder.go' }] },
    ] as const;
    const pair = { client: 'a', server: 'b', verdict: 'breaks', alike: 2, steps } as const;
    const fate = { ...brokenFate(), cohorts: { looked: 2, broken: 2, unknown: 0 } };
    const trace = [{ world: 'now', fate, pairs: [pair] }];
    const text = renderSimulation(simulationView({ calls: [followed({})], trace }), { ...PLAIN, width: 200 });
    expect(text).toContain('evidence: declared in test');
    expect(text).toContain('(so for all 2 pairs of pod groups)');
    expect(text).toContain('takes plaintext HTTP.\n');
    expect(text.match(/no ALLOW policy is attached/g)).toHaveLength(1);
    expect(text).toContain('authorization: allow; no ALLOW policy is attached (builder.go)');
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

  test('folds away the calls that keep their verdict', () => {
    const calls = [
      followed({}, 'cut'),
      followed({ changes: ['otherwise'], fates: [okFate(), { ...okFate(), identity: 'other' }] }, 'alike'),
    ];
    const markdown = renderSimulationMarkdown(
      simulationView({ calls, transitions: oneTransition({ broken: 1, otherwise: 1 }, 0) }),
    );
    const folded = markdown.indexOf('<details><summary>1 call keeps its verdict, decided or sent in another way');
    expect(folded).toBeGreaterThan(markdown.lastIndexOf('Deployment/cut'));
    expect(markdown.indexOf('Deployment/alike')).toBeGreaterThan(folded);
    expect(markdown.match(/Deployment\/alike/g)).toHaveLength(1);
  });

  test('lists each gap under its watcher', () => {
    const markdown = renderSimulationMarkdown(
      simulationView({
        callCoverage: {
          ...simulationView({}).callCoverage,
          windows: [{ source: 'mimir', seesUnmeshed: false, longEnough: false, gaps: ['1 query failed'] }],
        },
      }),
    );
    expect(markdown).toContain('- watched by mimir, at a time that it does not say; but:\n  - 1 query failed\n');
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
