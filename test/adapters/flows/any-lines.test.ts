import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readAccessLogs } from '../../../src/adapters/flows/access-logs.ts';
import { readEdges } from '../../../src/adapters/flows/edges.ts';
import { readHubbleFlows } from '../../../src/adapters/flows/hubble.ts';
import { AppError } from '../../../src/lib/errors.ts';
import { logFiles, toText } from './log-files.ts';

const files = logFiles();
afterAll(files.end);

const KEYS = [
  'flow',
  'l4',
  'TCP',
  'destination_port',
  'source',
  'destination',
  'workloads',
  'labels',
  'l7',
  'http',
  'url',
  'IP',
  'is_reply',
  'upstream_cluster',
  'downstream_remote_address',
  'requested_server_name',
  'kubernetes',
  'log',
  'scope',
  'src.addr',
  'dst.addr',
  'src',
  'dst',
  'lost_events',
  '__proto__',
  'constructor',
] as const;

/** Objects that bear the formats' own names in wrong places and with values of any type. */
const hostile = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('outbound|80||a.b', 'access', 'inbound', '10.0.0.1:80', 'reserved:host', 'SYN', '{{ .Values.x }}'),
    fc.integer({ min: -1, max: 70_000 }),
    fc.boolean(),
    fc.constant(null),
    fc.string({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 6 })
    .map((entries) => Object.fromEntries(entries)),
}));

const line = fc.oneof(
  hostile.object.map((object) => JSON.stringify(object)),
  hostile.object.map((object) => JSON.stringify(object).slice(0, -3)),
  hostile.object.map((object) => `[pod/a/b] ${JSON.stringify(object)}`),
  fc.string().map((text) => text.replace(/\n/g, ' ')),
);

describe.each([
  ['Hubble', readHubbleFlows],
  ['access logs', readAccessLogs],
  ['edges', readEdges],
] as const)('the reader of %s', (name, read) => {
  it('gives rows or a usage error for any lines, and numbers and names that the contract knows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const found = await read(files.write(`${name}.log`, lines)).catch((error: unknown) => error);
        if (found instanceof Error) {
          expect(found).toBeInstanceOf(AppError);
          return;
        }
        const { rows } = found as Awaited<ReturnType<typeof read>>;
        for (const row of rows) {
          expect(row.client).not.toBe('');
          for (const port of [row.port, row.targetPort]) expect(port ?? 1).toBeGreaterThan(0);
          expect(row.denied ?? 0).toBeLessThanOrEqual(lines.length);
        }
      }),
      { numRuns: 150 },
    );
  });
});

const pods = fc.constantFrom('cart', 'pay', 'web');
const event = fc.record({
  from: pods,
  to: pods,
  port: fc.constantFrom(80, 8080),
  denied: fc.boolean(),
  minute: fc.nat(59),
});

describe('counting', () => {
  it('conserves connections, refusals and times, in whatever order and files they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 40 }), fc.boolean(), async (events, reversed) => {
        const flows = events.map(({ from, to, port, denied, minute }, index) => ({
          time: `2026-11-21T10:${String(minute).padStart(2, '0')}:00Z`,
          verdict: denied ? 'DROPPED' : 'FORWARDED',
          ...(denied ? { drop_reason_desc: 'POLICY_DENIED' } : {}),
          IP: { source: '10.0.0.1', destination: '10.0.0.2' },
          l4: { TCP: { source_port: index + 1, destination_port: port } },
          source: { namespace: 'shop', pod_name: from },
          destination: { namespace: 'shop', pod_name: to },
          is_reply: false,
        }));
        const { rows, window } = await readHubbleFlows(
          files.write('counted.log', toText(reversed ? flows.toReversed() : flows)),
        );
        const sum = (numbers: readonly (number | undefined)[]) =>
          numbers.reduce<number>((total, number) => total + (number ?? 0), 0);
        expect(sum(rows.map(({ count }) => count))).toBe(events.length);
        expect(sum(rows.map(({ denied }) => denied))).toBe(events.filter(({ denied }) => denied).length);
        const kinds = new Set(events.map(({ from, to, port }) => `${from} ${to} ${String(port)}`));
        expect(rows).toHaveLength(kinds.size);
        const minutes = events.map(({ minute }) => minute);
        const isSpan = Math.min(...minutes) < Math.max(...minutes);
        expect(window === undefined).toBe(!isSpan);
      }),
      { numRuns: 60 },
    );
  });
});
