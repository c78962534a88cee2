import {
  request as requestHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { asText, at } from '../../lib/json.ts';
import { cancelledError } from './api-errors.ts';

export interface GetRequest {
  readonly url: URL;
  /** Credentials, agent and TLS settings. */
  readonly options: RequestOptions;
  /** For the whole exchange; 0 means no limit. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** What one GET brought: a whole answer of whatever status, or Node's error code where there was none. */
export type GetOutcome =
  | { readonly answered: true; readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }
  | { readonly answered: false; readonly code: string };

/** Longest body taken, in bytes; V8 refuses strings above 512 MiB. */
const LONGEST_BODY_BYTES = 400 * 1024 * 1024;
const gunzipBuffer = promisify(gunzip);

/** Sends one GET and reads the whole answer. Failures are an outcome; only the user's cancelling throws. */
export async function getOnce(request: GetRequest): Promise<GetOutcome> {
  const timeout = request.timeoutSeconds > 0 ? AbortSignal.timeout(request.timeoutSeconds * 1000) : undefined;
  const signal = timeout === undefined ? request.signal : AbortSignal.any([request.signal, timeout]);
  try {
    const response = await send(request, signal);
    const text = await readBody(response);
    return { answered: true, status: response.statusCode ?? 0, headers: response.headers, text };
  } catch (error) {
    if (request.signal.aborted) throw cancelledError();
    return { answered: false, code: timeout?.aborted === true ? 'ETIMEDOUT' : codeOf(error) };
  }
}

function send({ url, options }: GetRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = {
    ...asHeaders(options.headers),
    accept: 'application/json',
    'accept-encoding': 'gzip',
    // By it whoever runs the API server finds these requests in the audit log.
    'user-agent': 'meshwise',
  };
  const open = url.protocol === 'http:' ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    const request = open(url, { ...options, headers, method: 'GET', signal }, resolve);
    request.on('error', reject);
    request.end();
  });
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

/** Node's code for the error. Its message is not passed on: it may quote what was sent. */
function codeOf(error: unknown): string {
  return asText(at(error, 'code')) ?? 'UNKNOWN';
}

/** Headers as an object; Node would also take a flat list, which nothing here makes. */
export function asHeaders(headers: RequestOptions['headers']): OutgoingHttpHeaders {
  return headers === undefined || Array.isArray(headers) ? {} : (headers as OutgoingHttpHeaders);
}
