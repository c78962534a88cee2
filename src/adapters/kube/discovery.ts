import type { Kind } from '../../domain/kubernetes/object.ts';
import type { CoverageState } from '../../domain/world/coverage.ts';
import { asObjects, asText, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { groupBy } from '../../lib/order.ts';
import type { Answer, ApiClient } from './api-client.ts';

/** Where objects of a kind are listed. */
export interface Resource {
  readonly kind: Kind;
  readonly apiVersion: string;
  /** The kind without its group, as objects carry it. */
  readonly name: string;
  /** Path of the list over all namespaces. */
  readonly path: string;
  /** Path of the list in one namespace, or of one object where the kind has no namespaces. */
  readonly pathOf: (name: string) => string;
  readonly namespaced: boolean;
}

/** A kind that cannot be listed, with what that means for its coverage. */
export interface Unlisted {
  readonly kind: Kind;
  readonly state: Extract<CoverageState, 'absent' | 'forbidden' | 'unread'>;
  readonly reason: string;
}

/** For each wanted kind, where it is listed or why it is not. */
export interface Discovery {
  readonly resources: readonly Resource[];
  readonly unlisted: readonly Unlisted[];
}

type Found = Resource | Unlisted;

/** Asks the API server which of the wanted kinds it serves, the group's preferred version first. */
export async function discover(client: ApiClient, wanted: readonly Kind[]): Promise<Discovery> {
  const byGroup = groupBy(new Set(wanted), groupOfKind);
  const groups = [...byGroup.keys()].some((group) => group !== '') ? await client.get('/apis') : undefined;
  const found: Found[] = [];
  for (const [group, kinds] of byGroup) {
    if (group === '') found.push(...(await findKinds(client, kinds, ['v1'])));
    else if (groups !== undefined) found.push(...(await findInGroup(client, { group, kinds, groups })));
  }
  return {
    resources: found.filter((entry) => 'path' in entry),
    unlisted: found.filter((entry) => 'state' in entry),
  };
}

function groupOfKind(kind: Kind): string {
  return kind.includes('/') ? kind.slice(0, kind.indexOf('/')) : '';
}

interface GroupSearch {
  readonly group: string;
  readonly kinds: readonly Kind[];
  readonly groups: Answer;
}

async function findInGroup(client: ApiClient, { group, kinds, groups }: GroupSearch): Promise<readonly Found[]> {
  if (groups.result !== 'object') return kinds.map((kind) => unlistedBecause(kind, groups, 'the list of API groups'));
  if (!Array.isArray(groups.body['groups'])) {
    return kinds.map((kind) => ({ kind, state: 'unread', reason: 'the list of API groups could not be understood' }));
  }
  const entry = asObjects(groups.body['groups']).find((candidate) => candidate['name'] === group);
  if (entry === undefined) {
    return kinds.map((kind) => ({ kind, state: 'absent', reason: `the API server does not serve ${group}` }));
  }
  const preferred = asText(at(entry, 'preferredVersion', 'groupVersion'));
  const served = asObjects(entry['versions']).flatMap((version) => asText(version['groupVersion']) ?? []);
  return findKinds(client, kinds, [...new Set([...(preferred === undefined ? [] : [preferred]), ...served])]);
}

/** Looks the kinds up in each version in turn; a later version is asked only for what the earlier ones lack. */
async function findKinds(
  client: ApiClient,
  kinds: readonly Kind[],
  versions: readonly string[],
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let missing = kinds;
  let failure: { readonly answer: Answer; readonly version: string } | undefined;
  for (const version of versions) {
    if (missing.length === 0) break;
    const answer = await client.get(version.includes('/') ? `/apis/${version}` : `/api/${version}`);
    const isList = answer.result === 'object' && Array.isArray(answer.body['resources']);
    if (!isList) {
      failure ??= { answer, version };
      continue;
    }
    const listed = asObjects(answer.body['resources']);
    const here = missing.flatMap((kind) => locate(kind, version, listed) ?? []);
    found.push(...here);
    missing = missing.filter((kind) => !here.some((entry) => entry.kind === kind));
  }
  return [...found, ...missing.map((kind) => explainMissing(kind, failure))];
}

function locate(kind: Kind, version: string, listed: readonly JsonObject[]): Found | undefined {
  const name = kind.slice(kind.indexOf('/') + 1);
  const entry = listed.find(
    (candidate) => candidate['kind'] === name && asText(candidate['name'])?.includes('/') === false,
  );
  const plural = asText(entry?.['name']);
  if (entry === undefined || plural === undefined) return undefined;
  if (!asTexts(entry['verbs']).includes('list')) {
    return { kind, state: 'unread', reason: 'the API server does not let anyone list it' };
  }
  const root = `${version.includes('/') ? '/apis' : '/api'}/${version}`;
  const [resource, namespaced] = [encodeURIComponent(plural), entry['namespaced'] === true];
  const pathOf = (one: string): string => {
    const segment = encodeURIComponent(one);
    return namespaced ? `${root}/namespaces/${segment}/${resource}` : `${root}/${resource}/${segment}`;
  };
  return { kind, apiVersion: version, name, path: `${root}/${resource}`, pathOf, namespaced };
}

function explainMissing(
  kind: Kind,
  failure: { readonly answer: Answer; readonly version: string } | undefined,
): Unlisted {
  if (failure !== undefined) return unlistedBecause(kind, failure.answer, `the resources of ${failure.version}`);
  return { kind, state: 'absent', reason: 'the API server does not serve this kind' };
}

function unlistedBecause(kind: Kind, answer: Answer, what: string): Unlisted {
  switch (answer.result) {
    case 'refused':
      return answer.status === 403
        ? { kind, state: 'forbidden', reason: `no permission to read ${what} (403)` }
        : { kind, state: 'unread', reason: `${what} could not be read (${String(answer.status)})` };
    case 'failed':
      return { kind, state: 'unread', reason: `${what} could not be read: ${answer.reason}` };
    case 'object':
      return { kind, state: 'unread', reason: `${what} could not be understood` };
  }
}
