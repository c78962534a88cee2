import { CATALOGUE } from './catalogue.ts';
import type { Check } from './check.ts';

/** One catalogue page: what a check is about, as it stands in the check itself. */
export type CheckPage = Omit<Check, 'find'>;

/** The page of a check, or undefined where no check has that id. */
export function explainCheck(id: string): CheckPage | undefined {
  const check = CATALOGUE.find((candidate) => candidate.id === id);
  if (check === undefined) return undefined;
  const { find: _find, ...page } = check;
  return page;
}
