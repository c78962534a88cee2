import type { CoverageEntry } from '../../domain/world/coverage.ts';
import { asNumber, asObject, asText, at, type JsonObject } from '../../lib/json.ts';
import type { Answer, ApiClient } from './api-client.ts';
import type { Resource } from './discovery.ts';

/** Receives a list as it is read. */
export interface PageSink {
  /** One page; `remaining` is the server's estimate of what is still to come. */
  page(objects: readonly JsonObject[], remaining: number | undefined): void;
  /** The list expired and begins again: whatever came of this kind no longer counts. */
  restart(): void;
}

interface Page {
  readonly objects: readonly JsonObject[];
  readonly next: string | undefined;
  readonly remaining: number | undefined;
}

/** The page size that client-go's pager uses as well. */
export const PAGE_SIZE = '500';
const MOST_RESTARTS = 3;
const MOST_UNREADABLE_PAGES = 3;

/**
 * Lists one kind page by page and gives its coverage: `read` only after the last page of one unbroken list. Starts
 * anew where the continue token expired (410), up to three times.
 */
export async function listPages(client: ApiClient, resource: Resource, sink: PageSink): Promise<CoverageEntry> {
  const { kind } = resource;
  let next: string | undefined;
  let objects = 0;
  let restarts = 0;
  let unreadable = 0;
  for (;;) {
    const query = next === undefined ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, continue: next };
    const answer = await client.get(resource.path, query);
    const isExpired = answer.result === 'refused' && answer.status === 410 && next !== undefined;
    if (isExpired && restarts < MOST_RESTARTS) {
      restarts += 1;
      objects = 0;
      next = undefined;
      sink.restart();
      continue;
    }
    if (answer.result !== 'object') return { ...gap(resource, answer, objects), kind, objects };
    const page = readPage(answer.body, resource);
    if (page === undefined) {
      unreadable += 1;
      if (unreadable < MOST_UNREADABLE_PAGES) continue;
      return {
        kind,
        state: objects > 0 ? 'partial' : 'unread',
        objects,
        reason: 'a page of the list could not be understood',
      };
    }
    objects += page.objects.length;
    sink.page(page.objects, page.remaining);
    if (page.next === undefined) return { kind, state: 'read', objects };
    if (page.next === next) return { kind, state: 'partial', objects, reason: 'the list led back to the same page' };
    next = page.next;
  }
}

/** The page with kind and apiVersion filled in, as lists leave them out; undefined where it is not a list. */
function readPage(body: JsonObject, { apiVersion, name }: Resource): Page | undefined {
  const raw = body['items'];
  const isList = asText(body['kind'])?.endsWith('List') === true;
  if (!isList || (raw !== null && !Array.isArray(raw))) return undefined;
  const items = (raw ?? []) as readonly unknown[];
  const objects = items.map(asObject).filter((item) => item !== undefined);
  if (objects.length !== items.length) return undefined;
  const next = asText(at(body, 'metadata', 'continue'));
  return {
    // Freshly parsed, and nobody else's: filled in where they are, as copies of all pods of a cluster take their time.
    objects: objects.map((object) => Object.assign(object, { apiVersion, kind: name })),
    next: next === '' ? undefined : next,
    remaining: asNumber(at(body, 'metadata', 'remainingItemCount')),
  };
}

function gap(resource: Resource, answer: Exclude<Answer, { result: 'object' }>, objects: number) {
  const plural = resource.path.slice(resource.path.lastIndexOf('/') + 1);
  if (answer.result === 'refused' && answer.status === 403) {
    return { state: objects > 0 ? 'partial' : 'forbidden', reason: `no permission to list ${plural} (403)` } as const;
  }
  if (answer.result === 'refused' && answer.status === 404 && objects === 0) {
    return { state: 'absent', reason: 'the API server no longer serves this kind' } as const;
  }
  const why = answer.result === 'failed' ? answer.reason : `the API server answered ${String(answer.status)}`;
  return { state: objects > 0 ? 'partial' : 'unread', reason: `the list of ${plural} broke off: ${why}` } as const;
}
