import { NOT_RESOLVED, Schema, defineMappingTag, defineScalarTag, defineSequenceTag } from 'js-yaml';
import type { TagDefinition } from 'js-yaml';
import { resolveNumber } from './number.ts';
import { isNotJson, isNull, resolveBoolean } from './plain.ts';

const CORE = 'tag:yaml.org,2002:';

/** Stands for the plain scalar `<<` until it is known whether it is a key. */
const MERGE = Symbol('<<');
const MOST_MERGED_KEYS = 10_000;

type Mapping = Record<string, unknown>;

/** What one document taught the schema beside its value. */
export interface Notes {
  /** Keys that occur twice in one mapping. */
  readonly duplicateKeys: string[];
  mergedKeys: number;
}

/**
 * A schema that reads scalars, keys and merges as kubectl does, which no schema of js-yaml does. Duplicate keys are
 * noted, the last one wins. A number that JSON cannot hold throws.
 * @see https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/decode.go
 */
export function kubectlSchema(notes: Notes): Schema {
  return new Schema([...scalarTags(), ...mappingTags(notes), ...sequenceTags()]);
}

function scalarTags(): TagDefinition[] {
  const never = (): boolean => false;
  const text = { resolve: (source: string) => source, identify: (value: unknown) => typeof value === 'string' };
  return [
    defineScalarTag(`${CORE}str`, text),
    defineScalarTag(`${CORE}null`, {
      implicit: true,
      implicitFirstChars: ['', '~', 'n', 'N'],
      resolve: (source) => (isNull(source) ? null : NOT_RESOLVED),
      identify: never,
    }),
    defineScalarTag(`${CORE}bool`, {
      implicit: true,
      implicitFirstChars: 'yYnNtTfFoO'.split(''),
      resolve: (source) => resolveBoolean(source) ?? NOT_RESOLVED,
      identify: never,
    }),
    defineScalarTag(`${CORE}int`, {
      implicit: true,
      implicitFirstChars: '0123456789+-.'.split(''),
      resolve: (source) => resolveNumber(refuseNotJson(source)) ?? NOT_RESOLVED,
      identify: never,
    }),
    defineScalarTag(`${CORE}float`, {
      resolve: (source) => resolveNumber(refuseNotJson(source)) ?? NOT_RESOLVED,
      identify: never,
    }),
    defineScalarTag('tag:meshwise.dev,2026:merge', {
      implicit: true,
      implicitFirstChars: ['<'],
      resolve: (source) => (source === '<<' ? MERGE : NOT_RESOLVED),
      identify: never,
    }),
    defineScalarTag(`${CORE}binary`, {
      resolve: (source) => Buffer.from(source, 'base64').toString('utf8'),
      identify: never,
    }),
    defineScalarTag(`${CORE}timestamp`, { ...text, identify: never }),
    defineScalarTag('!', { ...text, matchByTagPrefix: true, identify: never }),
  ];
}

function refuseNotJson(source: string): string {
  if (isNotJson(source)) throw new Error(`unsupported value: ${source}`);
  return source;
}

function mappingTags(notes: Notes): TagDefinition[] {
  const options = {
    create: (): Mapping => ({}),
    addPair: (carrier: Mapping, key: unknown, value: unknown) => addPair(carrier, [key, value], notes),
    // Nothing is ever reported as present: duplicates are noted by addPair, and the last one wins.
    has: () => false,
    keys: (result: Mapping) => Object.keys(result),
    get: (result: Mapping, key: unknown) => result[String(key)],
    identify: () => false,
  };
  return [
    defineMappingTag(`${CORE}map`, options),
    defineMappingTag(`${CORE}set`, options),
    defineMappingTag('!', { ...options, matchByTagPrefix: true }),
  ];
}

function addPair(carrier: Mapping, [key, value]: readonly [unknown, unknown], notes: Notes): string {
  if (key === MERGE) return merge(carrier, value, notes);
  if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') return 'invalid map key';
  const name = String(key);
  if (Object.hasOwn(carrier, name)) notes.duplicateKeys.push(name);
  set(carrier, name, value);
  return '';
}

/** An own property even for `__proto__`. */
function set(carrier: Mapping, key: string, value: unknown): void {
  const kept = value === MERGE ? '<<' : value;
  if (key !== '__proto__') carrier[key] = kept;
  else Object.defineProperty(carrier, key, { value: kept, configurable: true, enumerable: true, writable: true });
}

function merge(carrier: Mapping, value: unknown, notes: Notes): string {
  const sources = (Array.isArray(value) ? (value as unknown[]) : [value]).toReversed();
  for (const source of sources) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      return 'map merge requires map or sequence of maps as the value';
    }
    for (const [key, merged] of Object.entries(source)) {
      notes.mergedKeys += 1;
      if (notes.mergedKeys > MOST_MERGED_KEYS) return `more than ${String(MOST_MERGED_KEYS)} merged keys`;
      set(carrier, key, merged);
    }
  }
  return '';
}

function sequenceTags(): TagDefinition[] {
  const options = {
    create: (): unknown[] => [],
    addItem: (carrier: unknown[], item: unknown) => {
      carrier.push(item === MERGE ? '<<' : item);
    },
    identify: () => false,
  };
  return [
    defineSequenceTag(`${CORE}seq`, options),
    defineSequenceTag(`${CORE}omap`, options),
    defineSequenceTag(`${CORE}pairs`, options),
    defineSequenceTag('!', { ...options, matchByTagPrefix: true }),
  ];
}
