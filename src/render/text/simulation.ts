import type { SimulatedCall, Simulation } from '../../domain/simulate/simulate.ts';
import { VERDICTS, type Verdict } from '../../domain/simulate/verdict.ts';
import { basisLine } from '../../domain/world/result-head.ts';
import { escapeTerminal } from '../escape.ts';
import {
  decidersOf,
  evidenceSentence,
  stretchesOf,
  unresolvedLines,
  type SimulationView,
} from '../simulation-lines.ts';
import { createStyle, type Style } from './style.ts';
import { renderTable } from './table.ts';
import { wrapText } from './wrap.ts';

export interface SimulationOptions {
  readonly colour: boolean;
  readonly width: number;
  readonly wide: boolean;
}

const SHOWN = 25;

/** The simulation as text: counts for each world, then each call that is not ok everywhere, worst first. */
export function renderSimulation(result: SimulationView, options: SimulationOptions): string {
  const style = createStyle(options);
  const shown = options.wide ? result.calls : result.calls.slice(0, SHOWN);
  const hidden = result.calls.length - shown.length;
  const title = `${String(result.followed)} calls followed; ${evidenceSentence(result.callCoverage.counts)}`;
  return [
    style.bold(wrapText(basisLine(result, result.cluster), { width: options.width })),
    wrapText(title, { width: options.width }),
    countTable(result, { style, width: options.width }),
    ...opens(result, options.width),
    ...shown.map((call) => callLines(call, result, { style, width: options.width })),
    ...(hidden > 0 ? [`and ${String(hidden)} more calls that are not ok everywhere (-o wide lists them)`] : []),
    ...unresolved(result, options.width),
  ].join('\n\n');
}

interface Context {
  readonly style: Style;
  readonly width: number;
}

function countTable({ worlds, counts }: Simulation, { style, width }: Context): string {
  const columns = [
    { header: 'WORLD' },
    ...[...VERDICTS].reverse().map((verdict) => ({ header: verdict.toUpperCase(), align: 'right' as const })),
  ];
  const rows = worlds.map(({ id }, index) => [
    id,
    ...[...VERDICTS].reverse().map((verdict) => {
      const number = counts[index]?.[verdict] ?? 0;
      return { text: String(number), paint: number === 0 ? style.dim : paintOf(verdict, style) };
    }),
  ]);
  return renderTable({ columns, rows, width, paintHeader: style.bold });
}

function paintOf(verdict: Verdict, style: Style): Style['bold'] {
  if (verdict === 'ok') return style.green;
  return verdict === 'breaks' || verdict === 'partial' ? style.red : style.yellow;
}

function opens({ worlds, opens: all }: Simulation, width: number): string[] {
  const lines = all.flatMap((list, index) => list.map((what) => `${worlds[index]?.id ?? ''} opens ${what}`));
  return lines.length === 0
    ? []
    : [lines.map((line) => wrapText(escapeTerminal(line), { width, hanging: '  ' })).join('\n')];
}

function unresolved(result: SimulationView, width: number): string[] {
  const [title, ...lines] = unresolvedLines(result);
  if (title === undefined) return [];
  const indented = lines.map((line) => wrapText(escapeTerminal(line), { width, indent: '  ', hanging: '    ' }));
  return [[wrapText(title, { width }), ...indented].join('\n')];
}

function callLines(call: SimulatedCall, { worlds }: Simulation, { style, width }: Context): string {
  const lines = stretchesOf(call, worlds).flatMap(({ world, fate }) => {
    const { looked, broken } = fate.cohorts;
    const share = broken > 0 && broken < looked ? ` for ${String(broken)} of ${String(looked)} pairs of pods` : '';
    const head = `${escapeTerminal(world)}: ${paintOf(fate.verdict, style)(fate.verdict)}${share}`;
    if (fate.verdict === 'ok') return [`  ${head}`];
    const deciders = decidersOf(fate);
    const by = deciders.length === 0 ? '' : ` [${deciders.join('; ')}]`;
    return [`  ${head}`, wrapText(escapeTerminal(`${fate.why}${by}`), { width, indent: '    ' })];
  });
  return [wrapText(style.bold(escapeTerminal(call.call.id)), { width, hanging: '  ' }), ...lines].join('\n');
}
