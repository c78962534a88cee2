import { afterAll, describe, expect, it } from 'vitest';
import { readAccessLogs } from '../../../src/adapters/flows/access-logs.ts';
import { readHubbleFlows } from '../../../src/adapters/flows/hubble.ts';
import { logFiles, toText } from './log-files.ts';

const files = logFiles();
afterAll(files.end);

/** A hundredth of what MESHWISE_LARGE asks for, which takes seconds. */
const MANY = process.env['MESHWISE_LARGE'] === undefined ? 3000 : 300_000;

function countOf(rows: readonly { readonly count?: number }[]): number {
  return rows.reduce((sum, { count = 0 }) => sum + count, 0);
}

describe('very many lines', () => {
  it('of few calls are few rows that hold the whole count', async () => {
    const lines = Array.from({ length: MANY }, (_, index) => ({
      time: '2026-11-21T10:00:00Z',
      verdict: 'FORWARDED',
      IP: { source: `10.0.${String(index % 7)}.1`, destination: '10.0.0.2' },
      l4: { TCP: { source_port: 1024 + (index % 60_000), destination_port: 8000 + (index % 5) } },
      source: { namespace: 'shop', pod_name: `cart-${String(index % 7)}` },
      destination: { namespace: 'shop', pod_name: 'pay-1' },
      is_reply: false,
    }));
    const { rows } = await readHubbleFlows(files.write('many.jsonl', toText(lines)));
    expect(rows).toHaveLength(35);
    expect(countOf(rows)).toBe(MANY);
  });

  it('with a path and a caller each do not grow without end, and say so', async () => {
    const lines = Array.from({ length: MANY }, (_, index) => ({
      start_time: '2026-11-21T10:00:00Z',
      method: 'GET',
      protocol: 'HTTP/1.1',
      path: `/order/${String(index)}`,
      upstream_cluster: 'inbound|8080||',
      requested_server_name: 'outbound_.80_._.pay.shop.svc.cluster.local',
      downstream_remote_address: `10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}:4000`,
    }));
    const { rows, gaps } = await readAccessLogs(files.write('many.log', toText(lines)));
    expect(rows.length).toBeLessThan(1000);
    expect(countOf(rows)).toBe(MANY);
    expect(gaps?.join('\n')).toMatch(/further clients .* counted together/);
    expect(gaps?.join('\n')).toMatch(/further paths .* counted together without a path/);
  });
});
