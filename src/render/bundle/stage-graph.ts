import type { RolloutPlan, StageState } from '../../domain/rollout/plan.ts';
import { codeBlock, markdown, type Markdown } from './markdown.ts';
import { stageNumber } from './names.ts';

/** More arrows than this no viewer draws: mermaid stops at 500 (https://mermaid.js.org/config/schema-docs/config.html). */
const MOST_ARROWS = 400;

const LABEL_LENGTH = 60;

const STYLES = {
  ready: 'fill:#d7f0db,stroke:#2c7a3f,color:#000',
  waived: 'fill:#fff3cd,stroke:#9a7500,color:#000',
  outline: 'fill:#eeeeee,stroke:#777777,color:#000,stroke-dasharray:4 3',
  blocked: 'fill:#f8d7da,stroke:#a02834,color:#000',
  done: 'fill:#dbe9f8,stroke:#2a5d9f,color:#000',
} as const satisfies Record<StageState, string>;

/** The graph of what waits for what, for Markdown viewers that draw mermaid; a sentence where it would be too large. */
export function stageGraph(plan: RolloutPlan): Markdown {
  const indexOf = new Map(plan.stages.map((stage, index) => [stage.id, index]));
  const arrows = plan.stages.flatMap((stage, index) =>
    stage.dependsOn.flatMap((id) => {
      const from = indexOf.get(id);
      return from === undefined ? [] : [`  s${String(from)} --> s${String(index)}`];
    }),
  );
  if (arrows.length > MOST_ARROWS) {
    return markdown(
      `The graph has ${String(arrows.length)} arrows, too many to draw; the table names what each stage waits for.`,
    );
  }
  const nodes = plan.stages.map(
    (stage, index) => `  s${String(index)}["${stageNumber(plan, stage)} ${label(stage.id)}"]:::${stage.state}`,
  );
  const used = new Set(plan.stages.map(({ state }) => state));
  const styles = Object.entries(STYLES).filter(([state]) => used.has(state as StageState));
  return codeBlock('mermaid', [
    'graph TD',
    ...nodes,
    ...arrows,
    ...styles.map(([state, style]) => `  classDef ${state} ${style}`),
  ]);
}

/** Only what no grammar of mermaid gives a meaning to. */
function label(id: string): string {
  return id.slice(0, LABEL_LENGTH).replace(/[^A-Za-z0-9 ._-]/g, '_');
}
