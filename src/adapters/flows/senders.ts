import { asText, type JsonObject } from '../../lib/json.ts';
import { isEnvoyRecord } from './envoy-line.ts';
import { nameAt } from './fields.ts';
import { readLines } from './lines.ts';
import { unwrap, type LogWriter } from './log-writer.ts';

/** The pod at the client's end of a connection that a server logged, where the client's own log names it. */
export type SenderOf = (received: JsonObject) => LogWriter | undefined;

const MOST_CONNECTIONS = 500_000;

/**
 * Who sent, by what clients' sidecars logged of the same connections: both logs name its two addresses and ports. One
 * that two pods logged is nobody's. The path must be one that can be read twice.
 */
export async function learnSenders(path: string): Promise<SenderOf> {
  const writers = new Map<string, LogWriter | undefined>();
  for await (const lines of readLines(path))
    for (const { text, file } of lines) {
      if (text === undefined || writers.size >= MOST_CONNECTIONS || !text.includes('outbound')) continue;
      const { record, writer } = unwrap(text, file);
      if (record === undefined || writer === undefined || !isEnvoyRecord(record)) continue;
      if (asText(record['upstream_cluster'])?.startsWith('outbound') !== true) continue;
      const connection = connectionOf(record, 'upstream_local_address', 'upstream_host');
      if (connection === undefined) continue;
      writers.set(connection, isOther(writers, connection, writer) ? undefined : writer);
    }
  return (received) => {
    const connection = connectionOf(received, 'downstream_remote_address', 'downstream_local_address');
    return connection === undefined ? undefined : writers.get(connection);
  };
}

function isOther(writers: ReadonlyMap<string, LogWriter | undefined>, connection: string, writer: LogWriter): boolean {
  if (!writers.has(connection)) return false;
  const before = writers.get(connection);
  return before?.name !== writer.name || before.namespace !== writer.namespace || before.kind !== writer.kind;
}

/** A port of 0 marks an address that a header gave; loopback addresses are the same in all pods. */
function connectionOf(record: JsonObject, from: string, to: string): string | undefined {
  const [client, server] = [nameAt(record, from), nameAt(record, to)];
  if (client === undefined || server === undefined) return undefined;
  const isLocal = [client, server].some((end) => /^(?:127\.|\[::1\]|\[::6\])|:0$/.test(end));
  return isLocal ? undefined : `${client} ${server}`;
}
