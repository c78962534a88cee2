import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { asObject, type JsonObject } from '../../../src/lib/json.ts';
import { rollOut } from './roll-out.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Worlds that are loaded into a cluster, by name: the demo cluster that ships, and files beside this folder. */
export function readWorld(name: string): readonly JsonObject[] {
  const folder = path.join(ROOT, 'templates/demo/cluster');
  const own = path.join(ROOT, 'test/cluster/worlds', `${name}.yaml`);
  const files = existsSync(own) ? [own] : readdirSync(folder).map((file) => path.join(folder, file));
  return rollOut(files.flatMap((file) => objectsOf(readFileSync(file, 'utf8'))));
}

function objectsOf(text: string): readonly JsonObject[] {
  return parseAllDocuments(text)
    .map((document) => asObject(document.toJS({ maxAliasCount: -1 })))
    .filter((object) => object !== undefined);
}
