import type { VerificationResult } from './verify-plan.ts';
import type { Clock } from './verify-ports.ts';

/** The least time from one look to the next, in milliseconds: a look reads the whole cluster. */
const PAUSE = 10_000;

/** What looking again and again needs. */
export interface Looking {
  readonly look: () => Promise<VerificationResult>;
  readonly clock: Clock;
  /** How long to go on, in seconds. */
  readonly seconds: number;
  /** Is told of every look that is not the last. */
  readonly onLook: (result: VerificationResult) => void;
}

/** Looks until all conditions are met or the time is over, and gives the last look. */
export async function verifyUntil({ look, clock, seconds, onLook }: Looking): Promise<VerificationResult> {
  const end = clock.now() + seconds * 1000;
  for (;;) {
    const result = await look();
    const left = end - clock.now();
    if (result.answer.is === 'yes' || left <= 0) return result;
    onLook(result);
    await clock.sleep(Math.min(PAUSE, Math.max(left, 0)));
  }
}
