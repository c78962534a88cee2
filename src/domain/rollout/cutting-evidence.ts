import { formatWorkload } from '../world/workload.ts';
import type { EvidenceRule, JudgedPort } from './evidence-rule.ts';
import { satisfies } from './evidence-rule.ts';
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

/** Holds the ports that a stage would cut against the rule and against what the user accepts. */
export function cuttingEvidence(
  ports: readonly JudgedPort[],
  rule: EvidenceRule,
  input: RolloutInput,
): CuttingEvidence {
  const { acceptEvidence, world } = input;
  const unobserved = ports.filter(({ evidence }) => !satisfies(evidence, 'observed'));
  const isDeclared = world.coverage.basis === 'declared';
  const timed = rule.notObservable.map((reason) => `Not observable in time: ${reason}.`);
  if (unobserved.length === 0 && !isDeclared) return { state: 'ready', notes: timed };
  if (acceptEvidence === 'observed' || acceptEvidence === 'exercised') {
    const basis = isDeclared ? [declaredWorld()] : [];
    const blockedBy = [...basis, ...missing(unobserved, 'observed', rule)];
    return { state: 'outline', blockedBy, lacking: workloadsOf(isDeclared ? ports : unobserved) };
  }
  const lacking = ports.filter(({ evidence }) => !satisfies(evidence, acceptEvidence));
  if (lacking.length > 0) {
    return { state: 'outline', blockedBy: missing(lacking, acceptEvidence, rule), lacking: workloadsOf(lacking) };
  }
  return { state: 'waived', notes: [waiver(unobserved, acceptEvidence), ...timed] };
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
    what: `${nameOf(judged)}: evidence of its callers is ${judged.evidence}, ${wanted} is asked for`,
    remedy: `watch its calls for ${days} days with a source that sees callers outside a mesh (--calls), or exercise it`,
  }));
  const rest = ports.length - rows.length;
  if (rest <= 0) return rows;
  return [...rows, { kind: 'evidence', what: `and ${String(rest)} ports more`, remedy: 'the same' }];
}

function waiver(ports: readonly JudgedPort[], accepted: string): string {
  const names = ports.slice(0, SHOWN).map((judged) => `${nameOf(judged)} (${judged.evidence})`);
  const rest = ports.length > SHOWN ? ` and ${String(ports.length - SHOWN)} more` : '';
  const which = names.length === 0 ? 'the manifests alone' : `${names.join(', ')}${rest}`;
  return `Waived: this stage is written on ${accepted} evidence because --accept-evidence says so. It rests on less than observed calls for: ${which}. Whoever accepts it gives a name and an end date.`;
}

function nameOf({ port }: JudgedPort): string {
  return `${formatWorkload(port.workload)} port ${String(port.port)}`;
}
