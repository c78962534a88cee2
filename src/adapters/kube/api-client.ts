import type { IncomingHttpHeaders } from 'node:http';
import { asObject, type JsonObject } from '../../lib/json.ts';
import { cannotReach, isTlsFailure, unauthorized } from './api-errors.ts';
import { createPacer, retryDelaySeconds, type Clock } from './clock.ts';
import { getOnce, type GetOutcome } from './http-get.ts';
import type { Connection } from './connection.ts';

/**
 * What a path gave in the end: an object; a refusal that trying again does not change (403, 404, 410 ...); or a
 * failure that remained after all attempts.
 */
export type Answer =
  | { readonly result: 'object'; readonly body: JsonObject; readonly date: string | undefined }
  | { readonly result: 'refused'; readonly status: number }
  | { readonly result: 'failed'; readonly reason: string };

/** Reads JSON objects from one API server: paced, with bounded retries, and by GET alone. */
export interface ApiClient {
  get(path: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface ApiClientOptions {
  readonly connection: Connection;
  readonly requestTimeoutSeconds: number;
  /** Requests a second; 0 means no limit. */
  readonly qps: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

interface Trouble {
  readonly result: 'trouble';
  readonly reason: string;
  readonly retryAfterSeconds?: number;
  /** Whether time alone tends to cure it, as when the API server restarts. */
  readonly passes: boolean;
  /** Node's code, where no answer came at all. */
  readonly code?: string;
}

type Judgement = Answer | Trouble;

/** Some 24 seconds with the pauses between them, in which a restarted API server is back. */
const MOST_ATTEMPTS = 7;
const FEW_ATTEMPTS = 4;

interface ServerState {
  /** Whether the server has given one answer that an API server gives. */
  isEstablished: boolean;
  /** Credentials that were never accepted are not worth renewing; those that were may have expired. */
  acceptedGeneration: number | undefined;
  /** Set while the server seems to be gone, so that each further kind does not wait for all attempts anew. */
  seemsGone: boolean;
}

/** A client for the connection's API server. Throws where the server cannot be reached at all or answers 401. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { connection, signal, clock } = options;
  const pacer = createPacer(options.qps, clock);
  const state: ServerState = { isEstablished: false, acceptedGeneration: undefined, seemsGone: false };
  return {
    get: async (path, query = {}) => {
      const url = urlFor(connection.baseUrl, path, query);
      const isPatient = !state.seemsGone;
      for (let count = 0; ; count += 1) {
        await pacer.turn(signal);
        const judgement = await attempt(url, options, state);
        if (judgement.result !== 'trouble') {
          state.isEstablished = true;
          state.seemsGone = false;
          return judgement;
        }
        const attempts = state.isEstablished && judgement.passes ? MOST_ATTEMPTS : FEW_ATTEMPTS;
        if (!isPatient || count + 1 >= attempts) {
          state.seemsGone = judgement.code !== undefined;
          return { result: 'failed', reason: judgement.reason };
        }
        await clock.sleep(retryDelaySeconds(count, judgement.retryAfterSeconds, () => clock.random()) * 1000, signal);
      }
    },
  };
}

async function attempt(url: URL, options: ApiClientOptions, state: ServerState): Promise<Judgement> {
  const { connection, signal, requestTimeoutSeconds: timeoutSeconds } = options;
  const { options: credentials, generation } = connection.credentials();
  const outcome = await getOnce({ url, options: credentials, timeoutSeconds, signal });
  if (!outcome.answered) {
    if (!state.isEstablished) throwIfHopeless(connection.server, outcome.code);
    return judge(outcome);
  }
  if (outcome.status !== 401) {
    state.acceptedGeneration = generation;
    return judge(outcome);
  }
  const isCurrent = connection.credentials().generation === generation;
  if (isCurrent && state.acceptedGeneration !== generation) throw unauthorized(connection.server, connection.context);
  await connection.refresh(generation);
  return { result: 'trouble', reason: 'the API server answered 401', passes: true };
}

/** Before the first answer these codes say that there is nothing to wait for. */
function throwIfHopeless(server: string, code: string): void {
  const hopeless = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'];
  if (hopeless.includes(code) || isTlsFailure(code)) throw cannotReach(server, code);
}

function urlFor(baseUrl: URL, path: string, query: Readonly<Record<string, string>>): URL {
  const url = new URL(baseUrl);
  url.pathname = `${baseUrl.pathname.replace(/\/+$/, '')}${path}`;
  url.search = new URLSearchParams(query).toString();
  return url;
}

function judge(outcome: GetOutcome): Judgement {
  if (!outcome.answered) {
    return { result: 'trouble', reason: `the connection failed (${outcome.code})`, code: outcome.code, passes: true };
  }
  const { status, headers } = outcome;
  if (status === 429 || status >= 500) {
    const passes = [429, 502, 503, 504].includes(status);
    return { result: 'trouble', reason: `the API server answered ${String(status)}`, passes, ...retryAfter(headers) };
  }
  if (status !== 200) return { result: 'refused', status };
  const body = parseObject(outcome.text);
  if (body === undefined) return { result: 'trouble', reason: 'the answer was cut off or is not JSON', passes: false };
  return { result: 'object', body, date: headers.date };
}

/** Seconds, or a time by the server's own clock, which the answer's `Date` tells. Source: RFC 9110, section 10.2.3. */
function retryAfter(headers: IncomingHttpHeaders): { retryAfterSeconds?: number } {
  const text = headers['retry-after'];
  if (text === undefined) return {};
  if (/^\d{1,6}$/.test(text)) return { retryAfterSeconds: Number(text) };
  const seconds = (Date.parse(text) - Date.parse(headers.date ?? '')) / 1000;
  return seconds > 0 ? { retryAfterSeconds: seconds } : {};
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
