/** A directed pair of ids. */
export type Arrow = readonly [from: string, to: string];

/**
 * How far each id is from those that nothing points to, by the longest way; arrows that close a circle are left out,
 * found by walking depth first in the order of the ids. The same ids and arrows always give the same ranks.
 */
export function ranksOf(ids: readonly string[], arrows: readonly Arrow[]): ReadonlyMap<string, number> {
  const known = new Set(ids);
  const next = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const [from, to] of arrows) if (from !== to && known.has(to)) next.get(from)?.push(to);
  const ranks = new Map<string, number>(ids.map((id) => [id, 0]));
  const order = walked(ids, next);
  const place = new Map(order.map((id, index) => [id, index]));
  for (const id of order) {
    for (const target of next.get(id) ?? []) {
      // In the order that the walk gives, an arrow that points back closes a circle.
      if ((place.get(target) ?? 0) <= (place.get(id) ?? 0)) continue;
      ranks.set(target, Math.max(ranks.get(target) ?? 0, (ranks.get(id) ?? 0) + 1));
    }
  }
  return ranks;
}

/** The ids in the reverse of the order in which a depth-first walk leaves them; kept by hand, as chains may be long. */
function walked(ids: readonly string[], next: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const seen = new Set<string>();
  const left: string[] = [];
  const pointedAt = new Set([...next.values()].flat());
  const roots = [...ids.filter((id) => !pointedAt.has(id)), ...ids];
  for (const root of roots) {
    const stack: { readonly id: string; at: number }[] = seen.has(root) ? [] : [{ id: root, at: 0 }];
    seen.add(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const target = next.get(top.id)?.[top.at];
      top.at += 1;
      if (target === undefined) {
        left.push(top.id);
        stack.pop();
      } else if (!seen.has(target)) {
        seen.add(target);
        stack.push({ id: target, at: 0 });
      }
    }
  }
  return left.reverse();
}

/** The ids in at most so many columns by rank; in each, near what points to them from the columns before. */
export function columnsOf(
  ids: readonly string[],
  arrows: readonly Arrow[],
  most: number,
): readonly (readonly string[])[] {
  const ranks = ranksOf(ids, arrows);
  const last = ids.reduce((highest, id) => Math.max(highest, ranks.get(id) ?? 0), 0);
  const count = Math.min(most, last + 1);
  const columnOf = (id: string): number => Math.floor(((ranks.get(id) ?? 0) * count) / (last + 1));
  const columns = Array.from({ length: count }, (_, column) => ids.filter((id) => columnOf(id) === column));
  const rows = new Map<string, number>();
  const sources = new Map<string, string[]>();
  for (const [from, to] of arrows) sources.set(to, [...(sources.get(to) ?? []), from]);
  return columns.map((column) => {
    const middle = (id: string): number => {
      const found = (sources.get(id) ?? []).flatMap((source) => rows.get(source) ?? []);
      return found.length === 0 ? column.indexOf(id) : found.reduce((sum, row) => sum + row, 0) / found.length;
    };
    const weights = new Map(column.map((id) => [id, middle(id)]));
    const sorted = [...column].sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0) || (a < b ? -1 : 1));
    sorted.forEach((id, row) => rows.set(id, row));
    return sorted;
  });
}
