import { join } from 'node:path';
import { readPaths } from '../../src/adapters/files/read-paths.ts';
import { parseCalls } from '../../src/adapters/files/read-calls.ts';
import type { Reading } from '../../src/adapters/files/reading.ts';
import { openWorld, type OpenedWorld } from '../../src/app/open-world.ts';
import type { CallsFile } from '../../src/domain/calls/call.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { formatRef, kindOf } from '../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import type { Fate } from '../../src/domain/simulate/verdict.ts';
import type { CoverageEntry, CoverageState } from '../../src/domain/world/coverage.ts';
import type { ReadWorld } from '../../src/app/ports.ts';
import { sortedUnique } from '../../src/lib/order.ts';
import { WORLDS, type CallCase, type Expected, type WorldCase } from './world-case.ts';

/** One call with what became of it, in the words of what was expected. */
export interface Judged {
  readonly name: string;
  readonly expected: Expected;
  readonly actual: Expected | string;
}

/** Opens the world as the commands do, and follows each of its calls. */
export async function judgeWorld(world: WorldCase): Promise<readonly Judged[]> {
  const opened = await openCase(world);
  return world.calls.map((call, index) => {
    const fate = fateOfCase(call, opened, index + 1);
    const actual = typeof fate === 'string' ? fate : inWordsOf(call.expect, fate);
    return { name: call.name, expected: call.expect, actual };
  });
}

const CALLS = 'calls.json';

/** Opens a world as the commands do, with the calls of its head. Throws an Error where a manifest of it is not read. */
export async function openCase(world: WorldCase): Promise<OpenedWorld> {
  const files = [join(WORLDS, world.file), ...world.common.map((name) => join(WORLDS, 'common', `${name}.yaml`))];
  const reading = await readPaths(files, { namespaceForUnset: 'default' });
  // The head of the file is no object; whatever else is set aside was meant as one.
  const lost = reading.setAside.slice(1);
  if (lost.length > 0) throw new Error(`${world.file}: ${JSON.stringify(lost)}`);
  return openWorld({
    world: { read: () => Promise.resolve(covered(reading, world)) },
    overlays: [],
    calls: { read: () => [callsOf(world)] },
    at: '2026-11-01T00:00:00Z',
    save: undefined,
  });
}

/** What a reader of a live cluster says of each kind: all are listed but those that may not be, or were not. */
function covered(reading: Reading, world: WorldCase): ReadWorld {
  const gaps = new Map<string, CoverageState>([
    ...world.forbidden.map((kind) => [kind, 'forbidden'] as const),
    ...world.unread.map((kind) => [kind, 'unread'] as const),
  ]);
  const objects = reading.objects.filter((object) => !gaps.has(kindOf(object)));
  const kinds = world.read === 'files' ? reading.coverage.map(({ kind }) => kind) : Object.values(KIND);
  const entries = sortedUnique([...kinds, ...gaps.keys(), ...objects.map(kindOf)]).map((kind): CoverageEntry => {
    const state = gaps.get(kind) ?? 'read';
    return { kind, state, objects: objects.filter((object) => kindOf(object) === kind).length };
  });
  return { ...reading, objects, basis: world.read === 'files' ? 'declared' : 'snapshot', coverage: entries };
}

function callsOf({ calls }: WorldCase): CallsFile {
  const rows = calls.map(({ row }) => row ?? NOBODY);
  return parseCalls(JSON.stringify(rows), CALLS);
}

/** Keeps the place of a declared call, so that rows are found by their number. */
const NOBODY = { client: 'unknown', service: 'nobody.example.com', port: 1 };

function fateOfCase({ declared }: CallCase, { graph, world }: OpenedWorld, number: number): Fate | string {
  const source = `${CALLS}:${String(number)}`;
  const reason = graph.unresolved.find((unresolved) => unresolved.source === source)?.reason;
  const call = graph.calls.find((candidate) =>
    declared === undefined
      ? candidate.evidence.some((evidence) => evidence.source === source)
      : candidate.id === declared && candidate.evidence.some(({ kind }) => kind !== 'observed'),
  );
  if (call === undefined) return reason ?? `no such call among ${graph.calls.map(({ id }) => id).join(', ')}`;
  return fateOf(call, world);
}

/** What was asked about; of the reason and of the objects only whether they are as expected. */
function inWordsOf(expected: Expected, fate: Fate): Expected {
  const { verdict, wire, identity, authorization, why } = fate;
  const objects = sortedUnique(
    fate.decidedBy.flatMap(({ object }) => (object === undefined ? [] : [formatRef(object)])),
  );
  const { says, by } = expected;
  return {
    verdict,
    wire,
    ...(expected.identity === undefined ? {} : { identity }),
    ...(expected.authorization === undefined ? {} : { authorization }),
    ...(says === undefined ? {} : { says: why.includes(says) ? says : why }),
    ...(by === undefined ? {} : { by: objects.includes(by) ? by : objects.join(', ') }),
  };
}
