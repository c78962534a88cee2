import type { JsonObject } from '../../../../lib/json.ts';
import { compareRanks, matchAny, matchGrpc, matchHosts, matchHttp, type RoutedRequest } from './route-match.ts';
import { createdAt, type PolicyRoute, type RouteTable } from './routes.ts';

/** The routes that a request may take; `undefined` among them stands for none, which is answered 404. */
export interface Routing {
  readonly possible: readonly (PolicyRoute | undefined)[];
  /** Why there is more than one. */
  readonly why: string | undefined;
}

interface Entry {
  readonly route: PolicyRoute;
  readonly sure: boolean;
  readonly rank: readonly number[] | undefined;
  readonly why: string | undefined;
}

/**
 * The route that a request takes: the one with the most specific condition that holds; the first of equals. Where it
 * is not known whether a condition holds, every route that may win is possible.
 * Source: linkerd2-proxy linkerd/http/route/src/lib.rs#find.
 */
export function routeRequest(table: RouteTable, request: RoutedRequest): Routing {
  const entries = table.routes.flatMap((route) => entriesOf(route, table.isGrpc, request));
  const best = entries.reduce<Entry | undefined>((first, entry) => {
    if (!entry.sure || entry.rank === undefined) return first;
    return first?.rank === undefined || compareRanks(entry.rank, first.rank) > 0 ? entry : first;
  }, undefined);
  const rivals = entries.filter((entry) => entry !== best && mayWin(entry, best));
  const routes = [best?.route, ...rivals.map(({ route }) => route)];
  const possible = routes.filter((route, index) => routes.indexOf(route) === index);
  return { possible, why: rivals.find(({ why }) => why !== undefined)?.why ?? ambiguity(possible) };
}

function ambiguity(possible: readonly unknown[]): string | undefined {
  return possible.length > 1 ? 'which route is the older one is not known (no creation time)' : undefined;
}

function mayWin(entry: Entry, best: Entry | undefined): boolean {
  if (best?.rank === undefined || entry.rank === undefined) return true;
  const order = compareRanks(entry.rank, best.rank);
  if (order !== 0) return order > 0;
  // Of equals the first wins, and which that is the creation times say.
  return !entry.sure || [entry, best].some(({ route }) => route.object !== undefined && isUndated(route));
}

function isUndated(route: PolicyRoute): boolean {
  return !Number.isFinite(createdAt(route));
}

function entriesOf(route: PolicyRoute, isGrpc: boolean, request: RoutedRequest): readonly Entry[] {
  const host = matchHosts(route.hostnames, request.host);
  if (host.holds.known && !host.holds.value) return [];
  const match = (condition: JsonObject) => (isGrpc ? matchGrpc : matchHttp)(condition, request);
  const matches = route.rules.flatMap((conditions) =>
    conditions.length === 0 ? [matchAny(isGrpc)] : conditions.map(match),
  );
  return matches
    .filter(({ holds }) => !holds.known || holds.value)
    .map(({ holds, rank }) => {
      const open = [route.attached, host.holds, holds].find((fact) => !fact.known);
      return {
        route,
        sure: open === undefined,
        rank: host.rank === undefined || rank === undefined ? undefined : [...host.rank, ...rank],
        why: open?.known === false ? open.reason : undefined,
      };
    });
}
