import type { CoverageEntry } from '../../domain/world/coverage.ts';
import { asObject, type JsonObject } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import type { ApiClient } from './api-client.ts';
import type { Resource } from './discovery.ts';
import { listPages, type PageSink } from './list-pages.ts';

const MOST_RESTARTS = 3;

/**
 * Lists one kind in the namespaces alone, for those who may not list it everywhere. Coverage is `partial`, with the
 * namespaces whose lists are whole; `forbidden` where there is none.
 */
export async function listInNamespaces(
  client: ApiClient,
  resource: Resource,
  { namespaces, sink, why }: { readonly namespaces: readonly string[]; readonly sink: PageSink; readonly why: string },
): Promise<CoverageEntry> {
  const queue = [...namespaces];
  const whole = new Map<string, number>();
  const failures = new Map<string, string>();
  let restarts = 0;
  let partial = 0;
  for (let namespace = queue.shift(); namespace !== undefined; namespace = queue.shift()) {
    const entry = await listPages(
      client,
      { ...resource, path: resource.pathOf(namespace) },
      {
        ...sink,
        restart: () => {
          // What came before is dropped with it, so it must come again; or be called missing, if that never ends.
          restarts += 1;
          if (restarts <= MOST_RESTARTS) queue.push(...whole.keys());
          else for (const lost of whole.keys()) failures.set(lost, 'the list expired too often');
          whole.clear();
          sink.restart();
        },
      },
    );
    if (entry.state === 'read') whole.set(namespace, entry.objects);
    else {
      partial += entry.objects;
      failures.set(namespace, entry.reason ?? entry.state);
    }
  }
  const reasons = [why, ...[...failures].map(([namespace, reason]) => `${namespace}: ${reason}`)];
  if (whole.size === 0 && partial === 0)
    return { kind: resource.kind, state: 'forbidden', objects: 0, reason: reasons.join('; ') };
  const read = sortedUnique(whole.keys());
  const objects = [...whole.values()].reduce((sum, count) => sum + count, partial);
  const reason = [...reasons, `listed only in ${read.length === 0 ? 'part' : read.join(', ')}`].join('; ');
  return { kind: resource.kind, state: 'partial', objects, reason, namespaces: read };
}

/** Gets objects of a kind without namespaces by their names, for those who may not list it. */
export async function getByName(
  client: ApiClient,
  resource: Resource,
  { names, sink, why }: { readonly names: readonly string[]; readonly sink: PageSink; readonly why: string },
): Promise<CoverageEntry> {
  const found: JsonObject[] = [];
  const settled: string[] = [];
  for (const name of names) {
    const answer = await client.get(resource.pathOf(name));
    const object = answer.result === 'object' ? asObject(answer.body) : undefined;
    if (object !== undefined) found.push({ ...object, apiVersion: resource.apiVersion, kind: resource.name });
    if (object !== undefined || (answer.result === 'refused' && answer.status === 404)) settled.push(`/${name}`);
  }
  const { kind } = resource;
  if (settled.length === 0) return { kind, state: 'forbidden', objects: 0, reason: why };
  sink.page(found, undefined);
  const reason = `${why}; only those named with -n were asked for`;
  return { kind, state: 'partial', objects: found.length, reason, names: settled };
}
