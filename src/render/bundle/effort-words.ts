/** A band in words: `1 to 3 days`, `1 day`; fractions to one digit. */
export function bandText({ from, to }: { readonly from: number; readonly to: number }, unit: string): string {
  const low = rounded(from);
  const high = rounded(to);
  const units = high === '1' ? unit : `${unit}s`;
  return low === high ? `${high} ${units}` : `${low} to ${high} ${units}`;
}

function rounded(value: number): string {
  return String(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
}
