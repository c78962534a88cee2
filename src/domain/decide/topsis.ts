import { forEachOption, type OptionId, type PerOption } from './option.ts';
import { firstOf, type Scored } from './score.ts';

/**
 * First by closeness to the ideal point: a check with another method than the sum, which lets no criterion make up for
 * another as freely. Source: Hwang and Yoon, Multiple Attribute Decision Making, 1981.
 */
export function topsisFirst(scored: readonly Scored[], among: readonly OptionId[]): OptionId | undefined {
  return firstOf(closeness(scored, among), among);
}

function closeness(scored: readonly Scored[], among: readonly OptionId[]): PerOption<number> {
  const columns = scored.map(({ weight, values }) => {
    const norm = Math.hypot(...among.map((option) => values[option])) || 1;
    const weighted = forEachOption((option) => (weight * values[option]) / norm);
    const seen = among.map((option) => weighted[option]);
    return { weighted, best: Math.max(...seen), worst: Math.min(...seen) };
  });
  return forEachOption((option) => {
    const toBest = Math.hypot(...columns.map(({ weighted, best }) => best - weighted[option]));
    const toWorst = Math.hypot(...columns.map(({ weighted, worst }) => weighted[option] - worst));
    return toBest + toWorst === 0 ? 0 : toWorst / (toBest + toWorst);
  });
}
