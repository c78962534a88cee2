import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../src/adapters/files/csv.ts';
import { parseCalls } from '../../../src/adapters/files/read-calls.ts';

describe('parseCalls', () => {
  it('reads CSV with only the required columns, window and reach in comments', () => {
    const text =
      '# window: 2026-11-01T00:00:00Z/2026-11-08T00:00:00Z\n# sees-unmeshed: true\nclient,service,port\nweb,orders,8080\n';
    expect(parseCalls(text, 'calls.csv')).toEqual({
      source: 'calls.csv',
      window: { from: '2026-11-01T00:00:00Z', to: '2026-11-08T00:00:00Z' },
      seesUnmeshed: true,
      rows: [{ source: 'calls.csv:4', client: 'web', service: 'orders', port: 8080 }],
    });
  });

  it('reads JSON of the same content', () => {
    const text = JSON.stringify({
      seesUnmeshed: true,
      calls: [{ client: 'web', service: 'orders', port: 8080, count: 3 }],
    });
    expect(parseCalls(text, 'c').rows).toEqual([
      { source: 'c:1', client: 'web', service: 'orders', port: 8080, count: 3 },
    ]);
  });

  it.each([
    ['client,service\na,b\n', 'no column "port"'],
    ['client,service,port,colour\na,b,1,red\n', 'unknown column "colour"'],
    ['client,service,port\na,b,1\na,,2\n', 'line 3: client, service and port are required'],
    ['client,service,port\na,b,70000\n', 'line 2: port 70000'],
    ['client,service,port\na,b,http\n', 'line 2: port is no whole number'],
    ['client,service,port\n"a,b,1\n', 'line 2: a quote that is not closed'],
    ['client,service,port,lastSeen\na,b,1,soon\n', 'line 2: lastSeen "soon" is no time'],
    ['', 'no header line'],
    ['{"calls": 1}', 'no list of calls'],
  ])('refuses %j and names the line', (text, message) => {
    expect(() => parseCalls(text, 'f')).toThrow(message);
  });
});

describe('parseCsv', () => {
  it('reads back any fields that were quoted as RFC 4180 says', () => {
    const record = fc.array(fc.string(), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(record), fc.constantFrom('\n', '\r\n'), (records, end) => {
        const text = records
          .map((fields) => fields.map((f) => `"${f.replaceAll('"', '""')}"`).join(',') + end)
          .join('');
        expect([...parseCsv(text)].map(({ fields }) => fields)).toEqual(records);
      }),
    );
  });
});
