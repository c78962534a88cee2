type Memo = WeakMap<object, unknown>;

const memos = new WeakMap<(...inputs: never[]) => unknown, Memo>();

/**
 * What a function makes of a list, computed once for as long as the list lives. A list of the world stands for its
 * content, so a changed world recomputes only what its change touches.
 */
export function derivedFrom<I extends object, T>(input: I, compute: (input: I) => T): T {
  let memo = memos.get(compute);
  if (memo === undefined) {
    memo = new WeakMap();
    memos.set(compute, memo);
  }
  if (!memo.has(input)) memo.set(input, compute(input));
  return memo.get(input) as T;
}
