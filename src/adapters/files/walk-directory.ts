import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { asText, at } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';
import { readKustomization } from './kustomization.ts';
import type { SetAside } from './reading.ts';
import { inWords } from './system-error.ts';

/** The files of a directory that may hold objects, in path order, and what was left out. */
export interface Walk {
  readonly files: string[];
  readonly setAside: SetAside[];
}

const READABLE = /\.(ya?ml|json|jsonl|gz)$/i;
const KUSTOMIZATION = /^(kustomization\.ya?ml|Kustomization)$/;

interface Root {
  /** Real path of the directory that was given; nothing outside it is read. */
  readonly real: string;
  /** Real paths of the directories that were entered. */
  readonly seen: Set<string>;
  readonly walk: Walk;
}

/**
 * Lists a directory recursively: YAML, JSON and snapshots, no folder that begins with a dot, symbolic links only where
 * they stay inside it. A folder with a kustomization is listed as its resources, one with a meshwise plan not at all.
 */
export function walkDirectory(directory: string): Walk {
  const root: Root = { real: realpathSync(directory), seen: new Set(), walk: { files: [], setAside: [] } };
  enter(directory, root);
  return { files: [...new Set(root.walk.files)].sort(compareText), setAside: root.walk.setAside };
}

function enter(directory: string, root: Root): void {
  try {
    const real = realpathSync(directory);
    if (!isInside(real, root.real)) {
      leaveOut(root, { file: directory, code: 'link', reason: 'a link that leads out of the given directory' });
      return;
    }
    if (root.seen.has(real)) return;
    root.seen.add(real);
    const names = readdirSync(directory).sort(compareText);
    const kustomization = names.find((name) => KUSTOMIZATION.test(name));
    if (names.includes('plan.json') && isPlan(join(directory, 'plan.json'))) {
      leaveOut(root, { file: directory, code: 'bundle', reason: 'a rollout bundle is read only by --plan' });
    } else if (kustomization !== undefined) {
      enterKustomization(join(directory, kustomization), root);
    } else {
      for (const name of names) visit(join(directory, name), root);
    }
  } catch (error) {
    leaveOut(root, { file: directory, code: 'unreadable', reason: inWords(error) });
  }
}

function visit(path: string, root: Root): void {
  const name = basename(path);
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) {
      if (!name.startsWith('.')) enter(path, root);
    } else if (stats.isFile() && READABLE.test(name)) {
      if (isInside(realpathSync(path), root.real)) root.walk.files.push(path);
      else leaveOut(root, { file: path, code: 'link', reason: 'a link that leads out of the given directory' });
    }
  } catch (error) {
    leaveOut(root, { file: path, code: 'unreadable', reason: inWords(error) });
  }
}

function enterKustomization(path: string, root: Root): void {
  const { resources, unbuilt, remote } = readKustomization(readFileSync(path, 'utf8'));
  const names = [...unbuilt, ...remote.map((one) => `remote resource ${one}`)];
  const build =
    names.length === 0
      ? ''
      : `; kustomization not built (${names.join(', ')}): run kubectl kustomize and give its output`;
  leaveOut(root, {
    file: path,
    code: names.length === 0 ? 'not-kubernetes' : 'kustomization',
    reason: `a kustomization, read as its resources${build}`,
  });
  for (const resource of resources) {
    const target = join(dirname(path), resource);
    if (isInside(realOrSame(target), root.real)) visitResource(target, root);
    else
      leaveOut(root, { file: path, code: 'link', reason: `its resource ${resource} lies outside the given directory` });
  }
}

/** A resource is read whatever its name ends in. */
function visitResource(target: string, root: Root): void {
  try {
    if (statSync(target).isDirectory()) enter(target, root);
    else root.walk.files.push(target);
  } catch (error) {
    leaveOut(root, { file: target, code: 'unreadable', reason: inWords(error) });
  }
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function isPlan(path: string): boolean {
  try {
    return asText(at(JSON.parse(readFileSync(path, 'utf8')) as unknown, 'kind')) === 'RolloutPlan';
  } catch {
    return false;
  }
}

function leaveOut(root: Root, entry: SetAside): void {
  root.walk.setAside.push(entry);
}
