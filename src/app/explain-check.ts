import { CATALOGUE } from '../domain/checks/catalogue.ts';
import { explainCheck, type CheckPage } from '../domain/checks/explain-check.ts';
import { CONTRACT_VERSION } from '../domain/world/result-head.ts';
import { usageError } from '../lib/errors.ts';
import { compareText } from '../lib/order.ts';

/** What the catalogue says of one check. */
export interface CheckPageResult extends CheckPage {
  readonly apiVersion: typeof CONTRACT_VERSION;
  readonly kind: 'CheckPage';
}

/** What the catalogue says of every check, in its own order. */
export interface CheckListResult {
  readonly apiVersion: typeof CONTRACT_VERSION;
  readonly kind: 'CheckList';
  readonly checks: readonly CheckPage[];
}

/** The page of the check with this id; a usage error with the nearest ids where there is none. */
export function pageOfCheck(id: string): CheckPageResult {
  const page = explainCheck(id);
  if (page !== undefined) return { apiVersion: CONTRACT_VERSION, kind: 'CheckPage', ...page };
  const near = nearestIds(id);
  throw usageError(
    'check-unknown',
    `there is no check with the id "${id}"`,
    ...(near.length === 0 ? [] : [`did you mean ${near.join(' or ')}?`]),
    'meshwise explain lists all checks',
  );
}

/** The pages of all checks. */
export function listChecks(): CheckListResult {
  const checks = CATALOGUE.flatMap(({ id }) => explainCheck(id) ?? []);
  return { apiVersion: CONTRACT_VERSION, kind: 'CheckList', checks };
}

const SUGGESTIONS = 3;
const ENOUGH_IN_COMMON = 0.4;
const SHORTEST_PART = 3;

/** Ids that hold the word or share the most letter pairs with it, at most three. */
function nearestIds(word: string): readonly string[] {
  const typed = word.toLowerCase();
  return CATALOGUE.map(({ id }) => ({
    id,
    score: typed.length >= SHORTEST_PART && id.includes(typed) ? 1 : likeness(typed, id),
  }))
    .filter(({ score }) => score >= ENOUGH_IN_COMMON)
    .sort((left, right) => right.score - left.score || compareText(left.id, right.id))
    .slice(0, SUGGESTIONS)
    .map(({ id }) => id);
}

/** Share of letter pairs in common, 0 to 1 (Dice 1945). */
function likeness(left: string, right: string): number {
  const [one, other] = [pairsOf(left), pairsOf(right)];
  const shared = [...one].filter((pair) => other.has(pair)).length;
  return (2 * shared) / Math.max(1, one.size + other.size);
}

function pairsOf(word: string): ReadonlySet<string> {
  return new Set(Array.from({ length: Math.max(0, word.length - 1) }, (_, index) => word.slice(index, index + 2)));
}
