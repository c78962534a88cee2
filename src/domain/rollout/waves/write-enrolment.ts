import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { SortedTraps } from '../accepted-traps.ts';
import type { Condition } from '../plan.ts';
import { addStage, toObstacle, writeStage, type Planning, type TriedStage } from '../planning.ts';
import type { WorseCall } from '../simulate-stage.ts';
import { lostFrom } from './lost-calls.ts';
import type { StageParts } from '../stage-draft.ts';
import type { ClosedAtBirth } from './closed-at-birth.ts';
import { whyBlocked, type Wave } from './plan-waves.ts';

/** What is known of a wave only once it is to be written. */
export interface WrittenWave
  extends Pick<StageParts, 'blockedBy' | 'notes' | 'entryGate'>, Pick<TriedStage, 'timeToEffect' | 'validWhile'> {
  readonly irreversible: readonly string[];
  /** Absent where no trap of objects is looked for. */
  readonly traps?: SortedTraps;
}

/** A wave with what its target says of it. */
export interface Enrolment {
  readonly wave: Pick<Wave, 'trial'>;
  readonly parts: StageParts;
  /** Absent where the wave closes nothing. */
  readonly birth: ClosedAtBirth | undefined;
  /** Why its workloads are left out where too little is known of whom it would refuse. */
  readonly whyLacking: string;
  readonly written: () => WrittenWave;
}

/**
 * Adds the stage of a wave: done where it has no steps, an outline where it would refuse callers of whom too little is
 * known. Gives why its workloads are left out; undefined where later stages may rest on it.
 */
export function writeEnrolment(planning: Planning, enrolment: Enrolment): string | undefined {
  const { wave, parts, birth, whyLacking } = enrolment;
  if (wave.trial.steps.length === 0) {
    addStage(planning, parts, 'done');
    return undefined;
  }
  if (birth?.evidence.state === 'outline') {
    addStage(planning, { ...parts, restarts: [], blockedBy: birth.evidence.blockedBy }, 'outline');
    return whyLacking;
  }
  return writeWave(planning, enrolment);
}

const NO_TRAPS: SortedTraps = { blockedBy: [], notes: [] };

function writeWave(planning: Planning, { wave: { trial }, parts, birth, written }: Enrolment): string | undefined {
  const { blockedBy = [], notes = [], entryGate = [], traps = NO_TRAPS, ...rest } = written();
  const lost = lostFrom(planning, trial);
  const unknown = trial.worse.filter((each) => each.after.verdict === 'unknown' && !lost.blocking.includes(each));
  const atBirth = birth === undefined ? NOT_CLOSED : saidOf(birth);
  const state = writeStage(planning, {
    ...rest,
    parts: {
      ...parts,
      blockedBy: [
        ...blockedBy,
        ...traps.blockedBy,
        ...atBirth.blockedBy,
        ...(birth === undefined ? lost.blocking.map(toObstacle) : []),
      ],
      notes: [...(parts.notes ?? []), ...traps.notes, ...notes, ...atBirth.notes, ...lost.notes],
      entryGate: [...(parts.entryGate ?? []), ...entryGate, ...unknown.map(toAsk)],
    },
    trial,
    state: atBirth.isWaived || lost.notes.length > 0 ? 'waived' : 'ready',
    toleratesUnknown: birth === undefined,
  });
  return state === 'blocked' ? (traps.blockedBy[0]?.what ?? whyBlocked(trial, lost.blocking)) : undefined;
}

interface SaidOfBirth extends SortedTraps {
  readonly isWaived: boolean;
}

const NOT_CLOSED: SaidOfBirth = { ...NO_TRAPS, isWaived: false };

function saidOf({ evidence, unknown }: ClosedAtBirth): SaidOfBirth {
  return {
    blockedBy: unknown.blockedBy,
    notes: [...unknown.notes, ...(evidence.state === 'outline' ? [] : evidence.notes)],
    isWaived: evidence.state === 'waived' || unknown.notes.length > 0,
  };
}

/** The question that a wave's entry gate asks of a call that turns unknown. */
function toAsk({ call, after }: WorseCall): Condition {
  return {
    id: 'unknown-call',
    text: `Nobody can say yet whether ${call.id} passes afterwards: ${after.why}. Find out before this wave.`,
  };
}

/** Members whose callers a wave would refuse at once, and of which too little is known. */
export function lackingAtBirth(birth: ClosedAtBirth | undefined, workloads: readonly Workload[]): readonly Workload[] {
  if (birth?.evidence.state !== 'outline') return [];
  const { lacking } = birth.evidence;
  return workloads.filter((workload) => lacking.has(formatWorkload(workload)));
}
