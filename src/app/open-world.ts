import type { CallGraph, CallsFile } from '../domain/calls/call.ts';
import { buildCallGraph, joinGraphs } from '../domain/calls/call-graph.ts';
import type { KubeObject } from '../domain/kubernetes/object.ts';
import { admitPod } from '../domain/mesh/registry.ts';
import { applyChange } from '../domain/world/apply.ts';
import { doubtContradicted } from '../domain/simulate/contradicted-calls.ts';
import { CONTRACT_VERSION, type ResultHead } from '../domain/world/result-head.ts';
import type { World } from '../domain/world/world.ts';
import { usageError } from '../lib/errors.ts';
import { compareText } from '../lib/order.ts';
import { buildWorld } from './build-world.ts';
import { idleOverlay, refuseMisplaced } from './overlay-checks.ts';
import { overlayStep } from './overlay-step.ts';
import type { Sources } from './ports.ts';
import type { WorldReading } from '../domain/world/world-reading.ts';

/** A world ready to be asked, with the calls that are known in it. */
export interface OpenedWorld {
  /** The world as it was read. */
  readonly base: World;
  /** The world with the overlays laid over it; the same as `base` without any. */
  readonly world: World;
  readonly graph: CallGraph;
  readonly observed: readonly CallsFile[];
  readonly reading: WorldReading;
  /** The head of a result of the given kind over this world. */
  readonly headFor: <K extends string>(kind: K) => ResultHead & { readonly kind: K };
}

/** Reads the world, lays the overlays over it, and finds who calls whom. Throws what the sources throw. */
export async function openWorld(sources: Sources): Promise<OpenedWorld> {
  const read = await sources.world.read();
  const observed = eachCallsFileOnce([...(read.calls ?? []), ...(await sources.calls.read())]);
  const base = buildWorld(read, sources.at);
  const { world, warnings } = await overlaid(base, sources.overlays, read.basis);
  const reading = { ...read, warnings: [...read.warnings, ...warnings] };
  if (sources.save !== undefined) await sources.save.write({ ...read, calls: observed });
  const now = buildCallGraph(base, observed);
  // Who was admitted by a policy, or sent by a route, that an overlay changes still calls.
  const all = world === base ? now : joinGraphs([now, buildCallGraph(world, observed)]);
  const graph = doubtContradicted(all, base);
  return { base, world, graph, observed, reading, headFor: (kind) => headOf(world, reading, kind) };
}

interface Overlaid {
  readonly world: World;
  readonly warnings: readonly string[];
}

/** All overlays are read before one is laid: any of them may bring the namespace that another needs. */
async function overlaid(base: World, overlays: Sources['overlays'], basis: WorldReading['basis']): Promise<Overlaid> {
  const read: (readonly KubeObject[])[] = [];
  for (const overlay of overlays) {
    const { objects, gaps } = await overlay.read();
    refuseGaps(gaps);
    read.push(objects);
  }
  refuseMisplaced(read.flat(), base);
  let world = base;
  const warnings: string[] = [];
  for (const [index, objects] of read.entries()) {
    const before = world;
    const steps = objects.map((object) => overlayStep(object, basis));
    world = applyChange(before, { id: `overlay-${String(index + 1)}`, steps }, admitPod).world;
    warnings.push(...idleOverlay(objects, before, world));
  }
  return { world, warnings };
}

/** Files that say the same, such as one beside the snapshot that keeps its calls, are one watch and count once. */
function eachCallsFileOnce(files: readonly CallsFile[]): readonly CallsFile[] {
  const once = new Map<string, CallsFile>();
  for (const file of files) {
    const rows = file.rows.map(({ source: _source, ...row }) =>
      Object.entries(row).sort(([a], [b]) => compareText(a, b)),
    );
    const content = JSON.stringify([file.window?.from, file.window?.to, file.seesUnmeshed, rows]);
    if (!once.has(content)) once.set(content, file);
  }
  return [...once.values()];
}

/** What is half laid over a world answers another question than the one that was asked. */
function refuseGaps(gaps: readonly string[]): void {
  const [first] = gaps;
  if (first === undefined) return;
  const more = gaps.length === 1 ? '' : `, and ${String(gaps.length - 1)} more`;
  throw usageError(
    'overlay-not-readable',
    `an overlay is not read whole: ${first}${more}`,
    'correct the file, or leave it out',
  );
}

function headOf<K extends string>(world: World, reading: WorldReading, kind: K): ResultHead & { readonly kind: K } {
  const { coverage } = world;
  // When it was read, whatever time it is judged by.
  const { asOf } = reading;
  return {
    apiVersion: CONTRACT_VERSION,
    kind,
    basis: coverage.basis,
    ...(asOf.known ? { taken: asOf.value } : {}),
    coverage: coverage.entries,
    warnings: reading.warnings,
    setAside: reading.setAside,
  };
}
