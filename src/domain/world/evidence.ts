import type { ObjectRef } from '../kubernetes/object.ts';

/** The object, field and rule behind a claim. */
export interface Evidence {
  /** Absent where the claim rests on a default or on what is not there. */
  readonly object?: ObjectRef;
  /** Path of the field, as `spec.mtls.mode`. */
  readonly field?: string;
  /** The value found there, as text. */
  readonly value?: string;
  /** What follows from it, one sentence. */
  readonly rule: string;
  /** The upstream source of the rule. */
  readonly source?: string;
}
