import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderSimulationJunit } from '../../../src/render/junit/simulation.ts';
import { renderXml } from '../../../src/render/junit/xml.ts';
import { brokenFate, followed, okFate, simulationView } from '../simulation-view.ts';

/** The names of the elements, outermost first, once every one that is opened is closed; throws where one is not. */
function elements(xml: string): readonly string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const body = xml.replace(/^<\?xml [^>]*\?>\n/, '');
  for (const [, end, name = '', rest = ''] of body.matchAll(/<(\/?)([a-z-]+)([^<>]*)>/g)) {
    if (end === '/') {
      if (open.pop() !== name) throw new Error(`${name} is closed and was not open`);
      continue;
    }
    seen.push(name);
    if (!rest.endsWith('/')) open.push(name);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return seen;
}

const FORBIDDEN = /[^\t\n\r\u{20}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

describe('XML', () => {
  test('is well-formed whatever it holds, and says nothing else than what it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (value, text) => {
        const xml = renderXml({
          name: 'a',
          attributes: { b: value },
          children: [{ name: 'c', attributes: {}, children: [text] }],
        });
        expect(elements(xml)).toEqual(['a', 'c']);
        expect(xml).not.toMatch(FORBIDDEN);
        expect(xml).not.toMatch(/\p{Cs}/u);
        expect(xml.match(/"/g)).toHaveLength(6);
        expect(xml.replace(/&(?:amp|lt|gt|quot|#39|#10|#13|#9);/g, '')).not.toContain('&');
      }),
    );
  });
});

/** What is neither a whole tag with quoted attributes nor text that XML can hold between two tags. */
function remainder(xml: string): string {
  const text = '(?:[^<>&"]|&(?:amp|lt|gt|quot|#39|#10|#13|#9);)*';
  const tag = `</?[a-z-]+(?: [a-z]+="${text}")*/?>`;
  return xml
    .replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
    .replace(new RegExp(`${tag}|${text}(?=<|$)`, 'gy'), '');
}

const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ']]>',
        '<![CDATA[',
        '<!--',
        '-->',
        '<?xml',
        '"',
        "'",
        '&',
        '&#0;',
        '</testcase>',
        '\0',
        '\u001b[2J',
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => parts.join('')),
);

const SHAPE = [
  ...['testsuites', 'testsuite', 'properties', 'property', 'property', 'property'],
  ...['testcase', 'failure', 'testcase', 'skipped', 'testcase', 'system-out', 'testcase', 'error'],
];

describe('the JUnit form of a simulation', () => {
  test('fails for calls that break, skips those that are not known, and passes the rest', () => {
    const calls = [
      followed({ changes: ['broken'], fates: [okFate(), brokenFate()] }),
      followed({
        changes: ['unknown'],
        fates: [okFate(), { ...okFate(), verdict: 'unknown', why: 'Pods were not read' }],
      }),
      followed({ changes: ['kept'], fates: [brokenFate(), brokenFate()] }),
      followed({ changes: ['otherwise'], fates: [brokenFate(), { ...brokenFate(), identity: 'other' }] }),
      followed({ changes: ['mended'], fates: [brokenFate(), okFate()] }),
    ];
    const xml = renderSimulationJunit(simulationView({ calls, followed: 10 }));
    expect(xml).toContain('<testsuites name="meshwise simulate" tests="5" failures="1" errors="0" skipped="2">');
    expect(elements(xml).filter((name) => name === 'failure')).toHaveLength(1);
    expect(xml).toContain('<skipped message="Pods were not read">');
    expect(xml).toContain('name="6 calls as before"');
  });

  test('reports coverage that is lacking as an error', () => {
    const because = ['calls to 1.0 % of the ports were observed, and --min-coverage asks for 80 %'];
    const xml = renderSimulationJunit(simulationView({ answer: { is: 'not-enough-evidence', because } }));
    expect(xml).toContain('errors="1"');
    expect(elements(xml)).toContain('error');
  });

  test('judges the world as it is where there is no other', () => {
    const calls = [followed({ changes: [], fates: [brokenFate()] })];
    const xml = renderSimulationJunit(
      simulationView({ worlds: [{ id: 'now', title: 'now' }], transitions: [], calls, followed: 1 }),
    );
    expect(xml).toContain('name="test: now" tests="1" failures="1"');
    expect(xml).not.toContain('0 calls ok');
  });

  test('has a case even where there is nothing to tell', () => {
    const xml = renderSimulationJunit(
      simulationView({ worlds: [{ id: 'now', title: 'now' }], transitions: [], calls: [], followed: 0 }),
    );
    expect(xml).toContain('name="test: now" tests="1" failures="0"');
    expect(xml).toContain('name="0 calls ok"');
  });

  test('is well-formed whatever the names and reasons hold, and keeps each in its place', () => {
    fc.assert(
      fc.property(HOSTILE, HOSTILE, HOSTILE, (name, why, world) => {
        const decider = { object: { kind: 'Pod', namespace: name, name }, field: why, value: name, rule: why };
        const broken = { ...brokenFate(), why, identity: name, decidedBy: [decider] };
        const xml = renderSimulationJunit(
          simulationView({
            cluster: name,
            answer: { is: 'no', because: [`${why} --min-coverage`] },
            worlds: [
              { id: 'now', title: 'now' },
              { id: world, title: world },
            ],
            followed: 3,
            calls: [
              followed({ fates: [okFate(), broken] }, name),
              followed({ changes: ['unknown'], fates: [okFate(), { ...broken, verdict: 'unknown' }] }, name),
              followed({ changes: ['mended'], fates: [broken, okFate()] }, name),
            ],
            opens: [[], [why]],
          }),
        );
        expect(elements(xml)).toEqual(SHAPE);
        expect(xml).not.toMatch(FORBIDDEN);
        expect(xml).not.toMatch(/\p{Cs}|\p{Cf}|[\u007f-\u009f]/u);
        expect(remainder(xml)).toBe('');
      }),
    );
  });
});
