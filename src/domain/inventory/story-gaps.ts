import type { Call, CallGraph } from '../calls/call.ts';
import { unreadKinds } from '../calls/unread-kinds.ts';
import type { Kind } from '../kubernetes/object.ts';
import { resourceOf } from '../kubernetes/plurals.ts';
import type { World } from '../world/world.ts';
import { summaryOf } from './summary.ts';
import type { WorkloadRow } from './workload-row.ts';

/** Something that is not known of a workload, and what would tell. */
export interface StoryGap {
  readonly about: string;
  readonly reason: string;
  /** Absent where nothing that meshwise reads would tell. */
  readonly howToKnow?: string;
}

interface GapInput {
  readonly world: World;
  readonly graph: CallGraph;
  /** The calls to the workload. */
  readonly callers: readonly Call[];
}

/** What is not known of the workload: of its enrolment, its modes, its policies and its callers. */
export function storyGaps(row: WorkloadRow, { world, graph, callers }: GapInput): readonly StoryGap[] {
  const rules = summaryOf([row], 1).unknown.map(({ about, reason }) => gap(about, reason, world));
  const meshes = Object.entries(row.enrolment)
    .filter(([, { decision }]) => decision === 'unknown')
    .map(([mesh, { reason }]) => gap(`enrolment in ${mesh}`, reason, world));
  const once = new Map([...rules, ...meshes].map((each) => [each.reason, each]));
  return [...once.values(), ...callerGaps(row, { world, graph, callers })];
}

function callerGaps(row: WorkloadRow, { world, graph, callers }: GapInput): readonly StoryGap[] {
  if (row.ports.length === 0) return [];
  const watched = graph.windows.length > 0;
  const seen = callers.some(({ evidence }) => evidence.some(({ kind }) => kind === 'observed'));
  const unread = unreadKinds(world).map(({ kind }) => kind);
  return [
    ...(seen ? [] : [watched ? NOT_SEEN : NOT_WATCHED]),
    ...(unread.length === 0
      ? []
      : [
          {
            about: 'callers',
            reason: `objects that tell of calls were not read whole: ${unread.join(', ')}`,
            howToKnow: readingOf(unread),
          },
        ]),
  ];
}

const NOT_WATCHED: StoryGap = {
  about: 'callers',
  reason: 'nobody watched who calls it: callers are what objects declare and configuration names',
  howToKnow: 'give what was observed with --calls FILE',
};

const NOT_SEEN: StoryGap = {
  about: 'callers',
  reason: 'no call to it was observed in the time that was watched, which does not prove that there is none',
  howToKnow: 'watch for longer than the period of its rarest caller, and give that with --calls FILE',
};

/** The kinds that a reason names, of those that were not read whole, are what would tell. */
function gap(about: string, reason: string, world: World): StoryGap {
  const kinds = world.coverage.entries
    .filter(({ state }) => state !== 'read' && state !== 'absent')
    .map(({ kind }) => kind)
    .filter((kind) => reason.includes(`${kind} `));
  return { about, reason, ...(kinds.length === 0 ? {} : { howToKnow: readingOf(kinds) }) };
}

function readingOf(kinds: readonly Kind[]): string {
  const resources = kinds.slice(0, 6).map((kind) => {
    const slash = kind.indexOf('/');
    return slash < 0 ? resourceOf(kind) : `${resourceOf(kind)}.${kind.slice(0, slash)}`;
  });
  const more = kinds.length > 6 ? ' and the others that the coverage names' : '';
  return `read them from the cluster, or give with -f what "kubectl get ${resources.join(',')} -A -o yaml" prints, and --whole-lists${more}`;
}
