import { VERDICTS } from '../../domain/simulate/verdict.ts';
import { basisLine } from '../../domain/world/result-head.ts';
import { escapeMarkdown } from '../escape.ts';
import {
  decidersOf,
  evidenceSentence,
  stretchesOf,
  unresolvedLines,
  type SimulationView,
} from '../simulation-lines.ts';

/** The simulation as Markdown: counts for each world, then each call that is not ok everywhere. */
export function renderSimulationMarkdown(result: SimulationView): string {
  const { worlds, counts, calls } = result;
  const order = [...VERDICTS].reverse();
  const rows = worlds.map(({ id }, index) =>
    row([id, ...order.map((verdict) => String(counts[index]?.[verdict] ?? 0))]),
  );
  return [
    '# Simulation',
    '',
    escapeMarkdown(basisLine(result, result.cluster)),
    '',
    `${String(result.followed)} calls followed; ${evidenceSentence(result.callCoverage.counts)}.`,
    '',
    row(['world', ...order]),
    `| --- |${order.map(() => ' ---: |').join('')}`,
    ...rows,
    '',
    ...calls.flatMap((call) => [
      `- ${escapeMarkdown(call.call.id)}`,
      ...stretchesOf(call, worlds).map(({ world, fate }) => {
        const deciders = decidersOf(fate);
        const by = deciders.length === 0 ? '' : ` [${deciders.join('; ')}]`;
        return `  - ${escapeMarkdown(`${world}: ${fate.verdict}${fate.verdict === 'ok' ? '' : `, ${fate.why}${by}`}`)}`;
      }),
    ]),
    ...unresolved(result),
    '',
  ].join('\n');
}

function unresolved(result: SimulationView): readonly string[] {
  const [title, ...lines] = unresolvedLines(result);
  return title === undefined
    ? []
    : ['', escapeMarkdown(title), '', ...lines.map((line) => `- ${escapeMarkdown(line)}`)];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}
