import { asObject, asTextMap, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, kindOf, refOf, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import { admit } from '../../world/admit.ts';
import { ASKED_KINDS } from '../../world/asked-kinds.ts';
import { gapOfObject } from '../../world/coverage.ts';
import { mergeFields } from '../../world/merge-fields.ts';
import type { Manifest } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import { sameValue } from '../same-value.ts';
import {
  compareFields,
  type Extras,
  type FieldComparison,
  type FieldDifference,
  type Written,
} from './compare-fields.ts';
import { defaultsOf, extrasOf } from './object-exactness.ts';
import { told, type Told } from './tell.ts';

/** What came of reading one object back. */
export interface ReadBack {
  readonly ref: ObjectRef;
  readonly told: Told;
  /** The fields that differ; empty where the object is missing. */
  readonly differences: readonly FieldDifference[];
}

const NOT_BODY: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'status',
  'origin',
  'decoded',
  'fold',
]);

/** Reads a manifest back; `isOurs` says that the plan made the object, so that nobody else has a say in it. */
export function readManifest(world: World, manifest: Manifest, isOurs: boolean): ReadBack {
  const { name, namespace } = manifest.metadata;
  const kind = kindOf(manifest);
  const ref = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  const live = world.get(ref);
  if (live === undefined) return missing(world, ref);
  return readFields(live, manifest, extrasOf(kind, isOurs));
}

/** Reads the fields of a patch back; null means that the field is gone. */
export function readPatch(world: World, ref: ObjectRef, patch: JsonObject): ReadBack {
  const live = world.get(ref);
  if (live === undefined) return missing(world, ref);
  const extras = extrasOf(ref.kind, false);
  return readFields(live, { ...patch, apiVersion: live.apiVersion, kind: live.kind }, extras);
}

/** Whether an object holds what a command was to write into it, the text inside a ConfigMap included. */
export function readMerged(world: World, ref: ObjectRef, fields: JsonObject): ReadBack {
  const live = world.get(ref);
  if (live === undefined) return missing(world, ref);
  const body: JsonObject = { ...live };
  const answer = sameValue(mergeFields(body, fields, live.apiVersion), body)
    ? told('met', { object: ref, rule: 'it holds what the commands were to write' })
    : told('unmet', { object: ref, rule: 'it does not hold what the commands were to write' });
  return { ref, told: answer, differences: [] };
}

/** Whether an object is there, whatever is in it. */
export function readPresence(world: World, ref: ObjectRef): ReadBack {
  if (world.get(ref) === undefined) return missing(world, ref);
  return { ref, told: told('met', { object: ref, rule: 'it is there' }), differences: [] };
}

/** Whether an object is gone. */
export function readAbsence(world: World, ref: ObjectRef): ReadBack {
  if (world.get(ref) !== undefined)
    return { ref, told: told('unmet', { object: ref, rule: 'it is still there' }), differences: [] };
  const gap = gapOfObject(world.coverage, ref);
  const gone = gap === undefined ? told('met', { object: ref, rule: 'it is not there' }) : unread(ref, gap);
  return { ref, told: gone, differences: [] };
}

function missing(world: World, ref: ObjectRef): ReadBack {
  const gap = gapOfObject(world.coverage, ref);
  const answer = gap === undefined ? told('unmet', { object: ref, rule: 'it is not there' }) : unread(ref, gap);
  return { ref, told: answer, differences: [] };
}

/** A kind that nobody is ever asked for is for a person to look at; of ConfigMaps only those that rules need are. */
function unread(ref: ObjectRef, gap: string): Told {
  const answer = told('unknown', { object: ref, rule: `it was not read: ${gap}` });
  const isAsked = ASKED_KINDS.includes(ref.kind) && ref.kind !== KIND.configMap;
  return isAsked ? answer : { ...answer, forPerson: true };
}

function readFields(live: KubeObject, written: JsonObject, extras: Extras): ReadBack {
  const ref = refOf(live);
  if (ref.kind === KIND.pod) {
    const rule = 'pods are counted by kind and not kept one by one, so its fields cannot be read back';
    return { ref, told: { ...told('unknown', { object: ref, rule }), forPerson: true }, differences: [] };
  }
  const body = compareFields(bodyOf(written, live), withoutHead(live), { extras, isDefault: defaultsOf(ref.kind) });
  const head = compareFields(headOf(written, live), headOfLive(live), { extras: 'any', isDefault: () => false });
  return answered(ref, {
    differences: [...head.differences, ...body.differences],
    unread: [...head.unread, ...body.unread],
  });
}

function answered(ref: ObjectRef, { differences, unread: hidden }: FieldComparison): ReadBack {
  if (differences.length > 0) return { ref, told: differing(ref, differences), differences };
  if (hidden.length === 0)
    return { ref, told: told('met', { object: ref, rule: 'every field that was written is there' }), differences };
  const fields = hidden.map((path) => path.join('.')).join(', ');
  const rule = `meshwise does not read what may be secret or is long text, so look at it yourself: ${fields}`;
  return { ref, told: { ...told('unknown', { object: ref, rule }), forPerson: true }, differences };
}

/** The answer for an object of which these fields differ. */
export function differing(ref: ObjectRef, differences: readonly FieldDifference[]): Told {
  return {
    state: 'unmet',
    evidence: differences.map(({ path, wanted, found }) => ({
      object: ref,
      field: path.join('.'),
      value: found,
      rule: `${wanted} is wanted there`,
    })),
    drift: differences.map(({ path, wanted, found }) => ({ object: ref, field: path.join('.'), wanted, found })),
  };
}

function bodyOf(written: JsonObject, live: KubeObject): Written {
  const raw = withoutHead(written);
  return { raw, kept: withoutHead(projected(written, live)) };
}

function withoutHead(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !NOT_BODY.has(field)));
}

/** The written object as a world holds one; what admission refuses whole is kept in nothing. */
function projected(written: JsonObject, live: KubeObject): JsonObject {
  const { name, namespace } = live.metadata;
  const metadata = { ...asObject(written['metadata']), name, ...(namespace === undefined ? {} : { namespace }) };
  const admitted = admit({ ...written, metadata }, { from: 'read' }, () => undefined);
  return 'object' in admitted ? admitted.object : {};
}

/** Labels and annotations; of an annotation that no rule reads only that it is there is known. */
function headOf(written: JsonObject, live: KubeObject): Written {
  const { labels, annotations } = asObject(written['metadata']) ?? {};
  const metadata = asObject(projected(written, live)['metadata']);
  const raw = { labels: asObject(labels) ?? {}, annotations: asObject(annotations) ?? {} };
  const kept = { labels: asTextMap(labels), annotations: asTextMap(metadata?.['annotations']) };
  return { raw: { metadata: raw }, kept: { metadata: kept } };
}

function headOfLive({ metadata }: KubeObject): JsonObject {
  return { metadata: { labels: metadata.labels, annotations: metadata.annotations } };
}

/** The reference and what is wrong with it, on one line. */
export function readBackWords({ ref, told: { evidence } }: ReadBack): string {
  const [first] = evidence;
  const field = first?.field === undefined ? '' : ` ${first.field} is ${first.value ?? 'something else'}:`;
  return `${formatRef(ref)}${field} ${first?.rule ?? ''}`;
}
