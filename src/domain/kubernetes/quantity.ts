/** A quantity as an exact fraction, so that rounding up never starts from a floating-point error. */
interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const DECIMAL_EXPONENTS = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY_SUFFIXES = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const QUANTITY = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;
const LONGEST_TEXT = 64;

/**
 * A Kubernetes quantity (`100m`, `1Gi`, `1e3`, or a bare number as YAML gives it) in its base unit: cores, bytes or
 * a count. Undefined where it is not one.
 * Source: k8s.io/apimachinery/pkg/api/resource/quantity.go.
 */
export function parseQuantity(raw: unknown): number | undefined {
  const fraction = parseFraction(raw);
  return fraction && Number(fraction.numerator) / Number(fraction.denominator);
}

/** A CPU quantity in thousandths of a core, rounded up as the scheduler does; undefined where it is not a quantity. */
export function cpuMillicores(raw: unknown): number | undefined {
  const fraction = parseFraction(raw);
  return fraction && roundUp({ ...fraction, numerator: fraction.numerator * 1000n });
}

/** A memory quantity in bytes, rounded up as the scheduler does; undefined where it is not a quantity. */
export function memoryBytes(raw: unknown): number | undefined {
  const fraction = parseFraction(raw);
  return fraction && roundUp(fraction);
}

function parseFraction(raw: unknown): Fraction | undefined {
  const text = typeof raw === 'number' ? String(raw) : raw;
  if (typeof text !== 'string' || text.length > LONGEST_TEXT) return undefined;
  const match = QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', decimals = '', onlyDecimals = '', exponent, suffix = ''] = match;
  const digits = `${whole}${decimals}${onlyDecimals}`;
  const mantissa = BigInt(digits) * (sign === '-' ? -1n : 1n);
  const places = decimals.length + onlyDecimals.length;
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  if (binary >= 0) return scaled(mantissa * 1024n ** BigInt(binary + 1), -places);
  const power = exponent === undefined ? (DECIMAL_EXPONENTS.get(suffix) ?? 0) : Number(exponent);
  return scaled(mantissa, power - places);
}

function scaled(value: bigint, powerOfTen: number): Fraction {
  const power = 10n ** BigInt(Math.abs(powerOfTen));
  return powerOfTen < 0 ? { numerator: value, denominator: power } : { numerator: value * power, denominator: 1n };
}

function roundUp({ numerator, denominator }: Fraction): number {
  const quotient = numerator / denominator;
  return Number(numerator > 0n && numerator % denominator !== 0n ? quotient + 1n : quotient);
}
