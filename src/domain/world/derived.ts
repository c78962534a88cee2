type Compute = (...inputs: never[]) => unknown;

type Memo = WeakMap<object, unknown>;

const memos = new WeakMap<Compute, Memo>();

const SLOT = Symbol('what is kept of it');

interface Holder {
  readonly [SLOT]?: Map<object, unknown>;
}

/**
 * The object with room for what is found of it. A rollout makes a world for every moment of every stage: what lies in a
 * WeakMap by such a short-lived object survives it until all of memory is collected, what lies in the object goes with
 * it. A copy of the object has no such room, and keeps nothing of it.
 */
export function holding<T extends object>(context: T): T {
  return Object.defineProperty(context, SLOT, { value: new Map(), enumerable: false });
}

function heldBy(context: object): Map<object, unknown> | undefined {
  return (context as Holder)[SLOT];
}

/**
 * What a function makes of a list, computed once for as long as the list lives. A list of the world stands for its
 * content, so a changed world recomputes only what its change touches.
 */
export function derivedFrom<I extends object, T>(input: I, compute: (input: I) => T): T {
  const memo = heldBy(input) ?? memoOf(compute);
  const key = memo instanceof Map ? compute : input;
  const kept = memo.get(key);
  if (kept !== undefined || memo.has(key)) return kept as T;
  const computed = compute(input);
  memo.set(key, computed);
  return computed;
}

function memoOf(compute: Compute): Memo {
  let memo = memos.get(compute);
  if (memo === undefined) memos.set(compute, (memo = new WeakMap()));
  return memo;
}

/** One thing that is noted of each object, for as long as the object lives. */
export interface Notes<T> {
  readonly get: (context: object) => T | undefined;
  readonly set: (context: object, note: T) => void;
}

/** Notes of their own, apart from all others. */
export function notes<T extends object>(): Notes<T> {
  const elsewhere = new WeakMap<object, T>();
  return {
    get: (context) => {
      const held = heldBy(context);
      return held === undefined ? elsewhere.get(context) : (held.get(elsewhere) as T | undefined);
    },
    set: (context, note) => {
      const held = heldBy(context);
      if (held === undefined) elsewhere.set(context, note);
      else held.set(elsewhere, note);
    },
  };
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
  const contexts = notes<Map<K, T>>();
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
