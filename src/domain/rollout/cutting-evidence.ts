import { isKnownCall } from '../calls/call.ts';
import { formatSource } from '../calls/call-id.ts';
import { formatWorkload } from '../world/workload.ts';
import { withoutWaived } from './evidence-waivers.ts';
import type { CallThrough } from './calls-through.ts';
import type { EvidenceRule, JudgedPort } from './evidence-rule.ts';
import { formatPort, satisfies } from './evidence-rule.ts';
import type { Obstacle } from './plan.ts';
import type { RolloutInput } from './rollout-input.ts';

const SHOWN = 20;
const DAY = 86_400;

/** Whether a stage that cuts may be written, and on what. */
export type CuttingEvidence =
  | { readonly state: 'ready'; readonly notes: readonly string[] }
  | { readonly state: 'waived'; readonly notes: readonly string[] }
  | {
      readonly state: 'outline';
      readonly blockedBy: readonly Obstacle[];
      /** Workloads with a port of which too little is known, formatted. */
      readonly lacking: ReadonlySet<string>;
    };

/**
 * Holds the ports that a stage would cut against the rule and against what the user accepts. Jobs that no window shows,
 * and callers that nothing here would show, stand in the way of every stage unless inferred evidence is accepted. What
 * somebody waives in meshwise.yaml is known well enough by that word.
 */
export function cuttingEvidence(
  ports: readonly JudgedPort[],
  rule: EvidenceRule,
  input: RolloutInput,
): CuttingEvidence {
  const through = throughOthers(ports, input);
  if (through.length > 0) {
    const named = ports.filter((port) => through.some((each) => each.port === port));
    return { state: 'outline', blockedBy: eachOnce(through), lacking: workloadsOf(named) };
  }
  return withWaivers(ports, rule, input);
}

function withWaivers(ports: readonly JudgedPort[], rule: EvidenceRule, input: RolloutInput): CuttingEvidence {
  const { left, notObservable, notes } = withoutWaived(ports, rule, input);
  if (ports.length > 0 && left.length === 0 && rule.unseenCallers.length === 0) return { state: 'waived', notes };
  const judged = judge(left, { ...rule, notObservable }, input);
  if (notes.length === 0 || judged.state === 'outline') return judged;
  return { state: 'waived', notes: [...notes, ...judged.notes] };
}

function judge(ports: readonly JudgedPort[], rule: EvidenceRule, input: RolloutInput): CuttingEvidence {
  const { acceptEvidence, world } = input;
  const unobserved = ports.filter(({ evidence }) => !satisfies(evidence, 'observed'));
  const isDeclared = world.coverage.basis === 'declared';
  const hidden = [...rule.unseenCallers, ...(ports.length === 0 ? [] : unseenJobs(rule))];
  const undated = rule.windowNotes.map((note) => `${note}.`);
  if (unobserved.length === 0 && !isDeclared && hidden.length === 0) return { state: 'ready', notes: undated };
  if (acceptEvidence === 'inferred') {
    const timed = hidden.map(({ what }) => `Waived as well: ${what}.`);
    return { state: 'waived', notes: [waiver(unobserved, acceptEvidence), ...timed, ...undated] };
  }
  const wanted = acceptEvidence === 'declared' ? 'declared' : 'observed';
  const lacking = ports.filter(({ evidence }) => !satisfies(evidence, wanted));
  const isBasisWeak = isDeclared && wanted === 'observed';
  if (lacking.length > 0 || isBasisWeak || hidden.length > 0) {
    const stale = lacking.length > 0 ? rule.windowNotes.map(toStale) : [];
    const blockedBy = [
      ...(isBasisWeak ? [declaredWorld()] : []),
      ...hidden,
      ...stale,
      ...missing(lacking, wanted, rule),
    ];
    return { state: 'outline', blockedBy, lacking: workloadsOf(isBasisWeak ? ports : lacking) };
  }
  return { state: 'waived', notes: [waiver(unobserved, acceptEvidence), ...undated] };
}

interface Through {
  readonly port: JudgedPort;
  readonly obstacle: Obstacle;
}

