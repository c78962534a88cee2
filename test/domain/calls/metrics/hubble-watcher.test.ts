import { describe, expect, it } from 'vitest';
import { hubble } from '../../../../src/domain/calls/metrics/hubble-watcher.ts';
import { gapsOf, rowsOf, type ExposedSeries } from './watcher-rows.ts';

const ENDS = {
  source_namespace: 'shop',
  source_workload: 'web',
  destination_namespace: 'shop',
  destination_workload: 'cart',
};

function packets(labels: Readonly<Record<string, string>>): ExposedSeries {
  return { metric: 'hubble_port_distribution_total', labels: { protocol: 'TCP', port: '8080', ...labels }, count: 900 };
}

describe('metrics of Hubble', () => {
  it('tell both ends and the port of the pod, and do not take packets for calls', () => {
    expect(rowsOf(hubble, [packets({ ...ENDS, source_workload_kind: 'Deployment' })])).toEqual([
      {
        client: 'web',
        clientKind: 'Deployment',
        clientNamespace: 'shop',
        server: 'cart',
        serverNamespace: 'shop',
        targetPort: 8080,
      },
    ]);
  });

  it.each(['15008', '4143'])('do not know which port a tunnel to %s leads to', (port) => {
    expect(rowsOf(hubble, [packets({ ...ENDS, port })])[0]).not.toHaveProperty('targetPort');
  });

  it('tell who is not a workload', () => {
    const named = (source: string): string | undefined =>
      rowsOf(hubble, [packets({ destination_namespace: 'shop', destination_workload: 'cart', source })])[0]?.client;
    expect(named('reserved:host')).toBe('node');
    expect(named('reserved:remote-node')).toBe('node');
    expect(named('reserved:kube-apiserver')).toBe('kube-apiserver');
    expect(named('reserved:world')).toBe('unknown');
  });

  it('tell the workload by the name of its pod', () => {
    const named = (pod: string): unknown =>
      rowsOf(hubble, [packets({ ...ENDS, source_workload: '', source_pod: pod, source_namespace: 'a' })])[0]?.client;
    expect(named('cart-6d4b75cb6d-x2x9z')).toBe('cart');
    expect(named('agent-x2x9z')).toBe('agent');
    expect(named('store-0')).toBe('store-0');
    const [row] = rowsOf(hubble, [packets({ source: 'shop/web-6d4b75cb6d-x2x9z', destination: 'shop/cart' })]);
    expect(row).toMatchObject({ client: 'web', clientNamespace: 'shop', server: 'cart', serverNamespace: 'shop' });
  });

  it('tell requests with their method, and connections by their first packet', () => {
    const rows = rowsOf(hubble, [
      { metric: 'hubble_http_requests_total', labels: { ...ENDS, method: 'GET', protocol: 'HTTP/1.1' }, count: 3 },
      { metric: 'hubble_tcp_flags_total', labels: { ...ENDS, flag: 'SYN' }, count: 2 },
      { metric: 'hubble_tcp_flags_total', labels: { ...ENDS, flag: 'SYN-ACK' }, count: 2 },
    ]);
    expect(rows).toMatchObject([{ protocol: 'http', method: 'GET', count: 3 }, { count: 2 }]);
  });

  it('tell what a policy dropped, and take no single flow for a call, as it may be an answer', () => {
    const flows = (type: string, verdict: string): ExposedSeries => ({
      metric: 'hubble_flows_processed_total',
      labels: { ...ENDS, type, verdict, protocol: 'TCP' },
      count: 5,
    });
    expect(rowsOf(hubble, [flows('PolicyVerdict', 'DROPPED')])).toMatchObject([{ client: 'web', denied: 5 }]);
    expect(rowsOf(hubble, [flows('Trace', 'FORWARDED')])).toEqual([]);
  });

  it('say how Hubble is to be configured where it names no ends', () => {
    expect(rowsOf(hubble, [packets({})])).toEqual([]);
    expect(gapsOf(hubble, [packets({})])[0]).toContain('set labelsContext=source_namespace,source_workload');
  });
});
