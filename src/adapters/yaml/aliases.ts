/** Below this many repeated values a document is never refused. */
const HARMLESS = 1000;

/**
 * Why the value that a document's aliases stand for is refused, or undefined: it contains itself, or it is mostly
 * repetition, which is how a few lines become gigabytes once something walks over them. Costs one visit for each value
 * as written, however large it would be when expanded.
 * @see https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/decode.go (allowedAliasRatio)
 */
export function refuseAliases(value: unknown): string | undefined {
  const sizes = new Map<object, number>();
  const expanded = expandedSize(value, sizes);
  if (expanded === undefined) return 'an anchor contains itself';
  const written = [...sizes.keys()].reduce((sum, node) => sum + 1 + Object.values(node).filter(isScalar).length, 0);
  const repeated = expanded - written;
  return repeated > HARMLESS && repeated / expanded > allowedRatio(expanded)
    ? 'aliases repeat so much that it looks like a YAML bomb'
    : undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function expandedSize(value: unknown, sizes: Map<object, number>): number | undefined {
  if (typeof value !== 'object' || value === null) return 1;
  const before = sizes.get(value);
  if (before !== undefined) return before < 0 ? undefined : before;
  sizes.set(value, -1);
  let size = 1;
  for (const member of Object.values(value)) {
    const part = expandedSize(member, sizes);
    if (part === undefined) return undefined;
    size += part;
  }
  sizes.set(value, size);
  return size;
}

function allowedRatio(expanded: number): number {
  if (expanded <= 400_000) return 0.99;
  if (expanded >= 4_000_000) return 0.1;
  return 0.99 - (0.89 * (expanded - 400_000)) / 3_600_000;
}
