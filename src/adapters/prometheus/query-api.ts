import { setTimeout as wait } from 'node:timers/promises';
import type { AppError } from '../../lib/errors.ts';
import { asList, asObject, asObjects, asText, asTextMap, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { exchangeOnce, type ExchangeOutcome, type ExchangeRequest } from './exchange.ts';
import { cannotReach, cancelledError, notAllowed, notPrometheus, queryFailed } from './prometheus-errors.ts';
import type { PrometheusServer } from './prometheus-route.ts';
import { redirectTarget, retryAfterSeconds } from './response-headers.ts';

/** One element of an instant vector. */
export interface VectorElement {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a query gave, with what the server says is wrong with it. */
export interface QueryAnswer {
  readonly vector: readonly VectorElement[];
  /** How many elements have no finite number, and are left out of the vector. */
  readonly notFinite: number;
  readonly warnings: readonly string[];
}

/** A question that failed in a way that others need not; its reason is fit to be shown. */
export interface QueryFailure {
  readonly failed: string;
  readonly error: AppError;
}

/** Longer ones are sent by POST; where only GET is allowed, as behind some proxies, the shorter ones still work. */
const LONGEST_URL = 6000;
const MOST_ATTEMPTS = 4;
const MOST_REDIRECTS = 3;
const LONGEST_PAUSE_SECONDS = 60;

/** Evaluates PromQL at a moment in seconds since 1970, or the server's own now. */
export async function instantQuery(
  server: PrometheusServer,
  query: string,
  atSeconds?: number,
): Promise<QueryAnswer | QueryFailure> {
  const form = new URLSearchParams({
    query,
    ...(server.route.timeoutSeconds > 0 ? { timeout: `${String(server.route.timeoutSeconds)}s` } : {}),
    ...(atSeconds === undefined ? {} : { time: String(atSeconds) }),
  }).toString();
  const url = new URL(`${server.base.href.replace(/\/+$/, '')}/api/v1/query`);
  const inUrl = new URL(`${url.href}?${form}`);
  const outcome = await persist(server, inUrl.href.length > LONGEST_URL ? { url, form } : { url: inUrl });
  return judge(server, outcome);
}

async function persist(server: PrometheusServer, first: ExchangeRequest): Promise<ExchangeOutcome> {
  let request = first;
  let redirects = 0;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await exchangeOnce(request, server.route);
    const target = outcome.answered ? redirectTarget(outcome, request.url) : undefined;
    if (target?.origin === request.url.origin && redirects < MOST_REDIRECTS) {
      redirects += 1;
      attempt -= 1;
      request = { ...request, url: target };
    } else if (attempt >= MOST_ATTEMPTS || !isPassing(outcome)) return outcome;
    else await pause(outcome, attempt, server);
  }
}

/** What time alone tends to cure. A query that took too long would take too long again. */
function isPassing(outcome: ExchangeOutcome): boolean {
  if (!outcome.answered) return ['ECONNRESET', 'EPIPE', 'EAI_AGAIN'].includes(outcome.code);
  if (outcome.status === 429 || outcome.status === 502) return true;
  return outcome.status === 503 && at(parse(outcome.text), 'errorType') === undefined;
}

async function pause(outcome: ExchangeOutcome, attempt: number, { route }: PrometheusServer): Promise<void> {
  const asked = outcome.answered ? retryAfterSeconds(outcome.headers) : undefined;
  const seconds = Math.min(LONGEST_PAUSE_SECONDS, Math.max(asked ?? 0, 0.5 * 2 ** (attempt - 1)));
  try {
    await wait(seconds * 1000, undefined, { signal: route.signal });
  } catch {
    throw cancelledError();
  }
}

function judge(server: PrometheusServer, outcome: ExchangeOutcome): QueryAnswer | QueryFailure {
  const { host } = server;
  if (!outcome.answered) return noAnswer(host, outcome.code);
  const { status, text } = outcome;
  const body = parse(text);
  if (asText(body?.['status']) === 'success') return vectorOf(body);
  if (status === 401 || status === 403) return failure(`it answered ${String(status)}`, notAllowed(host, status));
  const said = asText(body?.['error']);
  if (said !== undefined) {
    const reason = `the query failed (${String(status)}): ${withoutSecrets(said, server)}`;
    return failure(reason, queryFailed(host, reason));
  }
  if (status >= 500 || status === 429) {
    const reason = `it answered ${String(status)}`;
    return failure(reason, queryFailed(host, reason));
  }
  const target = status >= 300 && status < 400 ? ', a redirect to another place, which is not followed' : '';
  const reason =
    body === undefined && status === 200 ? 'the answer is not JSON' : `it answered ${String(status)}${target}`;
  return failure(reason, notPrometheus(host, reason));
}

function noAnswer(host: string, code: string): QueryFailure {
  const isTooLarge = code === 'BODY_TOO_LONG' || code === 'ERR_BUFFER_TOO_LARGE';
  return failure(isTooLarge ? 'the answer is too large' : `the connection failed (${code})`, cannotReach(host, code));
}

function failure(failed: string, error: AppError): QueryFailure {
  return { failed, error };
}

function vectorOf(body: JsonObject | undefined): QueryAnswer {
  const partial = body?.['isPartial'] === true ? ['the answer is partial'] : [];
  const result = at(body, 'data', 'result');
  const elements =
    at(body, 'data', 'resultType') === 'scalar'
      ? [{ labels: {}, value: sampleValue(result) }]
      : asObjects(result).map((each) => ({ labels: asTextMap(each['metric']), value: sampleValue(each['value']) }));
  const vector = elements.filter(({ value }) => Number.isFinite(value));
  return {
    vector,
    notFinite: elements.length - vector.length,
    warnings: [...asTexts(body?.['warnings']), ...asTexts(body?.['infos']), ...partial],
  };
}

/** `[TIME, "VALUE"]`: https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats. */
function sampleValue(sample: unknown): number {
  const text = asText(asList(sample)[1]);
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}

function parse(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const LONGEST_REASON = 200;

/** What a server says, cut short, without control characters and without what it was told in confidence. */
export function withoutSecrets(text: string, { secrets }: Pick<PrometheusServer, 'secrets'>): string {
  const clean = secrets.reduce((said, secret) => said.replaceAll(secret, '…'), text).replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  const letters = [...clean];
  return letters.length > LONGEST_REASON ? `${letters.slice(0, LONGEST_REASON).join('')}…` : clean;
}
