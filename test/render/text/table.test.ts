import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createStyle } from '../../../src/render/text/style.ts';
import { renderTable } from '../../../src/render/text/table.ts';
import { displayWidth } from '../../../src/render/text/width.ts';

const columns = [{ header: 'NAMESPACE' }, { header: 'NAME' }, { header: 'PODS', align: 'right' }] as const;

describe('renderTable', () => {
  it('cuts names that begin alike in their middle, so that they can be told apart', () => {
    const names = ['haproxy-troubleshoot-worker-1', 'haproxy-troubleshoot-worker-2', 'etcd-troubleshoot-worker-1'];
    const lines = renderTable({ columns: [{ header: 'NAME' }], rows: names.map((name) => [name]), width: 20 });
    const [, first = '', second = '', third = ''] = lines.split('\n');
    expect(first).not.toBe(second);
    expect([first.at(-1), second.at(-1), third.at(-1)]).toEqual(['1', '2', '…']);
    for (const line of [first, second, third]) expect(displayWidth(line)).toBeLessThanOrEqual(20);
  });

  it('puts columns under their headers, numbers to the right, without trailing spaces', () => {
    const rows = [
      ['shop', 'orders', '3'],
      ['istio-system', 'istiod', '12'],
    ];
    expect(renderTable({ columns, rows })).toBe(
      ['NAMESPACE     NAME    PODS', 'shop          orders     3', 'istio-system  istiod    12'].join('\n'),
    );
  });

  it('cuts the widest column first and says so with an ellipsis', () => {
    const rows = [['shop', 'a-very-long-name-of-a-workload', '3']];
    const table = renderTable({ columns, rows, width: 36 });
    expect(table.split('\n')[1]).toBe('shop       a-very-long-name-o…     3');
  });

  it('breaks a column over lines when it may wrap', () => {
    const table = renderTable({
      columns: [{ header: 'OBJECT' }, { header: 'MESSAGE', wrap: true }],
      rows: [['shop/orders', 'Service port 2 has no name']],
      width: 30,
    });
    expect(table).toBe(['OBJECT       MESSAGE', 'shop/orders  Service port 2', '             has no name'].join('\n'));
  });

  it('cuts nothing where the width is infinite', () => {
    const name = 'x'.repeat(300);
    expect(renderTable({ columns, rows: [['shop', name, '1']], width: Infinity })).toContain(name);
  });

  it('shows control characters of a cell instead of sending them', () => {
    const table = renderTable({ columns: [{ header: 'NAME' }], rows: [['\u001b[31mred\nline']] });
    expect(table).toBe(['NAME', String.raw`\u{1b}[31mred\u{a}line`].join('\n'));
  });

  it('counts no colour codes and paints what is left after cutting', () => {
    const { red } = createStyle({ colour: true });
    const plain = renderTable({ columns, rows: [['shop', 'a-very-long-name', '3']], width: 26 });
    const painted = renderTable({
      columns,
      rows: [['shop', { text: 'a-very-long-name', paint: red }, '3']],
      width: 26,
    });
    expect(painted).toContain('\u001b[31ma-very-l…\u001b[39m');
    expect(painted.replaceAll('\u001b[31m', '').replaceAll('\u001b[39m', '')).toBe(plain);
  });

  it('fits into its width whatever the cells hold', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.boolean(), (rows, wrap) => {
        const table = renderTable({ columns: columns.map((column) => ({ ...column, wrap })), rows, width: 40 });
        for (const line of table.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40);
      }),
    );
  });
});

describe('createStyle', () => {
  it('changes nothing where no colour is asked for', () => {
    const { bold, red } = createStyle({ colour: false });
    expect(bold(red('text'))).toBe('text');
  });
});
