import {
  request as requestHttp,
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { asText, at } from '../../lib/json.ts';
import { cancelledError } from './prometheus-errors.ts';
import { absoluteForm, openTunnel } from './tunnel.ts';

/** Where requests go and what all of them carry. */
export interface Route {
  readonly agent: Agent;
  readonly tls: ConnectionOptions;
  readonly proxy?: URL;
  /** With credentials. */
  readonly headers: OutgoingHttpHeaders;
  /** For the whole of one exchange; 0 sets no limit. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface ExchangeRequest {
  readonly url: URL;
  /** Sent by POST; without it the request is a GET. */
  readonly form?: string;
}

/** A whole answer of whatever status, or Node's error code where there was none. */
export type ExchangeOutcome =
  | { readonly answered: true; readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }
  | { readonly answered: false; readonly code: string };

/** Longest answer taken, in bytes. */
const LONGEST_BODY_BYTES = 256 * 1024 * 1024;
const gunzipBuffer = promisify(gunzip);

/** Sends one request and reads the whole answer. Failures are an outcome; only the user's cancelling throws. */
export async function exchangeOnce(request: ExchangeRequest, route: Route): Promise<ExchangeOutcome> {
  const timeout = route.timeoutSeconds > 0 ? AbortSignal.timeout(route.timeoutSeconds * 1000) : undefined;
  const signal = timeout === undefined ? route.signal : AbortSignal.any([route.signal, timeout]);
  try {
    const response = await send(request, { ...route, signal });
    const text = await readBody(response);
    return { answered: true, status: response.statusCode ?? 0, headers: response.headers, text };
  } catch (error) {
    if (route.signal.aborted) throw cancelledError();
    // Node's message is not passed on: it may quote what was sent.
    return {
      answered: false,
      code: timeout?.aborted === true ? 'ETIMEDOUT' : (asText(at(error, 'code')) ?? 'UNKNOWN'),
    };
  }
}

async function send({ url, form }: ExchangeRequest, route: Route): Promise<IncomingMessage> {
  const { signal, proxy } = route;
  const headers: OutgoingHttpHeaders = {
    ...route.headers,
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'meshwise',
    ...(form === undefined
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(form) }),
  };
  const common = { method: form === undefined ? 'GET' : 'POST', headers, signal };
  const tunnel = proxy !== undefined && url.protocol === 'https:' ? await openTunnel(url, proxy, signal) : undefined;
  return new Promise((resolve, reject) => {
    const request = open({ url, common, route, tunnel }, resolve);
    request.on('error', reject);
    request.end(form);
  });
}

interface Opening {
  readonly url: URL;
  readonly common: RequestOptions & { readonly headers: OutgoingHttpHeaders };
  readonly route: Route;
  readonly tunnel: Duplex | undefined;
}

function open({ url, common, route, tunnel }: Opening, answered: (response: IncomingMessage) => void): ClientRequest {
  const { agent, tls, proxy } = route;
  if (url.protocol === 'https:') {
    const way = tunnel === undefined ? { agent } : through(tunnel, url, tls);
    return requestHttps(url, { ...common, ...tls, ...way }, answered);
  }
  if (proxy === undefined) return requestHttp(url, { ...common, agent }, answered);
  const request = proxy.protocol === 'https:' ? requestHttps : requestHttp;
  return request({ ...common, ...absoluteForm(url, proxy, common.headers) }, answered);
}

function through(
  socket: Duplex,
  url: URL,
  tls: ConnectionOptions,
): { readonly agent: false; readonly createConnection: () => Duplex } {
  const servername = url.hostname.replace(/^\[|\]$/g, '');
  return { agent: false, createConnection: () => connectTls({ ...tls, socket, servername }) };
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY_BYTES) throw Object.assign(new Error('body too long'), { code: 'BODY_TOO_LONG' });
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const isPacked = response.headers['content-encoding'] === 'gzip';
  const plain = isPacked ? await gunzipBuffer(body, { maxOutputLength: LONGEST_BODY_BYTES }) : body;
  return plain.toString('utf8');
}
