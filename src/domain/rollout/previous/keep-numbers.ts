/** A stage with the number that it would get in a plan of its own, and the one that it had. */
export interface Numbered {
  readonly id: string;
  readonly fresh: number;
  readonly earlier: number | undefined;
}

/** The numbers in the order of the stages, and what is to be said about them. */
export interface KeptNumbers {
  readonly numbers: readonly number[];
  readonly warnings: readonly string[];
}

/**
 * Lets stages keep the numbers of their folders: those that still follow each other as they did stay, new ones get
 * numbers between them. Where these do not fit all are numbered anew. Stages whose place changed are named.
 */
export function keepNumbers(stages: readonly Numbered[]): KeptNumbers {
  const staying = longestRising(stages);
  if (staying.size === 0) return { numbers: stages.map(({ fresh }) => fresh), warnings: [] };
  const numbers: number[] = [];
  let start = 0;
  let below = 0;
  for (let index = 0; index <= stages.length; index += 1) {
    const stage = stages[index];
    if (stage !== undefined && !staying.has(index)) continue;
    const above = stage?.earlier ?? below + 10 * (index - start + 1);
    const between = spread(below, above, index - start);
    if (between === undefined) return anew(stages);
    numbers.push(...between);
    if (stage !== undefined) numbers.push(above);
    below = above;
    start = index + 1;
  }
  const moved = stages.filter(({ earlier }, index) => earlier !== undefined && !staying.has(index));
  return {
    numbers,
    warnings: moved.map(({ id }) => `stage ${id} stands at another place than in the earlier plan`),
  };
}

function anew(stages: readonly Numbered[]): KeptNumbers {
  const changed = stages.some(({ earlier, fresh }) => earlier !== undefined && earlier !== fresh);
  return {
    numbers: stages.map(({ fresh }) => fresh),
    warnings: changed
      ? ['the stages are numbered anew: the new ones do not fit between those of the earlier plan']
      : [],
  };
}

/** That many whole numbers between two others, evenly; undefined where they do not fit. */
function spread(below: number, above: number, count: number): readonly number[] | undefined {
  if (count > above - below - 1) return undefined;
  return Array.from({ length: count }, (_, index) => below + Math.floor(((above - below) * (index + 1)) / (count + 1)));
}

/** The places of as many stages as can keep their numbers in this order. */
function longestRising(stages: readonly Numbered[]): ReadonlySet<number> {
  const length: number[] = [];
  const from: (number | undefined)[] = [];
  let best: number | undefined;
  for (const [index, { earlier }] of stages.entries()) {
    length[index] = 0;
    if (earlier === undefined) continue;
    length[index] = 1;
    for (let before = 0; before < index; before += 1) {
      const known = stages[before]?.earlier;
      if (known === undefined || known >= earlier || (length[before] ?? 0) < (length[index] ?? 0)) continue;
      length[index] = (length[before] ?? 0) + 1;
      from[index] = before;
    }
    if (best === undefined || (length[index] ?? 0) > (length[best] ?? 0)) best = index;
  }
  const places = new Set<number>();
  for (let place = best; place !== undefined; place = from[place]) places.add(place);
  return places;
}
