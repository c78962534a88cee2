/** A value that was read, or the reason why it is not known. There is no third state: absence is a value too. */
export type Fact<T> = Known<T> | Unknown;

export interface Known<T> {
  readonly known: true;
  readonly value: T;
}

export interface Unknown {
  readonly known: false;
  /** Names what was not read and why, as a clause: "the mesh configuration was not read (forbidden)". */
  readonly reason: string;
}

/** A known fact. */
export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

/** An unknown fact with its reason. */
export function unknown(reason: string): Unknown {
  return { known: false, reason };
}

/** The fact with its value mapped; what is unknown stays unknown for the same reason. */
export function mapFact<T, U>(fact: Fact<T>, map: (value: T) => U): Fact<U> {
  return fact.known ? known(map(fact.value)) : fact;
}
