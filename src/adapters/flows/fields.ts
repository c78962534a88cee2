import { asText, at } from '../../lib/json.ts';

const NAME = /^[\x21-\x7e]{1,253}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})$/;
const LONGEST_PATH = 2000;

/** The name at the path: printable, without blanks and no longer than DNS allows; undefined for all else and for `-`. */
export function nameAt(value: unknown, ...path: readonly string[]): string | undefined {
  const text = asText(at(value, ...path));
  return text !== undefined && text !== '-' && NAME.test(text) ? text : undefined;
}

/** A port from 1 to 65535, written as a number or as digits; undefined for all else. */
export function portOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 65_535 ? number : undefined;
}

/** An RFC 3339 time in milliseconds; undefined for all else, and for a time without a zone. */
export function timeOf(value: unknown): number | undefined {
  const text = asText(value);
  if (text === undefined || text.length > 40 || !TIME.test(text)) return undefined;
  const time = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : time;
}

/** The path of a URL or request target without its query, which may carry tokens; undefined where there is none. */
export function pathOf(value: unknown): string | undefined {
  const text = asText(value)?.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  if (text === undefined) return undefined;
  const [path = ''] = text.split(/[?#]/, 1);
  return path.startsWith('/') && path.length <= LONGEST_PATH && /^[\x21-\x7e]+$/.test(path) ? path : undefined;
}

/** An HTTP method in capitals; undefined for all else. */
export function methodOf(value: unknown): string | undefined {
  const text = asText(value);
  return text !== undefined && /^[A-Za-z][\w-]{0,39}$/.test(text) ? text.toUpperCase() : undefined;
}

/** An address with or without a port, as `10.0.0.7:80`, `[fd00::7]:80` or `10.0.0.7`; port 0 counts as none. */
export function splitAddress(
  text: string | undefined,
): { readonly address: string; readonly port?: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text ?? '') ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) return undefined;
  const port = portOf(digits);
  return { address, ...(port === undefined ? {} : { port }) };
}
