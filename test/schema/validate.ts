import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import { asObject } from '../../src/lib/json.ts';
import { jsonSchemaOf } from '../../src/schema/json-schema.ts';
import type { SchemaKind } from '../../src/schema/kinds.ts';

/** A validator of the contract by its JSON Schema alone, as a stranger would make one. */
export function validatorOf(kind: SchemaKind): ValidateFunction {
  return compile(jsonSchemaOf(kind));
}

/** The same, but it also refuses members that the schema does not name. */
export function closedValidatorOf(kind: SchemaKind): ValidateFunction {
  return compile(asObject(closed(jsonSchemaOf(kind))) ?? {});
}

/** The value as it comes out of `-o json`. */
export function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** What is wrong with the value, by the validator; empty where nothing is. */
export function faultsOf(validate: ValidateFunction, value: unknown): readonly string[] {
  if (validate(throughJson(value))) return [];
  return (validate.errors ?? []).slice(0, 5).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

function compile(schema: object): ValidateFunction {
  const time = (text: string): boolean => !Number.isNaN(Date.parse(text));
  const formats = { date: time, 'date-time': time };
  return new Ajv2020({ strict: true, allowUnionTypes: true, formats }).compile(schema);
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  const object = asObject(schema);
  if (object === undefined) return schema;
  const members = Object.fromEntries(Object.entries(object).map(([key, value]) => [key, closed(value)]));
  const open = members['type'] === 'object' && 'properties' in members && !('additionalProperties' in members);
  return open ? { ...members, additionalProperties: false } : members;
}
