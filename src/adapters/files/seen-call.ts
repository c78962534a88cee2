import type { CallRow, SeenCall, SeenWire } from '../../domain/calls/call.ts';
import { asBoolean, asText, type JsonObject } from '../../lib/json.ts';

/** The columns of a calls file that hold text, client and service apart. */
export const WRITTEN_TEXTS = [
  'clientNamespace',
  'clientKind',
  'serviceNamespace',
  'protocol',
  'method',
  'path',
  'firstSeen',
  'lastSeen',
] as const;

const SEEN_TEXTS = [...WRITTEN_TEXTS, 'service', 'serverNamespace', 'serverKind', 'server', 'clientIdentity'] as const;
const PORTS = ['port', 'targetPort'] as const;
const WIRES: readonly SeenWire[] = ['mutual-tls', 'tls', 'plaintext'];

/** A call as people write it; throws an Error that begins with `where` if it cannot be understood. `source`: `FILE:LINE`. */
export function toRow(raw: JsonObject, where: string, source: string): CallRow {
  const client = textOf(raw, 'client');
  const service = textOf(raw, 'service');
  const port = portOf(raw, 'port', where);
  if (client === undefined || service === undefined || port === undefined) {
    throw new Error(`${where}: client, service and port are required`);
  }
  return { source, client, service, port, ...textsOf(raw, WRITTEN_TEXTS, where), ...countsOf(raw, ['count'], where) };
}

/** A call as a watcher saw it; throws an Error that begins with `where` if it cannot be understood. */
export function toSeenCall(raw: JsonObject, where: string, source: string): SeenCall {
  const client = textOf(raw, 'client');
  if (client === undefined) throw new Error(`${where}: a client is required`);
  const wire = WIRES.find((each) => each === raw['wire']);
  const seesUnmeshed = asBoolean(raw['seesUnmeshed']);
  const ports = PORTS.flatMap((name) => {
    const port = portOf(raw, name, where);
    return port === undefined ? [] : [[name, port] as const];
  });
  return {
    source,
    client,
    ...textsOf(raw, SEEN_TEXTS, where),
    ...(Object.fromEntries(ports) as Partial<Record<(typeof PORTS)[number], number>>),
    ...countsOf(raw, ['count', 'denied'], where),
    ...(wire === undefined ? {} : { wire }),
    ...(seesUnmeshed === undefined ? {} : { seesUnmeshed }),
  };
}

function textsOf<K extends string>(raw: JsonObject, names: readonly K[], where: string): Partial<Record<K, string>> {
  for (const name of ['firstSeen', 'lastSeen'] as const) {
    const time = textOf(raw, name);
    if (time !== undefined && Number.isNaN(Date.parse(time)))
      throw new Error(`${where}: ${name} "${time.slice(0, 40)}" is no time`);
  }
  const texts = names.flatMap((name) => {
    const text = textOf(raw, name);
    return text === undefined ? [] : [[name, name === 'path' ? withoutQuery(text) : text] as const];
  });
  return Object.fromEntries(texts) as Partial<Record<K, string>>;
}

function countsOf<K extends string>(raw: JsonObject, names: readonly K[], where: string): Partial<Record<K, number>> {
  const counts = names.flatMap((name) => {
    const count = wholeNumber(raw, name, where);
    return count === undefined ? [] : [[name, count] as const];
  });
  return Object.fromEntries(counts) as Partial<Record<K, number>>;
}

function portOf(raw: JsonObject, name: string, where: string): number | undefined {
  const port = wholeNumber(raw, name, where);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw new Error(`${where}: ${name} ${String(port)} is not between 1 and 65535`);
  }
  return port;
}

/** Queries carry tokens, and no rule reads them. */
function withoutQuery(path: string): string {
  return path.replace(/[?#].*$/s, '');
}

function textOf(raw: JsonObject, name: string): string | undefined {
  const text = asText(raw[name])?.trim();
  return text === '' ? undefined : text;
}

function wholeNumber(raw: JsonObject, name: string, where: string): number | undefined {
  const value = raw[name];
  if (value === undefined || value === null || value === '') return undefined;
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : -1;
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${where}: ${name} is no whole number`);
  return number;
}
