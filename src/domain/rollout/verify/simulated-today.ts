import { KIND } from '../../kubernetes/kinds.ts';
import { kindOf, type Kind } from '../../kubernetes/object.ts';
import { AppError } from '../../../lib/errors.ts';
import { indexCalls, type CallIndex } from '../call-index.ts';
import type { Acceptance } from '../choices.ts';
import { fatesIn, trySteps, type Trial, type WorseCall } from '../simulate-stage.ts';
import { openingsOf } from '../stage-openings.ts';
import type { World } from '../../world/world.ts';
import { touchedBy } from '../touched-calls.ts';
import type { GateContext } from './gate-context.ts';
import { extrasOf } from './object-exactness.ts';
import { told, type Told } from './tell.ts';

const SHOWN = 5;

/** Tries the stage on the world as it is now, as the planner tried it on the world that it expected. */
export function simulatedToday(context: GateContext): Told {
  const { world, graph } = context;
  const index = indexCalls(world, graph.calls);
  const trial = tried(context, index);
  if ('state' in trial) return trial;
  const broken = trial.worse.filter(({ after }) => after.verdict !== 'unknown');
  const opens = openingsOf(world, trial).filter((opening) => !isAccepted(opening, context));
  const bad = [...broken.map(callWords), ...opens.map((opening) => `it would open ${opening}`)];
  if (bad.length > 0) return answer('unmet', bad);
  const doubts = [...unreadKinds(context), ...undecided(context, trial)];
  if (doubts.length > 0) return answer('unknown', doubts);
  const calls = `${String(trial.worst.size)} calls were followed through its steps`;
  return told('met', `${calls}; none gets worse, and nothing opens`);
}

/** Of what was not read nobody knows whether it is shut today, so nobody knows what would open. */
function unreadKinds({ world, stage }: GateContext): readonly string[] {
  const written = stage.steps.flatMap((step) => (step.step === 'apply' ? [kindOf(step.manifest)] : []));
  const kinds = new Set([...GUARDS, ...written.filter((kind) => extrasOf(kind, true) === 'none')]);
  return [...kinds].flatMap((kind) => world.list(kind).gap ?? []);
}

/** Whoever may call is told by these, of whatever mesh. */
const GUARDS: readonly Kind[] = [KIND.namespace, KIND.pod, KIND.service];

/**
 * Calls of which nobody knows how they fare with the stage, unless nobody knew it when the plan was made, and it was
 * written all the same. A plan lists the first of these and counts them all.
 */
function undecided({ stage: { simulation } }: GateContext, { worst, worse }: Trial): readonly string[] {
  const planned = new Set(simulation.notOk.filter(({ verdict }) => verdict === 'unknown').map(({ call }) => call));
  const now = [...worst].filter(([id, { verdict }]) => verdict === 'unknown' && !planned.has(id));
  const more = new Set(worse.map(({ call }) => call.id));
  const isListCut = simulation.unknown > planned.size && now.length <= simulation.unknown;
  const left = isListCut ? now.filter(([id]) => more.has(id)) : now;
  return left.map(([id, { why }]) => `${id}: nobody knows with the stage: ${why}`);
}

function tried({ world, stage }: GateContext, index: CallIndex): Trial | Told {
  try {
    // No other call can fare otherwise, so the fates of these alone are looked up.
    const touched = [...new Set(touchedBy(stage.steps, { world, index }).flat())];
    return trySteps({ world, index, fates: fatesIn(world, touched) }, stage.id, stage.steps);
  } catch (error) {
    if (error instanceof AppError) return told('unmet', `it cannot be applied to the world of today: ${error.message}`);
    throw error;
  }
}

function answer(state: 'unmet' | 'unknown', words: readonly string[]): Told {
  const more = words.length > SHOWN ? [{ rule: `and ${String(words.length - SHOWN)} more` }] : [];
  return { state, evidence: [...words.slice(0, SHOWN).map((rule) => ({ rule })), ...more] };
}

function callWords({ call, before, after }: WorseCall): string {
  return `${call.id}: ${before.verdict} now, ${after.verdict} with the stage: ${after.why}`;
}

function isAccepted(opening: string, { plan, stage, world }: GateContext): boolean {
  return plan.choices.accepts.some(
    (accept) =>
      accept.stage === stage.id && accept.opens !== '' && opening.startsWith(accept.opens) && isValid(accept, world),
  );
}

/** Somebody's word ends with its day; where the time is not known, nobody can say that it has not. */
function isValid({ expires }: Acceptance, { asOf }: World): boolean {
  const end = Date.parse(expires);
  const now = asOf.known ? Date.parse(asOf.value) : Number.NaN;
  return !Number.isNaN(end) && !Number.isNaN(now) && now <= end + 86_400_000 - 1;
}
