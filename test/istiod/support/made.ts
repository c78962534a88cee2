import type { JsonObject } from '../../../src/lib/json.ts';

/** A manifest of its parts. */
export function made(
  apiVersion: string,
  kind: string,
  ...[metadata, spec]: readonly [JsonObject, JsonObject?]
): JsonObject {
  return { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) };
}
