import { asObjects, asText, at, type JsonObject } from '../../../../lib/json.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { pathAlone } from './probes.ts';

/** What is known of a request when it is matched against routes; the path without its query. */
export interface RoutedRequest {
  readonly method: Fact<string>;
  readonly path: Fact<string>;
  readonly host: Fact<string>;
}

/**
 * Whether a condition holds. Its rank, greatest first, picks among those that hold; it is absent where it depends on
 * what is not known.
 */
export interface RouteMatch {
  readonly holds: Fact<boolean>;
  readonly rank?: readonly number[];
}

const NO: RouteMatch = { holds: known(false) };
/** As a prefix match on `/`. */
const EVERY_HTTP: readonly number[] = [1, 0, 0, 0];

/**
 * Whether one of an HTTP rule's `matches` holds: path, method, headers and query all at once. What headers and queries
 * are asked for is not kept, so whether they match is unknown.
 * Source: linkerd2-proxy linkerd/http/route/src/http/match.rs, match/path.rs.
 */
export function matchHttp(condition: JsonObject, request: RoutedRequest): RouteMatch {
  const [headers, queries] = [asObjects(condition['headers']).length, asObjects(condition['queryParams']).length];
  const path = matchPath(at(condition, 'path'), request.path);
  const wanted = asText(condition['method']);
  const method = wanted === undefined ? known(true) : equals(request.method, wanted);
  if (isFalse(path.holds) || isFalse(method)) return NO;
  const asked: Fact<boolean> =
    headers + queries === 0 ? known(true) : unknown('a route asks for headers or query parameters of the request');
  const open = [path.holds, method, asked].find((fact) => !fact.known);
  const length = path.rank?.[0];
  if (length === undefined) return { holds: open ?? known(true) };
  return { holds: open ?? known(true), rank: [length, headers, queries, wanted === undefined ? 0 : 1] };
}

/**
 * Whether one of a gRPC rule's `matches` holds: service and method of a POST.
 * Source: linkerd2-proxy linkerd/http/route/src/grpc/match.rs.
 */
export function matchGrpc(condition: JsonObject, request: RoutedRequest): RouteMatch {
  const post = equals(request.method, 'POST');
  if (isFalse(post)) return NO;
  const [service, method] = ['service', 'method'].map((field) => asText(at(condition, 'method', field)) ?? '');
  const rpc = matchRpc(service ?? '', method ?? '', request.path);
  if (isFalse(rpc)) return NO;
  const headers = asObjects(condition['headers']).length;
  const asked: Fact<boolean> = headers === 0 ? known(true) : unknown('a route asks for headers of the request');
  const open = [post, rpc, asked].find((fact) => !fact.known);
  return { holds: open ?? known(true), rank: [(service ?? '').length, (method ?? '').length, headers] };
}

/** A rule without `matches` holds for every request, and ranks as if it asked for nothing. */
export function matchAny(isGrpc: boolean): RouteMatch {
  return { holds: known(true), rank: isGrpc ? [0, 0, 0] : EVERY_HTTP };
}

/**
 * Whether a request's host is one of a route's; a route without hostnames takes all of them. Exact names go before
 * suffixes, longer ones before shorter. Source: linkerd2-proxy linkerd/http/route/src/http/match/host.rs.
 */
export function matchHosts(hostnames: readonly string[], host: Fact<string>): RouteMatch {
  if (hostnames.length === 0) return { holds: known(true), rank: [0, 0] };
  if (!host.known) return { holds: host };
  const name = host.value.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  const ranks = hostnames.flatMap((hostname) => hostRank(hostname.toLowerCase(), name));
  const best = ranks.sort(compareRanks).at(-1);
  return best === undefined ? NO : { holds: known(true), rank: best };
}

/** Compares ranks number by number. */
export function compareRanks(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function hostRank(hostname: string, host: string): (readonly number[])[] {
  if (!hostname.startsWith('*.')) return hostname === host ? [[2, hostname.length]] : [];
  const suffix = hostname.slice(1);
  return host.endsWith(suffix) ? [[1, suffix.length]] : [];
}

function matchPath(condition: unknown, path: Fact<string>): RouteMatch {
  const type = asText(at(condition, 'type')) ?? 'PathPrefix';
  const value = asText(at(condition, 'value')) ?? '/';
  if (type === 'PathPrefix' && value === '/') return { holds: known(true), rank: [1] };
  if (!path.known) return { holds: path };
  const actual = pathAlone(path.value);
  if (type === 'RegularExpression')
    return { holds: unknown('whether the path matches a regular expression is not looked at'), rank: [actual.length] };
  if (type === 'Exact') return value === actual ? { holds: known(true), rank: [value.length] } : NO;
  const prefix = value.replace(/\/+$/, '');
  const rest = actual.replace(/\/+$/, '');
  const isBelow = rest === prefix || rest.startsWith(`${prefix}/`);
  return isBelow ? { holds: known(true), rank: [prefix.length] } : NO;
}

function matchRpc(service: string, method: string, path: Fact<string>): Fact<boolean> {
  if (!path.known) return path;
  const [start, called, procedure] = pathAlone(path.value).split('/');
  if (start !== '' || called === undefined || procedure === undefined) return known(false);
  return known((service === '' || service === called) && (method === '' || method === procedure));
}

function equals(fact: Fact<string>, wanted: string): Fact<boolean> {
  return fact.known ? known(fact.value === wanted) : fact;
}

function isFalse(fact: Fact<boolean>): boolean {
  return fact.known && !fact.value;
}
