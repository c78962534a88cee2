import { compareText, groupBy, sortedUnique } from '../../lib/order.ts';
import { formatSource, formatTarget } from '../calls/call-id.ts';
import { isKnownCall } from '../calls/call.ts';
import type { Evidence } from '../world/evidence.ts';
import type { World } from '../world/world.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { CallCause } from './call-causes.ts';
import type { CheckContext, Issue, Undecided } from './check.ts';
import { plaintextException } from './plaintext-exception.ts';
import { markPlanned } from './planned-evidence.ts';
import { strictCasualties, type Casualty } from './strict-casualties.ts';
import { whatIf } from './what-if.ts';
import { workloadObject } from './workload-object.ts';

/** How the findings of one cause are put into words and how much each weighs. */
export interface CasualtyStory {
  readonly cause: CallCause;
  /** What calls, as the subject of a sentence: `Admission webhook calls of the API server`. */
  readonly subject: string;
  readonly severity?: (casualties: readonly Casualty[]) => Issue['severity'];
  /** Narrows the casualties of the cause. */
  readonly only?: (casualty: Casualty) => boolean;
}

/** One issue for each server that STRICT would cut from callers of the cause, and what could not be decided. */
export function* casualtyIssues(context: CheckContext, story: CasualtyStory): Iterable<Issue | Undecided> {
  const { cut, undecided } = strictCasualties(context);
  const rows = cut
    .filter((casualty) => casualty.cause === story.cause && story.only?.(casualty) !== false)
    .flatMap((casualty) => casualty.servers.map((server) => ({ casualty, server })));
  const groups = groupBy(rows, ({ server }) => formatWorkload(server.workload));
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const ports = [...new Set(group.map(({ server }) => server.port))].sort((left, right) => left - right);
    // The workload of the world as it is: what the world ahead made of it stays there.
    const server = findWorkload(context.world, first.server.workload) ?? first.server.workload;
    yield issueFor(context, story, { server, ports, casualties: [...new Set(group.map(({ casualty }) => casualty))] });
  }
  for (const { cause, reason, servers } of undecided) {
    if (cause !== story.cause) continue;
    for (const { workload } of servers) yield { notAssessed: reason, object: workloadObject(workload) };
  }
}

interface Group {
  readonly server: Workload;
  readonly ports: readonly number[];
  readonly casualties: readonly Casualty[];
}

function issueFor(context: CheckContext, story: CasualtyStory, { server, ports, casualties }: Group): Issue {
  const severity = story.severity?.(casualties);
  const callers = sortedUnique(casualties.map(({ call }) => formatSource(call.from)));
  const already = casualties.some((casualty) => casualty.already);
  // Where the port is STRICT today, an exception would open it again, which a person must decide.
  const change = already ? undefined : plaintextException(server, exceptedPorts(context, server), context.world);
  const guessed = casualties.every(({ call }) => !isKnownCall(call)) ? ' (inferred from configuration)' : '';
  return {
    object: workloadObject(server),
    field: 'container ports',
    value: ports.join(', '),
    message: `${story.subject} (${shortList(callers)}) reach ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')} of ${formatWorkload(server)} without mutual TLS${guessed}: ${already ? 'refused already' : 'refused as soon as the port is STRICT'}.`,
    evidence: evidenceOf(casualties, context.world),
    ...(severity === undefined ? {} : { severity }),
    ...(change === undefined ? {} : { remedy: { change } }),
  };
}

/**
 * Every port of the server that some caller needs as it is, whatever the cause: the exceptions of all its findings are
 * one object, so each must hold the ports of all.
 */
function exceptedPorts(context: CheckContext, server: Workload): readonly number[] {
  const name = formatWorkload(server);
  const ports = strictCasualties(context)
    .cut.filter(({ cause, already }) => cause !== 'destination-rule' && !already)
    .flatMap(({ servers }) => servers.filter(({ workload }) => formatWorkload(workload) === name))
    .map(({ port }) => port);
  return [...new Set(ports)].sort((left, right) => left - right);
}

const SHOWN = 20;

/**
 * What says that the calls are made, then what decides their fate; each once, and no more than twenty of each. What only
 * the world ahead holds is marked as planned.
 */
export function evidenceOf(casualties: readonly Casualty[], world: World): readonly Evidence[] {
  const made = casualties.flatMap(({ call }) =>
    call.evidence.map(({ kind, source, detail }): Evidence => ({
      value: `${formatSource(call.from)} to ${formatTarget(call.to)}`,
      rule: `${kind} by ${source}: ${detail}`,
    })),
  );
  const decided = casualties.flatMap(({ strict }): Evidence[] => [
    { rule: `With STRICT: ${strict.why}` },
    ...strict.decidedBy
      .filter(({ object }) => object !== undefined)
      .map((evidence) => markPlanned(evidence, world, whatIf(world).strict)),
  ]);
  return [...firstOf(made), ...firstOf(decided)];
}

/** The first twenty different pieces of evidence, and how many more there are. */
export function firstOf(evidence: readonly Evidence[]): readonly Evidence[] {
  const unique = [...new Map(evidence.map((each) => [JSON.stringify(each), each])).values()];
  if (unique.length <= SHOWN) return unique;
  return [...unique.slice(0, SHOWN), { rule: `and ${String(unique.length - SHOWN)} more` }];
}

/** The first five names and how many more there are. */
export function shortList(names: readonly string[]): string {
  const shown = [...names].sort(compareText).slice(0, 5);
  return names.length > shown.length
    ? `${shown.join(', ')} and ${String(names.length - shown.length)} more`
    : shown.join(', ');
}
