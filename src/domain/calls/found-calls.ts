import { workloadRef, type WorkloadRef } from '../world/workload.ts';
import { callId } from './call-id.ts';
import type { Call, CallEvidence, CallGraph, CallSource, CallTarget, Outsider } from './call.ts';

/** A row or reference that could not be used, with the reason. */
export type UnresolvedCall = CallGraph['unresolved'][number];

/** What one source of evidence says: calls, equal ones not yet merged, and what could not be used. */
export interface FoundCalls {
  readonly calls: readonly Call[];
  readonly unresolved: readonly UnresolvedCall[];
}

/** A call as a source states it: its name follows from its ends. */
export interface CallStatement {
  readonly from: CallSource;
  readonly to: CallTarget;
  readonly evidence: CallEvidence;
  readonly phase?: Call['phase'];
  readonly protocol?: string | undefined;
  readonly request?: Call['request'] | undefined;
}

/** The call that a source states, resting on that one piece of evidence. */
export function stateCall({ from, to, evidence, phase = 'run', protocol, request }: CallStatement): Call {
  const ends = { from, to, phase, ...(request === undefined ? {} : { request }) };
  return { id: callId(ends), ...ends, ...(protocol === undefined ? {} : { protocol }), evidence: [evidence] };
}

/** The findings of several sources as one. */
export function joinFound(parts: readonly FoundCalls[]): FoundCalls {
  return {
    calls: parts.flatMap((part) => part.calls),
    unresolved: parts.flatMap((part) => part.unresolved),
  };
}

/** Only calls. */
export function foundCalls(calls: readonly Call[]): FoundCalls {
  return { calls, unresolved: [] };
}

/** Only one reference that could not be used. */
export function foundNothing(source: string, reason: string): FoundCalls {
  return { calls: [], unresolved: [{ source, reason }] };
}

/** A workload as the source of a call. */
export function fromWorkload(workload: WorkloadRef): CallSource {
  return { kind: 'workload', workload: workloadRef(workload) };
}

/** Somebody outside as the source of a call. */
export function fromOutsider(who: Outsider, detail?: string): CallSource {
  return { kind: 'outsider', who, ...(detail === undefined ? {} : { detail }) };
}

/** A pod's own port as the target of a call. */
export function toPodPort(workload: WorkloadRef, port: number): CallTarget {
  return { kind: 'pod-port', workload: workloadRef(workload), port };
}
