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
  const kept = memo.get(input);
  if (kept !== undefined || memo.has(input)) return kept as T;
  const computed = compute(input);
  memo.set(input, computed);
  return computed;
}

/**
 * The function, asked once of each key in each context for as long as the context lives: a world, or what is seen of
 * one. Only for functions whose answer depends on nothing else. Keys are compared by identity. Contexts that
 * `sharedBy` gives the same object for share their answers.
 */
export function oncePer<C extends object, K, T>(
  compute: (context: C, key: K) => T,
  sharedBy: (context: C, key: K) => object = itself,
): (context: C, key: K) => T {
  const contexts = new WeakMap<object, Map<K, T>>();
  return (context, key) => {
    const shared = sharedBy(context, key);
    let answers = contexts.get(shared);
    if (answers === undefined) contexts.set(shared, (answers = new Map<K, T>()));
    const kept = answers.get(key);
    if (kept !== undefined || answers.has(key)) return kept as T;
    const answer = compute(context, key);
    answers.set(key, answer);
    return answer;
  };
}

function itself(context: object): object {
  return context;
}
