import { afterAll, describe, expect, it } from 'vitest';
import { readHubbleFlows } from '../../../src/adapters/flows/hubble.ts';
import { logFiles } from './log-files.ts';

const files = logFiles();
afterAll(files.end);

interface FlowParts {
  readonly source?: unknown;
  readonly destination?: unknown;
  readonly sourcePort?: number;
  readonly port?: number;
  readonly more?: object;
}

const CART = { namespace: 'shop', pod_name: 'cart-7d9-x', workloads: [{ name: 'cart', kind: 'Deployment' }] };
const PAY = { namespace: 'shop', pod_name: 'pay-5f6-y', workloads: [{ name: 'pay', kind: 'Deployment' }] };
const SYN = { flags: { SYN: true } };

/** A first packet from cart to pay as one point observed it. */
function flow({ source = CART, destination = PAY, sourcePort = 40000, port = 8080, more = {} }: FlowParts = {}) {
  return {
    time: '2026-11-21T10:00:00.123456789Z',
    verdict: 'FORWARDED',
    IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
    l4: { TCP: { source_port: sourcePort, destination_port: port, ...SYN } },
    source,
    destination,
    Type: 'L3_L4',
    is_reply: false,
    ...more,
  };
}

async function read(...lines: readonly unknown[]) {
  return readHubbleFlows(files.write('flows.jsonl', lines));
}

