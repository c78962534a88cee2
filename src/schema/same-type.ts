import type { z } from 'zod';

/**
 * What a value of the type is once it went through JSON: lists and members lose `readonly`, and a member that may be
 * undefined may be missing.
 */
export type Json<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null
    ? T
    : T extends readonly (infer Member)[]
      ? Json<Member>[]
      : T extends object
        ? JsonMembers<T>
        : never;

type JsonMembers<T extends object> = Flat<
  { -readonly [K in keyof T as undefined extends T[K] ? never : K]: Json<T[K]> } & {
    -readonly [K in keyof T as undefined extends T[K] ? K : never]?: Json<Exclude<T[K], undefined>>;
  }
>;

type Flat<T> = { [K in keyof T]: T[K] };

/** Whether two types are one, members that may be missing included. */
export type Same<A, B> =
  (<T>(value: T) => T extends Flat<A> ? 1 : 2) extends <T>(value: T) => T extends Flat<B> ? 1 : 2 ? true : false;

/** Asks nothing where the types are one; else a member that no schema has, so that the compiler shows both. */
type Proof<Domain, Described> =
  Same<Domain, Described> extends true
    ? unknown
    : { readonly typesDiffer: { readonly domain: Domain; readonly schema: Described } };

/**
 * Holds a schema and the type that it describes together: `describing<Call>()(schema)` gives the schema back, and
 * compiles only where the schema takes exactly what the type's values are in JSON.
 */
export function describing<Domain>(): <S extends z.ZodType>(schema: S & Proof<Json<Domain>, z.output<S>>) => S {
  return (schema) => schema;
}
