import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCalls } from '../../src/adapters/files/read-calls.ts';
import { readPaths } from '../../src/adapters/files/read-paths.ts';
import { openWorld, type OpenedWorld } from '../../src/app/open-world.ts';
import type { ReadWorld } from '../../src/app/ports.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { kindOf } from '../../src/domain/kubernetes/object.ts';
import { compareText, sortedUnique } from '../../src/lib/order.ts';

/** An application that is shown: its folder, and the control plane it runs with. */
export interface Showcase {
  readonly app: 'boutique' | 'bookinfo' | 'emojivoto';
  readonly mesh: 'ambient' | 'linkerd';
}

const COMMON = join(import.meta.dirname, '..', 'cases', 'worlds', 'common');

/** A part of clusters that other tests run on as well. */
export function commonFile(name: 'istio' | 'ambient' | 'linkerd' | 'calico'): string {
  return join(COMMON, `${name}.yaml`);
}

/** The files of the application and of what it runs on: its mesh, and a network plugin that enforces policies. */
export function filesOf({ app, mesh }: Showcase): readonly string[] {
  return [join(import.meta.dirname, app, 'world.yaml'), commonFile(mesh), commonFile('calico')];
}

/** The calls that the application's documentation draws. */
export function callsOf({ app }: Pick<Showcase, 'app'>): string {
  return join(import.meta.dirname, app, 'calls.csv');
}

/** The file of a change. */
export function changeFile({ app }: Showcase, change: string): string {
  return join(import.meta.dirname, app, 'changes', `${change}.yaml`);
}

/** The names of all changes of the application, sorted. */
export function changesOf({ app }: Showcase): readonly string[] {
  const files = readdirSync(join(import.meta.dirname, app, 'changes'));
  return files.map((file) => file.replace(/\.yaml$/, '')).sort(compareText);
}

/** The application as a cluster that was read whole, pods included, with the change laid over it, if any. */
export async function openShowcase(showcase: Showcase, change?: string): Promise<OpenedWorld> {
  const overlay = change === undefined ? [] : [changeFile(showcase, change)];
  const calls = callsOf(showcase);
  return openWorld({
    world: { read: () => readWhole(filesOf(showcase)) },
    overlays: overlay.map((file) => ({ read: () => readPaths([file], { namespaceForUnset: 'default' }) })),
    calls: { read: () => [parseCalls(readFileSync(calls, 'utf8'), 'calls.csv')] },
    at: '2026-11-21T00:00:00Z',
    save: undefined,
  });
}

/** As a reader of a live cluster gives it: every kind was listed. */
async function readWhole(files: readonly string[]): Promise<ReadWorld> {
  const reading = await readPaths(files, { namespaceForUnset: 'default' });
  if (reading.setAside.length > 0) throw new Error(JSON.stringify(reading.setAside));
  const kinds = sortedUnique([...Object.values(KIND), ...reading.objects.map(kindOf)]);
  const coverage = kinds.map((kind) => ({
    kind,
    state: 'read' as const,
    objects: reading.objects.filter((object) => kindOf(object) === kind).length,
  }));
  return { ...reading, basis: 'snapshot', coverage };
}
