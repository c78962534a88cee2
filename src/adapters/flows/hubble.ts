import type { CallsFile } from '../../domain/calls/call.ts';
import { asObject, asText, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import { closeReading, openReading, type Reading } from './reading.ts';
import { createConnections, type Connections } from './connections.ts';
import { nameAt } from './fields.ts';
import { TUNNELS, workloadOf } from './hubble-ends.ts';
import { readFlow } from './hubble-flow.ts';
import { readLines, type LogLine } from './lines.ts';
import type { SeenEnds } from './sighting.ts';

interface HubbleReading extends Reading {
  readonly connections: Connections;
  /** The workloads of pods, as the nodes that run them name them. */
  readonly workloads: Map<string, { readonly kind: string; readonly name: string }>;
  readonly lostAt: Map<string, number>;
  readonly silentNodes: Set<string>;
  tunnelled: number;
}

/**
 * The calls in flows of Hubble: JSON lines as `hubble observe -o json` (or `jsonpb`) and its exporter write them, a file
 * or a directory, gzip or not. Flows show callers outside a mesh too. Lines that are no flows are named in `gaps`; a
 * path without a single flow is a usage error.
 */
export async function readHubbleFlows(path: string, onProgress?: (text: string) => void): Promise<CallsFile> {
  const reading: HubbleReading = {
    ...openReading(path),
    connections: createConnections(),
    workloads: new Map(),
    lostAt: new Map(),
    silentNodes: new Set(),
    tunnelled: 0,
  };
  for await (const lines of readLines(path, onProgress)) for (const line of lines) readLine(line, reading);
  return closeReading(reading, {
    what: 'a flow of Hubble',
    hint: 'write them with: hubble observe -o json',
    seesUnmeshed: true,
    gaps: gapsOf(reading),
    rename: (ends) => withWorkloads(ends, reading),
  });
}

function readLine({ place, text }: LogLine, reading: HubbleReading): void {
  const record = reading.parse(text, place);
  if (record === undefined) return;
  const flow = asObject(record['flow']) ?? (asObject(record['l4']) === undefined ? undefined : record);
  if (flow === undefined) {
    if (!isNotice(record, reading)) reading.notes.leftOut('not a flow', place);
    return;
  }
  reading.recognised += 1;
  learn(at(flow, 'source'), reading);
  learn(at(flow, 'destination'), reading);
  const read = readFlow(flow, reading.connections);
  if (read === undefined) return;
  if ('leftOut' in read) {
    reading.notes.leftOut(read.leftOut, place);
    return;
  }
  if (read.ends.server !== undefined && read.ends.targetPort === undefined) reading.tunnelled += 1;
  reading.tally.add({ ...read, place });
}

/** What is lost, and nodes that say nothing, are told between the flows. */
function isNotice(record: JsonObject, reading: HubbleReading): boolean {
  const lost = asObject(record['lost_events']);
  const status = asObject(record['node_status']);
  if (lost !== undefined) {
    const where = nameAt(lost, 'source') ?? 'UNKNOWN_LOST_EVENT_SOURCE';
    const number = Number(lost['num_events_lost']);
    const known = Number.isSafeInteger(number) && number > 0 ? number : 1;
    if (reading.lostAt.size < 10 || reading.lostAt.has(where))
      reading.lostAt.set(where, (reading.lostAt.get(where) ?? 0) + known);
  }
  if (status !== undefined && /UNAVAILABLE|ERROR|GONE/.test(asText(status['state_change']) ?? ''))
    for (const node of asTexts(status['node_names']))
      if (reading.silentNodes.size < 1000) reading.silentNodes.add(node);
  const isOther = ['agent_event', 'debug_event'].some((name) => record[name] !== undefined);
  if (lost === undefined && status === undefined && !isOther) return false;
  reading.recognised += 1;
  return true;
}

/** Only the node that runs a pod names its workload; other nodes name the pod. */
function learn(endpoint: unknown, { workloads }: HubbleReading): void {
  const workload = workloadOf(endpoint);
  const namespace = nameAt(endpoint, 'namespace');
  const pod = nameAt(endpoint, 'pod_name');
  if (workload === undefined || namespace === undefined || pod === undefined) return;
  const key = `${namespace}/${pod}`;
  if (workloads.size < 1_000_000 && !workloads.has(key)) workloads.set(key, workload);
}

function withWorkloads(ends: SeenEnds, { workloads }: HubbleReading): SeenEnds {
  const client = ends.clientKind === 'Pod' ? workloads.get(`${ends.clientNamespace ?? ''}/${ends.client}`) : undefined;
  const server =
    ends.serverKind === 'Pod' ? workloads.get(`${ends.serverNamespace ?? ''}/${ends.server ?? ''}`) : undefined;
  return {
    ...ends,
    ...(client === undefined ? {} : { client: client.name, clientKind: client.kind }),
    ...(server === undefined ? {} : { server: server.name, serverKind: server.kind }),
  };
}

function gapsOf({ lostAt, silentNodes, tunnelled }: HubbleReading): readonly string[] {
  const lost = sortedUnique(lostAt.keys()).map(
    (where) => `${String(lostAt.get(where) ?? 0)} events were lost before Hubble saw them (${where})`,
  );
  const nodes = sortedUnique(silentNodes);
  const shown = `${nodes.slice(0, 5).join(', ')}${nodes.length > 5 ? ', ...' : ''}`;
  const tunnels = [...TUNNELS].map(String).join(' or ');
  return [
    ...lost,
    ...(nodes.length === 0 ? [] : [`${String(nodes.length)} nodes gave no flows at some time (${shown})`]),
    ...(tunnelled === 0
      ? []
      : [
          `${String(tunnelled)} flows go through a mesh's tunnel (port ${tunnels}), so the port that they call is hidden`,
        ]),
  ];
}
