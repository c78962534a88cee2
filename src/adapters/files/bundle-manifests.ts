import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, PatchStep, Step } from '../../domain/world/step.ts';
import { asList, asObject, asText, at, type JsonObject } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';
import { parseYaml } from '../yaml/read.ts';

/** Fields of a kustomization that only names files. */
const PLAIN: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'resources']);

/**
 * Why a stage's folder in a rollout bundle would have something else applied than plan.json says, naming the file;
 * undefined if it would not. Patch files may be missing: they belong to the repositories of the objects' owners.
 */
export function differenceFromBundle(bundle: string, stage: string, steps: readonly Step[]): string | undefined {
  const manifests = steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : []));
  const folder = folderOf(bundle, stage);
  if (folder === undefined)
    return manifests.length === 0 ? undefined : `the folder of stage ${stage} is missing beside plan.json`;
  return (
    manifestDifference(bundle, folder, manifests) ??
    patchDifference(
      bundle,
      join(folder, 'patches'),
      steps.flatMap((step) => (step.step === 'patch' ? [step] : [])),
    )
  );
}

/** Folders are named by the number and the id of their stage. */
function folderOf(bundle: string, stage: string): string | undefined {
  return readdirSync(bundle, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .find((name) => name.replace(/^\d+-/, '') === stage && name !== stage);
}

function manifestDifference(bundle: string, folder: string, manifests: readonly Manifest[]): string | undefined {
  const path = join(folder, 'kustomization.yaml');
  const isThere = existsSync(join(bundle, path));
  if (!isThere) return manifests.length === 0 ? undefined : `${path} is missing`;
  const kustomization = asObject(valueOf(bundle, path));
  if (kustomization === undefined) return `${path} cannot be read`;
  const more = Object.keys(kustomization).find((field) => !PLAIN.has(field));
  if (more !== undefined) return `${path} has the field ${more}, which meshwise does not write`;
  const left = new Set(manifests.map(canonical));
  for (const resource of asList(kustomization['resources'])) {
    const name = asText(resource) ?? '';
    if (!/^[^/\\]+$/.test(name) || name === '..') return `${path} names a resource that is no file beside it`;
    const file = join(folder, name);
    const value = valueOf(bundle, file);
    if (value === undefined) return `${file} cannot be read as one manifest`;
    if (!left.delete(canonical(value))) return `${file} differs from what plan.json says`;
  }
  return left.size === 0 ? undefined : `${path} names fewer manifests than plan.json has for it`;
}

function patchDifference(bundle: string, folder: string, patches: readonly PatchStep[]): string | undefined {
  if (!existsSync(join(bundle, folder))) return undefined;
  const expected = new Set(patches.map((patch) => canonical(patchBody(patch))));
  const files = readdirSync(join(bundle, folder)).sort(compareText);
  const odd = files.find((file) => {
    const { apiVersion: _apiVersion, ...body } = asObject(valueOf(bundle, join(folder, file))) ?? {};
    return !expected.has(canonical(body));
  });
  return odd === undefined ? undefined : `${join(folder, odd)} differs from what plan.json says`;
}

function patchBody({ target, patch }: PatchStep): JsonObject {
  const { metadata, apiVersion: _apiVersion, kind: _kind, ...fields } = patch;
  const named = { name: target.name, ...(target.namespace === undefined ? {} : { namespace: target.namespace }) };
  const kind = target.kind.slice(target.kind.lastIndexOf('/') + 1);
  return { kind, metadata: { ...asObject(metadata), ...named }, ...fields };
}

/** The one document of a YAML file; undefined where it has none, several, or cannot be read. */
function valueOf(bundle: string, file: string): unknown {
  try {
    const text = readFileSync(join(bundle, file), 'utf8');
    return /^---\s*$/m.test(text.replace(/^(?:#.*\n|\s*\n)*---\s*\n/, '')) ? undefined : parseYaml(text);
  } catch {
    return undefined;
  }
}

/** Equal for equal values, in whatever order their fields stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    const object = asObject(part);
    if (object === undefined) return part;
    return Object.fromEntries(
      Object.keys(object)
        .sort(compareText)
        .map((key) => [key, at(object, key)]),
    );
  });
}
