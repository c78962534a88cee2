import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/domain/checks/catalogue.ts';
import { renderCheckList, renderCheckPage } from '../../../src/render/text/check-page.ts';
import { longLines } from './long-lines.ts';

const PLAIN = { colour: false, width: 80 };
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('the page of a check as text', () => {
  it.each(CATALOGUE.map((check) => [check.id, check] as const))(
    '%s tells all of the check in 80 columns',
    (_, check) => {
      const text = renderCheckPage(check, PLAIN);
      expect(longLines(text, 80)).toEqual([]);
      const { id, title, severity, detects, why, remedy, falseAlarms, sources } = check;
      for (const part of [id, title, `severity: ${severity}`, detects, why, remedy.text, falseAlarms, ...sources]) {
        expect(flat(text)).toContain(flat(part));
      }
    },
  );

  it('says where a check is not finished', () => {
    const [check] = CATALOGUE;
    if (check === undefined) throw new Error('the catalogue is empty');
    expect(flat(renderCheckPage({ ...check, unfinished: 'nobody knows how' }, PLAIN))).toContain(
      'Not finished: nobody',
    );
  });
});

describe('the list of checks as text', () => {
  it('shows each id whole, so that it can be copied, in 80 columns', () => {
    const text = renderCheckList(CATALOGUE, PLAIN);
    const ids = text.split('\n').map((line) => line.split(' ')[0]);
    expect(ids).toEqual(expect.arrayContaining(CATALOGUE.map(({ id }) => id)));
    expect(longLines(text, 80)).toEqual([]);
  });
});
