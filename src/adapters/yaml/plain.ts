import { resolveNumber } from './number.ts';

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL = new Set(['', '~', 'null', 'Null', 'NULL']);
const NOT_JSON = /^(\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF))$/;

/** Whether kubectl reads the plain scalar as null. */
export function isNull(text: string): boolean {
  return NULL.has(text);
}

/** The boolean that kubectl reads from the plain scalar (YAML 1.1: `y` and `off` too), or undefined. */
export function resolveBoolean(text: string): boolean | undefined {
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
}

/** Whether the plain scalar is a number that JSON cannot hold, which kubectl refuses. */
export function isNotJson(text: string): boolean {
  return NOT_JSON.test(text);
}

/** Whether kubectl reads the text as text when it stands unquoted, so far as its value goes. */
export function staysText(text: string): boolean {
  return (
    !isNull(text) &&
    resolveBoolean(text) === undefined &&
    !isNotJson(text) &&
    text !== '<<' &&
    resolveNumber(text) === undefined
  );
}
