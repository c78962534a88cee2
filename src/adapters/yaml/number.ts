const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const FLOAT_FROM_POINT = /^\.[0-9]+([eE][-+]?[0-9]+)?$/;
const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 64n - 1n;

/**
 * The number that kubectl reads from a plain scalar, or undefined where it reads text. Hexadecimal, binary and both
 * spellings of octal are integers; underscores count for nothing; sexagesimal numbers and timestamps do not exist.
 * @see https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
 */
export function resolveNumber(text: string): number | undefined {
  const first = text.charCodeAt(0);
  if (first === 0x2e) return FLOAT_FROM_POINT.test(text) ? finite(Number(text)) : undefined;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  return resolveInteger(plain) ?? (FLOAT.test(plain) ? finite(Number(plain)) : undefined);
}

function resolveInteger(plain: string): number | undefined {
  const match = INTEGER.exec(plain);
  const digits = match?.[2];
  if (digits === undefined) return undefined;
  const negative = match?.[1] === '-';
  if (digits.length <= 15) {
    const value = Number(inJavaScript(digits));
    return negative && value !== 0 ? -value : value;
  }
  const exact = BigInt(inJavaScript(digits)) * (negative ? -1n : 1n);
  return exact >= LOWEST && exact <= HIGHEST ? Number(exact) : undefined;
}

function inJavaScript(digits: string): string {
  if (!digits.startsWith('0') || digits === '0') return digits;
  return /^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
}

function finite(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value;
}
