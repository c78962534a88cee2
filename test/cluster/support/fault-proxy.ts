import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from './test-server.ts';

/** What befalls one answer; `none` passes it on. */
export type Fault =
  'none' | '429' | '500' | '503' | 'reset' | 'cut' | 'shortened' | 'slow' | 'silent' | 'not-json' | 'other-json';

export const FAULTS: readonly Fault[] = [
  '429',
  '500',
  '503',
  'reset',
  'cut',
  'shortened',
  'slow',
  'silent',
  'not-json',
  'other-json',
];

/** One answer on its way to the client. */
export interface Passing {
  readonly path: string;
  readonly body: Buffer;
}

export interface FaultProxyOptions {
  /** Chooses what befalls the answer to a path. */
  readonly fault: (path: string) => Fault;
  /** Waited for before an answer is passed on. */
  readonly before?: (passing: Passing) => Promise<void> | undefined;
}

/** A proxy in front of an API server, with the server's own certificate. */
export interface FaultProxy {
  readonly url: string;
  /** How often each fault was made. */
  readonly made: ReadonlyMap<Fault, number>;
  close(): void;
}

interface Upstream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Starts the proxy on a free port. */
export async function startFaultProxy(server: TestServer, options: FaultProxyOptions): Promise<FaultProxy> {
  const read = (name: string): Buffer => readFileSync(path.join(server.folder, name));
  const agent = new Agent({ keepAlive: false, ca: read('server.crt'), rejectUnauthorized: false });
  const made = new Map<Fault, number>();
  const listener = createServer({ cert: read('server.crt'), key: read('server.key') }, (request, response) => {
    const url = request.url ?? '/';
    const fault = options.fault(url.split('?')[0] ?? '');
    made.set(fault, (made.get(fault) ?? 0) + 1);
    relay(server, request, agent)
      .then(async (answer) => {
        await options.before?.({ path: url, body: answer.body });
        await pass(response, answer, fault);
      })
      // The API server is gone, or the client did not wait: neither gets an answer.
      .catch(() => request.socket.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${String(port)}`,
    made,
    close: () => {
      agent.destroy();
      listener.close();
      listener.closeAllConnections();
    },
  };
}

function relay(server: TestServer, request: IncomingMessage, agent: Agent): Promise<Upstream> {
  const target = { host: '127.0.0.1', port: server.port, path: request.url, method: request.method, agent };
  return new Promise((resolve, reject) => {
    const onward = requestHttps({ ...target, headers: request.headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    onward.on('error', reject);
    request.pipe(onward);
  });
}

async function pass(response: ServerResponse, { status, headers, body }: Upstream, fault: Fault): Promise<void> {
  const kept = {
    'content-type': headers['content-type'],
    'content-encoding': headers['content-encoding'],
    date: headers.date,
  };
  const sent = Object.fromEntries(Object.entries(kept).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string
  >;
  const half = body.subarray(0, Math.floor(body.length / 2));
  switch (fault) {
    case 'none':
      response.writeHead(status, { ...sent, 'content-length': body.length }).end(body);
      return;
    case '429':
      response.writeHead(429, { 'retry-after': '1' }).end('{"kind":"Status","code":429}');
      return;
    case '500':
    case '503':
      response.writeHead(Number(fault)).end('{"kind":"Status","message":"injected"}');
      return;
    case 'reset':
      response.destroy();
      return;
    case 'cut':
      response.writeHead(status, { ...sent, 'content-length': body.length });
      response.write(half, () => response.destroy());
      return;
    case 'shortened':
      response.writeHead(status, { ...sent, 'content-length': half.length }).end(half);
      return;
    case 'slow':
      response.writeHead(status, { ...sent, 'content-length': body.length });
      response.write(half);
      await sleep(700);
      response.end(body.subarray(half.length));
      return;
    case 'silent':
      // The client's own limit ends it.
      return;
    case 'not-json':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>');
      return;
    case 'other-json':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"Status","items":"none"}');
      return;
  }
}

/** Numbers from 0 to below 1, the same for the same seed. Source: mulberry32, public domain. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
