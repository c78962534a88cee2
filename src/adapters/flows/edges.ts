import type { CallsFile, SeenCall } from '../../domain/calls/call.ts';
import { usageError } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json.ts';
import { nameAt } from './fields.ts';
import { readLines } from './lines.ts';
import { createNotes } from './notes.ts';
import { createObjects } from './objects.ts';
import { parseObject } from './reading.ts';

const MOST_EDGES = 300_000;

/** What an answer of `linkerd viz edges` can never show. */
const BLIND = [
  'only connections that were open at that moment, for an unknown time before it',
  'only what meshed clients send; callers outside the mesh are not in it',
  'of several connections between two workloads one is shown, so others may not be secured as it is',
] as const;

/**
 * The calls in what `linkerd viz edges RESOURCE -o json` printed: a list of `src`, `dst`, their namespaces, and why an
 * edge is not secured. Ports, protocols and the kind of the resources are not in it. Several lists may follow each other.
 * A file without one edge is a usage error.
 * Source: https://github.com/linkerd/linkerd2, viz/cmd/edges.go and viz/metrics-api/edges.go.
 */
export async function readEdges(path: string, onProgress?: (text: string) => void): Promise<CallsFile> {
  const notes = createNotes();
  const rows: SeenCall[] = [];
  const objects = createObjects();
  for await (const lines of readLines(path, onProgress)) {
    for (const line of lines) {
      if (line.text === undefined) notes.leftOut('longer than a record can be', line.place);
      else
        for (const { place, text } of objects.add(line.text, line.place)) {
          const row = readEdge(text, place);
          if (row === undefined) notes.leftOut('not an edge', place);
          else if (rows.length < MOST_EDGES) rows.push(row);
          else notes.leftOut(`beyond the first ${String(MOST_EDGES)} edges`, place);
        }
    }
  }
  for (const place of objects.unfinished()) notes.leftOut('an object that does not end', place);
  if (rows.length === 0)
    throw usageError(
      'no-calls-found',
      `${path}: no edge of Linkerd is in it`,
      ...notes.sentences(),
      'write it with: linkerd viz edges deployment -A -o json',
    );
  return { source: path, seesUnmeshed: false, gaps: [...BLIND, ...notes.sentences()], rows };
}

function readEdge(text: string, place: string): SeenCall | undefined {
  const edge = parseObject(text);
  const client = nameAt(edge, 'src');
  const server = nameAt(edge, 'dst');
  const serverNamespace = nameAt(edge, 'dst_namespace');
  const clientNamespace = nameAt(edge, 'src_namespace');
  if (client === undefined || server === undefined || asObject(edge) === undefined) return undefined;
  const wire = wireOf(nameAt(edge, 'server_id'), asText(edge?.['no_tls_reason']) ?? '');
  return {
    source: place,
    client,
    server,
    ...(clientNamespace === undefined ? {} : { clientNamespace }),
    ...(serverNamespace === undefined ? {} : { serverNamespace }),
    ...(wire === undefined ? {} : { wire }),
  };
}

/** A reason that Linkerd has no words for is left empty, and so is the identity then: that says nothing. */
function wireOf(serverId: string | undefined, reason: string): SeenCall['wire'] {
  if (reason !== '') return 'plaintext';
  return serverId === undefined ? undefined : 'mutual-tls';
}
