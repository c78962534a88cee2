import { notes } from './derived.ts';
import type { World } from './world.ts';

type ByNamespace = Map<string, unknown>;

type Kept = Map<object, ByNamespace>;

const keptOf = notes<Kept>();

/** What a changed world may take over from the world it was made of, without the namespaces that differ. */
interface Heritage {
  readonly kept: Kept;
  readonly changed: ReadonlySet<string>;
}

const NOTHING: Heritage = { kept: new Map(), changed: new Set() };

/** Of worlds that were not asked yet; most worlds between two steps never are. */
const heritages = notes<Heritage>();

/** What was kept of each namespace stands for the changed world too, where the change leaves the namespace alone. */
export function inheritByNamespace(
  before: World,
  after: World,
  replaced: ReadonlyMap<unknown, ReadonlyMap<string, unknown>>,
): void {
  const kept = keptOf.get(before);
  const from = kept === undefined ? heritages.get(before) : { kept, changed: new Set<string>() };
  if (from === undefined) return;
  const changed = new Set([...from.changed, ...[...replaced.values()].flatMap((buckets) => [...buckets.keys()])]);
  heritages.set(after, { kept: from.kept, changed });
}

/** What each function was answered of each namespace of the world; whoever asks adds to it. */
export function keptByNamespace(world: World): Kept {
  const found = keptOf.get(world);
  if (found !== undefined) return found;
  const { kept, changed } = heritages.get(world) ?? NOTHING;
  const own: Kept = new Map<object, ByNamespace>();
  for (const [compute, answers] of kept) {
    const inherited: ByNamespace = new Map(answers);
    for (const namespace of changed) inherited.delete(namespace);
    own.set(compute, inherited);
  }
  heritages.set(world, NOTHING);
  keptOf.set(world, own);
  return own;
}
