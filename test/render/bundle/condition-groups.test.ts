import { expect, test } from 'vitest';
import { fc, test as property } from '@fast-check/vitest';
import type { Condition, Stage } from '../../../src/domain/rollout/plan.ts';
import { sharedForm } from '../../../src/render/bundle/text-forms.ts';
import { HOSTILE, plan, stage, tools } from './sample-plan.ts';
import { renderBundle } from './whole-bundle.ts';

const base = { id: 'deny-shop', number: 100, kind: 'deny', state: 'ready' } as const;

function files(changed: Stage): { readonly page: string; readonly gate: string } {
  const written = [...renderBundle({ ...plan, stages: [changed] }, tools)];
  const named = (name: string): string => written.find(([path]) => path === `100-deny-shop/${name}`)?.[1] ?? '';
  return { page: named('README.md'), gate: named('gate.yaml') };
}

function callers(name: string, whom = 'Nobody but cluster.local/ns/shop/sa/web'): Condition {
  return {
    id: `callers-${name}`,
    text: `${whom} called shop/Deployment/${name} in the window: whoever else did will be refused.`,
    promql: `sum(calls{to="${name}"}) > 0`,
    proof: `count(up{of="${name}"}) > 0`,
    positiveEvidence: `the proxies of shop/Deployment/${name} were scraped`,
  };
}

function gateOf(count: number): readonly Condition[] {
  return Array.from({ length: count }, (_, index) => callers(`app-${String(index)}`));
}

test('five conditions of one kind are shown with their queries, six as one with a row for each', () => {
  const five = files(stage({ ...base, entryGate: gateOf(5) }));
  expect(five.page.split('```promql')).toHaveLength(11);
  expect(five.page).not.toContain('conditions of one form');
  const six = files(stage({ ...base, entryGate: gateOf(6) }));
  expect(six.page).not.toContain('```promql');
  expect(six.page).toContain(
    '- [ ] 6 conditions of one form: Nobody but cluster.local/ns/shop/sa/web called **(1)** in the window: whoever else did will be refused.\n  - Green only with: the proxies of … were scraped\n',
  );
  expect(six.page).toContain('\n  | `callers-app-5` | shop/Deployment/app-5 |\n');
});

test('the file of the gate keeps every condition with its query, however many there are', () => {
  const entryGate = gateOf(60);
  const { page, gate } = files(stage({ ...base, entryGate }));
  for (const { id, promql = '', proof = '' } of entryGate) {
    expect(gate).toContain(`id: ${id}\n`);
    expect(gate).toContain(promql);
    expect(gate).toContain(proof);
  }
  expect(page).toContain('and 35 more: see gate.yaml');
  expect(page.length).toBeLessThan(6000);
});

test('conditions of one kind that say something else than a name are told apart, even one alone', () => {
  const odd = [callers('silent', 'Nobody'), callers('lone', 'Whoever is not web and')];
  const { page } = files(stage({ ...base, entryGate: [...gateOf(6), ...odd] }));
  expect(page).toContain('- [ ] 6 conditions of one form: Nobody but');
  expect(page).toContain('- [ ] Nobody called shop/Deployment/silent in the window');
  expect(page).toContain('- [ ] Whoever is not web and called shop/Deployment/lone in the window');
  expect(page).toContain('| `callers-silent` |');
});

test('the names that differ are counted, and a cell has the first of them', () => {
  const many = Array.from({ length: 6 }, (_, index) =>
    callers(
      `app-${String(index)}`,
      `Nobody but ${['a', 'b', 'c', 'd'].map((who) => `ns/${who}${String(index)}`).join(', ')}`,
    ),
  );
  const { page } = files(stage({ ...base, entryGate: many }));
  expect(page).toContain('Nobody but **(1)** called **(2)** in the window');
  expect(page).toContain('| `callers-app-0` | 4: ns/a0, ns/b0 and 2 more | shop/Deployment/app-0 |');
});

test('what only a person can answer is shown each by itself', () => {
  const entryGate = gateOf(9).map(({ id, text }) => ({ id, text }));
  const { page } = files(stage({ ...base, entryGate }));
  expect(page).not.toContain('conditions of one form');
  expect(page.split(/- \[ \] Nobody but/)).toHaveLength(10);
});

test('conditions of the exit gate that the entry gate has as well are named once, without a second table', () => {
  const gate = gateOf(6);
  const { page } = files(stage({ ...base, entryGate: gate, exitGate: gate }));
  expect(page.split('| Id |')).toHaveLength(2);
  expect(page).toMatch(/6 conditions of one form: .*\(As in the entry gate\.\)/);
});

test('an outline, which has no gate of its own yet, says that the plan has them', () => {
  const { page, gate } = files(stage({ ...base, state: 'outline', entryGate: gateOf(6) }));
  expect(gate).toBe('');
  expect(page).toContain('queries of each are in `plan.json`');
});

test('hostile names cannot leave their cell of the table', () => {
  const name = `${HOSTILE}|</details>`;
  const entryGate = [...gateOf(6), callers(name), callers(`${name}2`)];
  const { page } = files(stage({ ...base, entryGate }));
  const rows = page.split('\n').filter((line) => line.includes('kind: Evil'));
  expect(rows.length).toBeGreaterThan(0);
  expect(page).not.toMatch(/^\s*(?:---|kind: Evil|```)$/m);
  for (const row of rows) {
    expect(row.replaceAll(/(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)/g, '')).not.toMatch(/(?<!\\)<|\x1b|\u202e/);
    if (!row.startsWith('  |')) continue;
    const head =
      page
        .slice(0, page.indexOf(row))
        .split('\n')
        .findLast((line) => line.startsWith('  | Id')) ?? '';
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(head.match(/\|/g)?.length ?? 0);
  }
});

test('an enumeration of many names in a note is cut, and the sentence around it stays', () => {
  const names = Array.from({ length: 40 }, (_, index) => `shop/Deployment/app-${String(index)} port 80`);
  const { page } = files(stage({ ...base, notes: [`Ready: ${names.join(', ')} are ready, and so they may go.`] }));
  expect(page).toContain('app-12 port 80, 26 more (see plan.json), shop/Deployment/app-39 port 80 are ready, and so');
});

property.prop([fc.array(fc.constantFrom('ns/a,', 'ns/b', 'called', 'x:', ' ', '8080.', '', '(1)'))])(
  'a text is what its form shares, with its own names in the places',
  (words) => {
    const text = words.join(' ');
    const other = text.replaceAll('ns/b', 'ns/c');
    const { pieces, cells } = sharedForm([text, other]);
    const back = [0, 1].map((index) =>
      pieces.map((piece) => (typeof piece === 'number' ? cells[index]?.[piece] : piece)).join(''),
    );
    expect(back).toEqual([text, other]);
  },
);
