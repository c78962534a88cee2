import type { Stage } from '../../domain/rollout/plan.ts';
import { escapeTerminal } from '../escape.ts';

const RULES_SHOWN = 3;

/** Why a file is there: its stage, the stage's reason, and the rules that it rests on with their sources. */
export function stageComment(stage: Stage, purpose?: string): string {
  const rules = stage.evidence.map(({ rule, source }) => (source === undefined ? rule : `${rule} (${source})`));
  const shown = [...new Set(rules)].slice(0, RULES_SHOWN);
  return [
    ...(purpose === undefined ? [] : [purpose]),
    `Stage ${stage.id}: ${stage.title}`,
    `Why: ${stage.why}`,
    ...shown.map((rule) => `Rule: ${rule}`),
  ]
    .map(escapeTerminal)
    .join('\n');
}
