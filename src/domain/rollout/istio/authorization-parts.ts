import type { Workload } from '../../world/workload.ts';
import type { Trap } from '../accepted-traps.ts';
import type { StageKind } from '../plan.ts';
import type { Callers } from './callers.ts';

/** The stages of authorization of one namespace, in order. */
export const ORDER = ['shadow', 'allow-catch-all', 'allow', 'deny'] as const;

/** One of these stages. */
export type Part = (typeof ORDER)[number];

/** What a stage of authorization says of itself, whatever its namespace. */
export interface PartTexts {
  readonly kind: StageKind;
  readonly title: string;
  readonly why: string;
  readonly doesNotChange: string;
}

/** A server with who may call it. */
export interface Server {
  readonly workload: Workload;
  readonly callers: Callers;
  readonly foreign: readonly string[];
  /** How far the policies of a waypoint before it hold, as sentences. */
  readonly pastWaypoints: readonly string[];
  /** The same where policies are bound to the waypoint. */
  readonly bypasses: readonly Trap[];
}
