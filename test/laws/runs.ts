/** How often a law is tried: the given number, times MESHWISE_RUNS where that is set. */
export function runs(moderate: number): { readonly numRuns: number } {
  const factor = Number(process.env['MESHWISE_RUNS'] ?? '1');
  return { numRuns: Math.max(1, Math.round(moderate * (Number.isFinite(factor) ? factor : 1))) };
}
