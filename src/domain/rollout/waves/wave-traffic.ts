import type { Call } from '../../calls/call.ts';
import { payloadOf } from '../../calls/payload.ts';
import { derivedFrom } from '../../world/derived.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { CallIndex } from '../call-index.ts';

/** Calls that were counted, of a call's evidence added up; zero where nobody counted. */
export function countOf({ evidence }: Call): number {
  return evidence.reduce((sum, { count }) => sum + Math.max(0, count ?? 0), 0);
}

/** All calls that were counted. */
export function countedTraffic(index: CallIndex): number {
  return derivedFrom(index.all, sumOf);
}

function sumOf(calls: readonly Call[]): number {
  return calls.reduce((sum, call) => sum + countOf(call), 0);
}

/** The calls that the workload makes or answers. */
export function callsAt(index: CallIndex, workload: Workload): readonly Call[] {
  return index.byWorkload.get(formatWorkload(workload)) ?? [];
}

/** The share of the counted traffic that any of the workloads makes or answers, from 0 to 1; zero where nothing was counted. */
export function shareOf(index: CallIndex, workloads: readonly Workload[]): number {
  const total = countedTraffic(index);
  if (total === 0) return 0;
  const touched = new Map(workloads.flatMap((workload) => callsAt(index, workload)).map((call) => [call.id, call]));
  return sumOf([...touched.values()]) / total;
}

/** Protocols as people sort pilots by them. */
export type WaveProtocol = 'HTTP' | 'gRPC' | 'TCP' | 'TLS';

const BY_PAYLOAD = { http: 'HTTP', tcp: 'TCP', tls: 'TLS', unknown: undefined } as const;

/** What the workload answers or calls with, as far as evidence or a Service port says so; sorted. */
export function protocolsAt(index: CallIndex, workload: Workload): readonly WaveProtocol[] {
  const found = callsAt(index, workload).flatMap((call): readonly WaveProtocol[] => {
    if (call.phase === 'probe') return [];
    const servicePort = index.servers.get(call.id)?.[0]?.servicePort;
    const protocol = isGrpc(call.protocol ?? servicePort?.appProtocol ?? servicePort?.name)
      ? 'gRPC'
      : BY_PAYLOAD[payloadOf(call.protocol, servicePort)];
    return protocol === undefined ? [] : [protocol];
  });
  return [...new Set(found)].sort();
}

function isGrpc(word: string | undefined): boolean {
  return /^grpc(-|$)/i.test(word ?? '');
}