/**
 * Callers that reach a port by a name which stands for it: what they send there is not told by who they are, and no list
 * of the port's callers names them. No waiver is about them, as they are known; one that is only inferred can be accepted.
 */
function throughOthers(ports: readonly JudgedPort[], { acceptEvidence }: RolloutInput): readonly Through[] {
  return ports.flatMap((port) =>
    (port.through ?? [])
      .filter(({ call }) => acceptEvidence !== 'inferred' || isKnownCall(call))
      .map((each) => ({ port, obstacle: throughName(port, formatSource(each.call.from), each) })),
  );
}

/** What may reach any port of many workloads is said once. */
function eachOnce(through: readonly Through[]): readonly Obstacle[] {
  return [...new Map(through.map(({ obstacle }) => [obstacle.what, obstacle])).values()];
}

function throughName(port: JudgedPort, caller: string, { by, isUntold }: CallThrough): Obstacle {
  if (isUntold === true) {
    return {
      kind: 'call',
      what: `${caller} calls ${by}; so any server there may be what answers`,
      remedy:
        'read the EndpointSlices of its namespace, give its addresses a targetRef, or have it call the Service of the pods by its own name, and plan again',
    };
  }
  return {
    kind: 'call',
    what: `${caller} calls ${formatPort(port.port)} through ${by}: what it sends there, and as whom, is not known`,
    remedy: 'have it call the Service itself by its own name, watch its calls again, and plan again',
  };
}

/** Jobs that may call without any source showing it. */
function unseenJobs({ notObservable }: EvidenceRule): readonly Obstacle[] {
  return notObservable.map((reason): Obstacle => ({
    kind: 'evidence',
    what: `not observable in time: ${reason}`,
    remedy: 'exercise the job, or watch it run (--calls), or accept weaker evidence with --accept-evidence inferred',
  }));
}

function toStale(what: string): Obstacle {
  return { kind: 'evidence', what, remedy: 'watch the calls of today, and plan again' };
}

function workloadsOf(ports: readonly JudgedPort[]): ReadonlySet<string> {
  return new Set(ports.map(({ port }) => formatWorkload(port.workload)));
}

function declaredWorld(): Obstacle {
  return {
    kind: 'evidence',
    what: 'this world is made of manifests, which show no calls that really happen',
    remedy: 'read the cluster, with calls watched there, or accept weaker evidence with --accept-evidence',
  };
}

function missing(ports: readonly JudgedPort[], wanted: string, rule: EvidenceRule): readonly Obstacle[] {
  const days = String(Math.ceil(rule.minWindowSeconds / DAY));
  const rows = ports.slice(0, SHOWN).map((judged): Obstacle => ({
    kind: 'evidence',
    what: `${formatPort(judged.port)}: evidence of its callers is ${judged.evidence}, ${wanted} is asked for`,
    remedy: judged.isUnlisted === true ? unlisted(days) : watch(days),
  }));
  const rest = ports.length - rows.length;
  if (rest <= 0) return rows;
  return [...rows, { kind: 'evidence', what: `and ${String(rest)} ports more`, remedy: 'the same' }];
}

function watch(days: string): string {
  return `watch its calls for ${days} days with a source that sees callers outside a mesh (--calls), or exercise it`;
}

function unlisted(days: string): string {
  return `no Service lists the port, so whoever calls it calls the pods themselves: watch their flows for ${days} days with a source that names ports of pods (--calls), take the port out of the template if nothing listens there, or waive it in meshwise.yaml`;
}

function waiver(ports: readonly JudgedPort[], accepted: string): string {
  const names = ports.slice(0, SHOWN).map((judged) => `${formatPort(judged.port)} (${judged.evidence})`);
  const rest = ports.length > SHOWN ? ` and ${String(ports.length - SHOWN)} more` : '';
  const which = names.length === 0 ? 'the manifests alone' : `${names.join(', ')}${rest}`;
  return `Waived: this stage is written on ${accepted} evidence because --accept-evidence says so. It rests on less than observed calls for: ${which}. Whoever accepts it gives a name and an end date.`;
}
