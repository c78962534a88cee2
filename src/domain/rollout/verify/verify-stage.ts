import { entryGate } from './entry-gate.ts';
import { exitGate } from './exit-gate.ts';
import type { GateContext } from './gate-context.ts';
import { rollbackGate } from './rollback-gate.ts';
import type { Gate, StageVerification } from './verification.ts';

/** Answers every condition of one gate of a stage from a world, the metrics and what people confirmed. Never throws. */
export function verifyStage(context: GateContext, gate: Gate): StageVerification {
  switch (gate) {
    case 'entry':
      return { conditions: entryGate(context), drift: [] };
    case 'exit':
      return exitGate(context);
    case 'rollback':
      return { conditions: rollbackGate(context), drift: [] };
  }
}
