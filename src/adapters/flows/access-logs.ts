import type { CallsFile } from '../../domain/calls/call.ts';
import { isEnvoyRecord, readEnvoyRecord, type LogReading } from './envoy-line.ts';
import { readLines, type LogLine } from './lines.ts';
import { unwrap } from './log-writer.ts';
import { canReadTwice } from './flow-files.ts';
import { learnSenders, type SenderOf } from './senders.ts';
import { closeReading, openReading, type Reading } from './reading.ts';
import { isZtunnelRecord, readZtunnelRecord, ztunnelRecord } from './ztunnel-line.ts';

interface LogsReading extends Reading {
  readonly senderOf: SenderOf;
  unsigned: number;
  byAddress: number;
}

/**
 * The calls in access logs: Istio's sidecars and gateways in JSON, ztunnel in JSON or plain; bare, or as the container
 * runtime, `kubectl logs --prefix` or a shipper of logs wraps them; a file or a directory, gzip or not. Only what a proxy
 * received shows callers outside a mesh; who they are is told where the client logged the same connection. Lines of another form are named in `gaps`; a path without a single access log
 * is a usage error.
 */
export async function readAccessLogs(path: string, onProgress?: (text: string) => void): Promise<CallsFile> {
  const senderOf = canReadTwice(path) ? await learnSenders(path) : () => undefined;
  const reading: LogsReading = { ...openReading(path), senderOf, unsigned: 0, byAddress: 0 };
  for await (const lines of readLines(path, onProgress)) for (const line of lines) readLine(line, reading);
  return closeReading(reading, {
    what: 'an access log of Istio in JSON, or of ztunnel',
    hint: 'Envoy writes JSON with accessLogEncoding: JSON in the mesh configuration',
    seesUnmeshed: false,
    gaps: gapsOf(reading),
  });
}

function readLine({ place, file, text }: LogLine, reading: LogsReading): void {
  if (text === undefined) {
    reading.notes.leftOut('longer than a record can be', place);
    return;
  }
  const { text: own, record, writer } = unwrap(text, file);
  const ztunnel = record === undefined ? ztunnelRecord(own) : isZtunnelRecord(record) ? record : undefined;
  let read: LogReading | undefined;
  if (ztunnel !== undefined) read = readZtunnelRecord(ztunnel);
  else if (record !== undefined && isEnvoyRecord(record)) {
    read = readEnvoyRecord(record, { writer, sender: reading.senderOf(record) });
    if (writer === undefined) reading.unsigned += 1;
  } else {
    reading.notes.leftOut(record === undefined ? 'neither JSON nor of ztunnel' : 'not an access log', place);
    return;
  }
  reading.recognised += 1;
  if (read === undefined) return;
  if ('leftOut' in read) {
    reading.notes.leftOut(read.leftOut, place);
    return;
  }
  if (read.onlyAddress === 'client') reading.byAddress += 1;
  reading.tally.add({ ...read, place });
}

function gapsOf({ unsigned, byAddress }: LogsReading): readonly string[] {
  return [
    ...(unsigned === 0
      ? []
      : [`${String(unsigned)} lines do not say which pod wrote them: kubectl logs --prefix, or a shipper, adds it`]),
    ...(byAddress === 0
      ? []
      : [
          `${String(byAddress)} lines show the caller's address alone, which is nobody's name; ` +
            'log DOWNSTREAM_PEER_URI_SAN as downstream_peer_uri_san to know it',
        ]),
  ];
}
