import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: string;
}

export interface FakePrometheus {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  stop(): Promise<void>;
}

/** What a query gives: elements of a vector, a whole body, or nothing as the handler has answered on its own. */
export type FakeAnswer = readonly (readonly [labels: Record<string, string>, value: number])[] | object | undefined;

export const NOW = Date.parse('2026-11-20T12:00:00Z') / 1000;

/** A server on loopback that answers `/api/v1/query` as it is told. */
export async function fakePrometheus(
  answer: (request: SeenRequest, response: ServerResponse) => FakeAnswer,
): Promise<FakePrometheus> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://fake');
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const query = url.searchParams.get('query') ?? form.get('query') ?? '';
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, query };
      seen.push(one);
      const body = bodyOf(answer(one, response), query);
      if (body === undefined) return;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function bodyOf(answer: FakeAnswer, query: string): object | undefined {
  if (answer === undefined || !Array.isArray(answer)) return answer;
  if (query === 'time()') return { status: 'success', data: { resultType: 'scalar', result: [NOW, String(NOW)] } };
  const result = (answer as readonly (readonly [Record<string, string>, number])[]).map(([metric, value]) => ({
    metric,
    value: [NOW, String(value)],
  }));
  return { status: 'success', data: { resultType: 'vector', result } };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve();
    });
  });
}
