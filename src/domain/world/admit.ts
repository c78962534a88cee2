import { isClusterScoped } from '../kubernetes/kinds.ts';
import { kindOf } from '../kubernetes/object.ts';
import type { KubeObject, ObjectMeta, Origin } from '../kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asObject, asText } from '../../lib/json.ts';
import { decodeObject } from './admit-decode.ts';
import type { ParseText } from './admit-decode.ts';
import { TOO_DEEP, isTooDeep } from './admit-depth.ts';
import { admitMetadata } from './admit-metadata.ts';
import { projectFields } from './admit-project.ts';

/** The object as the world holds it, a kind that is never kept, or why it is no object. */
export type Admitted =
  | { readonly object: KubeObject; readonly warnings: readonly string[] }
  | { readonly dropped: 'Secret' | 'Event' }
  | { readonly setAside: string };

/**
 * Turns what a reader found into an object: identity checked, metadata complete, text inside it decoded by the given
 * YAML parser, all else projected to what rules read. Secrets and Events are dropped unread. Every source passes
 * through here, so the same object is the same value wherever it came from.
 */
export function admit(raw: JsonObject, origin: Origin, parse: ParseText): Admitted {
  const [apiVersion, kind] = [asText(raw['apiVersion']), asText(raw['kind'])];
  if (kind === undefined || kind === '') return { setAside: 'no kind' };
  if (apiVersion === undefined || apiVersion === '') return { setAside: `${kindOr(kind)} without apiVersion` };
  if (kind === 'Secret' || kind === 'Event') return { dropped: kind };
  const rawMetadata = asObject(raw['metadata']);
  const name = asText(rawMetadata?.['name']);
  if (rawMetadata === undefined || name === undefined || name === '')
    return { setAside: `${kindOr(kind)} without metadata.name` };
  if (isTooDeep(raw)) return { setAside: `${kindOr(kind)} ${TOO_DEEP}` };
  const { meta, warnings } = admitMetadata(rawMetadata, name);
  const group = kindOf({ apiVersion, kind });
  const decoded = decodeObject(group, raw, parse);
  const object: KubeObject = {
    apiVersion,
    kind,
    metadata: inScope(meta, isClusterScoped(group)),
    origin,
    ...projectFields(group, apiVersion, raw),
    ...(decoded === undefined ? {} : { decoded }),
  };
  const undecoded = decoded?.['error'] === undefined ? [] : [`cannot read ${asText(decoded['error']) ?? 'text in it'}`];
  return { object, warnings: [...warnings, ...undecoded] };
}

/**
 * Takes an object that was admitted once and written as JSON back into the world; undefined if it is no such object.
 * Nothing is projected or decoded again: what was left out then is not there now.
 */
export function readmit(raw: JsonObject): KubeObject | undefined {
  if (isTooDeep(raw)) return undefined;
  const { apiVersion, kind, metadata: rawMetadata, origin: rawOrigin, decoded: rawDecoded, ...rest } = raw;
  const [metadata, origin, decoded] = [asObject(rawMetadata), asObject(rawOrigin), asObject(rawDecoded)];
  const name = asText(metadata?.['name']);
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  if (metadata === undefined || name === undefined || kind === 'Secret') return undefined;
  return {
    apiVersion,
    kind,
    metadata: admitMetadata(metadata, name).meta,
    origin: originOf(origin),
    ...rest,
    ...(decoded === undefined ? {} : { decoded }),
  };
}

/** A kind is a word; anything else in its place may be anything. */
function kindOr(kind: string): string {
  return /^[A-Z][A-Za-z]{0,62}$/.test(kind) ? kind : 'an object';
}

function originOf(origin: JsonObject | undefined): Origin {
  const file = asText(origin?.['file']);
  const line = origin?.['line'];
  return {
    from: 'read',
    ...(file === undefined ? {} : { file }),
    ...(typeof line === 'number' ? { line } : {}),
  };
}

function inScope(meta: ObjectMeta, clusterScoped: boolean): ObjectMeta {
  const { namespace, ...rest } = meta;
  return clusterScoped && namespace !== undefined ? rest : meta;
}
