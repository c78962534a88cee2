import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;
const NAME = 'istio-ca-root-cert';

/** The days on which the roots that proxies trust end, RFC 3339, soonest first; unknown where no copy of them was read. */
export function rootEnds(world: World): Fact<readonly string[]> {
  const copies = world.list(KIND.configMap).objects.filter(({ metadata }) => metadata.name === NAME);
  const text = copies.map((copy) => asText(at(copy['data'], 'root-cert.pem'))).find((found) => found !== undefined);
  if (text === undefined) return unknown(`no ConfigMap ${NAME} was read`);
  const ends = [...text.matchAll(PEM)].map(([, body]) => certificateEnd(body ?? ''));
  const found = ends.flatMap((end) => end ?? []);
  return found.length === 0 || found.length < ends.length
    ? unknown(`ConfigMap ${NAME} holds a certificate that cannot be read`)
    : known([...found].sort());
}

/**
 * When a certificate ends, RFC 3339, of its DER in base64: `notAfter` is the second time in the fifth field of its body,
 * the fourth where the version is left out. Undefined where it is none. Source: RFC 5280, section 4.1.
 */
export function certificateEnd(base64: string): string | undefined {
  const bytes = bytesOf(base64);
  if (bytes === undefined) return undefined;
  const body = valuesIn(bytes, valuesIn(bytes, { from: 0, to: bytes.length })[0])[0];
  const fields = valuesIn(bytes, body);
  const [first] = fields;
  const validity = fields[first?.tag === VERSION ? 4 : 3];
  const [, end] = valuesIn(bytes, validity);
  return end === undefined ? undefined : timeOf(end.tag, textOf(bytes, end));
}

/** A value of DER: its tag and where its content lies. */
interface Value {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
}

const VERSION = 0xa0;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, '')), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The values one after the other in a part of the bytes; those before the first that makes no sense. */
function valuesIn(bytes: Uint8Array, part: Omit<Value, 'tag'> | undefined): readonly Value[] {
  const found: Value[] = [];
  let at = part?.from ?? 0;
  while (part !== undefined && at < part.to) {
    const value = valueAt(bytes, at);
    if (value === undefined || value.to > part.to) break;
    found.push(value);
    at = value.to;
  }
  return found;
}

/** Lengths up to 127 are one byte; longer ones say how many bytes follow. */
function valueAt(bytes: Uint8Array, at: number): Value | undefined {
  const [tag, short] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || short === undefined) return undefined;
  if (short < 0x80) return { tag, from: at + 2, to: at + 2 + short };
  const count = short & 0x7f;
  if (count === 0 || count > 3) return undefined;
  const length = bytes.slice(at + 2, at + 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return { tag, from: at + 2 + count, to: at + 2 + count + length };
}

function textOf(bytes: Uint8Array, { from, to }: Value): string {
  return String.fromCharCode(...bytes.slice(from, to));
}

/** Two digits of a year mean 1950 to 2049. */
function timeOf(tag: number, text: string): string | undefined {
  const match = /^(\d{2,4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match;
  const isShort = tag === UTC_TIME && year.length === 2;
  if (!isShort && !(tag === GENERALIZED_TIME && year.length === 4)) return undefined;
  const whole = isShort ? `${Number(year) < 50 ? '20' : '19'}${year}` : year;
  return `${whole}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