describe('a flow of Hubble', () => {
  it('tells who called which port of whose pods, and when', async () => {
    const { rows, seesUnmeshed, window } = await read(
      { flow: flow(), node_name: 'one', time: '2026-11-21T10:00:00Z' },
      flow({ sourcePort: 40001, more: { time: '2026-11-21T10:05:00Z' } }),
    );
    expect(rows).toEqual([
      {
        source: expect.stringMatching(/flows\.jsonl:1$/) as string,
        client: 'cart',
        clientNamespace: 'shop',
        clientKind: 'Deployment',
        server: 'pay',
        serverNamespace: 'shop',
        serverKind: 'Deployment',
        targetPort: 8080,
        count: 2,
        firstSeen: '2026-11-21T10:00:00.123Z',
        lastSeen: '2026-11-21T10:05:00.000Z',
      },
    ]);
    expect(seesUnmeshed).toBe(true);
    expect(window).toEqual({ from: '2026-11-21T10:00:00.123Z', to: '2026-11-21T10:05:00.000Z' });
  });

  it('is counted once however many points observed its connection', async () => {
    const { rows } = await read(
      flow({ more: { trace_observation_point: 'TO_STACK', traffic_direction: 'EGRESS' } }),
      flow({ more: { trace_observation_point: 'TO_ENDPOINT', traffic_direction: 'INGRESS' } }),
    );
    expect(rows.map(({ count }) => count)).toEqual([1]);
  });

  it('is one call though each node names the workload of its own pods only', async () => {
    const { workloads: _cart, ...farCart } = CART;
    const { workloads: _pay, ...farPay } = PAY;
    const { rows } = await read(flow({ destination: farPay }), flow({ source: farCart }));
    expect(rows).toMatchObject([{ client: 'cart', server: 'pay', count: 1 }]);
  });

  it('names the pod where no node names its workload', async () => {
    const { rows } = await read(flow({ source: { namespace: 'shop', pod_name: 'job-x' } }));
    expect(rows).toMatchObject([{ client: 'job-x', clientKind: 'Pod', clientNamespace: 'shop' }]);
  });

  it('that is a reply is no call', async () => {
    const { rows } = await read(
      flow(),
      flow({ source: PAY, destination: CART, sourcePort: 8080, port: 40000, more: { is_reply: true } }),
      flow({
        source: PAY,
        destination: CART,
        sourcePort: 8080,
        port: 40009,
        more: { is_reply: undefined, reply: true },
      }),
    );
    expect(rows).toHaveLength(1);
  });

  it('that does not say whether it is a reply tells by its flags, and is left out where they do not', async () => {
    const acked = { l4: { TCP: { source_port: 8080, destination_port: 41000, flags: { SYN: true, ACK: true } } } };
    const late = { l4: { TCP: { source_port: 42000, destination_port: 8080, flags: { ACK: true } } } };
    const { rows, gaps } = await read(
      flow({ more: { is_reply: null } }),
      flow({ more: { is_reply: null, ...acked } }),
      flow({ more: { is_reply: null, ...late } }),
    );
    expect(rows).toMatchObject([{ count: 1 }]);
    expect(gaps?.join()).toMatch(/1 line left out: a flow that does not say whether it is a reply \(.*:3\)/);
  });

  it.each([
    [{ identity: 1, labels: ['reserved:host'] }, 'node'],
    [{ identity: 6, labels: ['reserved:remote-node'] }, 'node'],
    [{ labels: ['reserved:kube-apiserver', 'reserved:remote-node'] }, 'apiserver'],
    [{ identity: 2 }, 'internet'],
    [{ labels: ['cidr:1.2.3.0/24', 'reserved:world-ipv4'] }, 'internet'],
    [{ labels: ['reserved:ingress'] }, 'load-balancer'],
    [{ labels: ['reserved:health'] }, 'node'],
    [{ identity: 3, labels: ['reserved:unmanaged'] }, '10.0.0.1'],
    [{}, '10.0.0.1'],
  ])('of %j comes from %s', async (source, client) => {
    const { rows } = await read(flow({ source }));
    expect(rows).toMatchObject([{ client }]);
    expect(rows[0]?.clientNamespace).toBeUndefined();
  });

  it('that was refused by policy counts as denied once, whichever events say so', async () => {
    const dropped = { verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED', is_reply: null };
    const lost = { verdict: 'DROPPED', drop_reason_desc: 'STALE_OR_UNROUTABLE_IP', is_reply: null };
    const { rows } = await read(
      flow({ more: { ...dropped, event_type: { type: 5 } } }),
      flow({ more: { ...dropped, event_type: { type: 1 } } }),
      flow({ sourcePort: 40001, more: lost }),
      flow({ sourcePort: 40002 }),
    );
    expect(rows).toMatchObject([{ count: 3, denied: 1 }]);
  });

  it('to the address of a Service names the Service and its port', async () => {
    const { rows } = await read(
      flow({
        destination: { identity: 2 },
        port: 80,
        more: { destination_service: { name: 'pay', namespace: 'shop' } },
      }),
    );
    expect(rows).toMatchObject([{ service: 'pay', serviceNamespace: 'shop', port: 80 }]);
    expect(rows[0]?.targetPort).toBeUndefined();
  });

  it('to the outside names its one DNS name, and else its address', async () => {
    const world = { identity: 2, labels: ['reserved:world'] };
    const { rows } = await read(
      flow({ destination: world, port: 443, more: { destination_names: ['api.example.com.'] } }),
      flow({ destination: world, port: 443, sourcePort: 4, more: { destination_names: ['a.com', 'b.com'] } }),
    );
    expect(rows).toMatchObject([
      { service: 'api.example.com', port: 443 },
      { service: '10.0.0.2', port: 443 },
    ]);
  });

  it('to the API server is a call to kubernetes.default', async () => {
    const { rows } = await read(flow({ destination: { identity: 7 }, port: 6443 }));
    expect(rows).toMatchObject([{ service: 'kubernetes', serviceNamespace: 'default', targetPort: 6443 }]);
  });

  it('through the tunnel of a mesh does not say which port is called', async () => {
    const { rows, gaps } = await read(flow({ port: 15008 }));
    expect(rows).toMatchObject([{ server: 'pay' }]);
    expect(rows[0]?.targetPort).toBeUndefined();
    expect(gaps?.join()).toContain("1 flows go through a mesh's tunnel");
  });

  it('of UDP says so, of TCP says no protocol, and of ICMP is no call', async () => {
    const udp = { l4: { UDP: { source_port: 5000, destination_port: 53 } } };
    const { rows, gaps } = await read(flow({ more: udp }), flow(), flow({ more: { l4: { ICMPv4: { type: 8 } } } }));
    expect(rows.map(({ protocol }) => protocol)).toEqual(['udp', undefined]);
    expect(gaps).toHaveLength(1);
  });

  it('of an HTTP request has its method and its path without the query, and counts once though both ends saw it', async () => {
    const http = { http: { method: 'get', url: 'http://pay:8080/charge?card=4111', protocol: 'HTTP/1.1' } };
    const request = { Type: 'L7', l7: { type: 'REQUEST', ...http } };
    const { rows } = await read(
      flow({ more: { ...request, traffic_direction: 'EGRESS' } }),
      flow({ more: { ...request, traffic_direction: 'INGRESS' } }),
      flow({ more: { ...request, traffic_direction: 'INGRESS', verdict: 'DROPPED' } }),
      flow({ more: { Type: 'L7', is_reply: true, l7: { type: 'RESPONSE', ...http } } }),
    );
    expect(rows).toMatchObject([{ protocol: 'http', method: 'GET', path: '/charge', count: 2, denied: 1 }]);
    expect(JSON.stringify(rows)).not.toContain('4111');
  });

  it('before and after translation at the socket names the Service and the pod', async () => {
    const sock = {
      Type: 'SOCK',
      verdict: 'TRACED',
      is_reply: null,
      destination_service: { name: 'pay', namespace: 'shop' },
    };
    const { rows } = await read(
      flow({ sourcePort: 0, port: 80, more: { ...sock, sock_xlate_point: 'SOCK_XLATE_POINT_PRE_DIRECTION_FWD' } }),
      flow({ sourcePort: 0, port: 80, more: { ...sock, sock_xlate_point: 'SOCK_XLATE_POINT_PRE_DIRECTION_REV' } }),
    );
    expect(rows).toMatchObject([{ service: 'pay', port: 80, count: 1 }]);
  });
});

describe('what Hubble says of itself', () => {
  it('is a gap: lost events, silent nodes, and a window that is only guessed', async () => {
    const { gaps } = await read(
      flow(),
      flow({ sourcePort: 2, more: { time: '2026-11-21T11:00:00Z' } }),
      { lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '12' } },
      { lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: 3 } },
      { node_status: { state_change: 'NODE_UNAVAILABLE', node_names: ['b', 'a'] } },
    );
    expect(gaps).toEqual([
      'the window is guessed: it is that of the first and the last call',
      '15 events were lost before Hubble saw them (HUBBLE_RING_BUFFER)',
      '2 nodes gave no flows at some time (a, b)',
    ]);
  });
});
