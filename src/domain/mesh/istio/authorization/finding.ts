/** What Istio's validation says about an object: an error refuses it, a warning (IST0133) does not. */
export interface ValidationFinding {
  readonly severity: 'error' | 'warning';
  /** Path of the field, as `spec.rules[0].from`. */
  readonly field: string;
  readonly message: string;
}

/** A finding that refuses the object. */
export function invalid(field: string, message: string): ValidationFinding {
  return { severity: 'error', field, message };
}
