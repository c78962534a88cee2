import type { LabelMatcher } from '../../domain/calls/metrics/metric-family.ts';
import { wrongOption } from './prometheus-errors.ts';

const MATCHER = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\\n]|\\["\\])*)"\s*(?:,|$)/;

/** Reads `LABEL="VALUE"[,...]` as PromQL writes it between braces; throws where it is anything else. */
export function parseMatchers(text: string): readonly LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  let rest = text;
  while (rest.trim() !== '') {
    const [all, label, op, value] = MATCHER.exec(rest) ?? [];
    if (all === undefined || label === undefined || value === undefined || !isOperator(op)) {
      throw wrongOption(
        'the label conditions for Prometheus cannot be read',
        'Write them as cluster="prod",region=~"eu.*".',
      );
    }
    matchers.push({ label, op, value: value.replace(/\\(["\\])/g, '$1') });
    rest = rest.slice(all.length);
  }
  return matchers;
}

function isOperator(op: string | undefined): op is LabelMatcher['op'] {
  return op === '=' || op === '!=' || op === '=~' || op === '!~';
}
