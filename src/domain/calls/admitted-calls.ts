import type { Workload } from '../world/workload.ts';
import type { Call, CallSource, CallTarget } from './call.ts';
import { fromOutsider, fromWorkload, stateCall, type FoundCalls, type UnresolvedCall } from './found-calls.ts';

/** Above this many workloads of one class nobody meant each of them, so the class stands for them. */
const MOST_CALLERS = 20;
/** Above this many pairs of a workload and a port nobody meant each pair either. */
const MOST_PAIRS = 2000;
/** Above this many ports a rule is about everything rather than about calls. */
const MOST_TARGETS = 500;

/** Callers as a policy names them: an account, a namespace, a pattern, a block of addresses. */
export interface AdmittedClass {
  /** As people say it: `ServiceAccount mon/prometheus`, `namespace shop`, `addresses 10.0.0.0/8`. */
  readonly label: string;
  /** Who belongs to it; undefined where nothing in the cluster tells. */
  readonly workloads: readonly Workload[] | undefined;
}

/** A port that a policy stands before, with the workload behind it where it is one. */
export interface AdmittedTarget {
  readonly to: CallTarget;
  readonly workload?: Workload;
}

/** One rule of a policy that lets callers in. */
export interface AdmittingRule {
  /** The policy: `AuthorizationPolicy shop/pay`. */
  readonly source: string;
  /** What is said behind "admitted by", such as `rule 2`. */
  readonly rule: string;
  readonly classes: readonly AdmittedClass[];
  readonly targets: readonly AdmittedTarget[];
  readonly protocol?: string | undefined;
  /** The requests that it admits, where it names few; none for any. */
  readonly requests?: readonly NonNullable<Call['request']>[];
}

/**
 * The calls that a rule was written for: from each workload of a class to each port, and from a caller that nobody knows
 * where the class has no members in sight or very many. A policy only admits: who may call need not.
 */
export function admittedCalls(rule: AdmittingRule): FoundCalls {
  const { source, targets, classes } = rule;
  if (targets.length > MOST_TARGETS) {
    const labels = classes.map(({ label }) => label).join(', ');
    const reason = `${rule.rule} admits ${labels} to ${String(targets.length)} ports, too many to tell of calls`;
    return { calls: [], unresolved: classes.length === 0 ? [] : [{ source, reason }] };
  }
  const calls = classes.flatMap((each) => {
    const senders = sendersOf(each, targets.length);
    return targets.flatMap((target) =>
      senders.filter((sender) => !isItself(sender, target)).flatMap((from) => statements(rule, each, { from, target })),
    );
  });
  return { calls, unresolved: targets.length === 0 ? [] : classes.flatMap((each) => notNamed(rule, each)) };
}

function sendersOf(admitted: AdmittedClass, targets: number): readonly CallSource[] {
  const { label, workloads } = admitted;
  if (workloads === undefined || isMany(workloads, targets)) return [fromOutsider('unknown', label)];
  return workloads.map(fromWorkload);
}

function isMany(workloads: readonly Workload[], targets: number): boolean {
  return workloads.length > MOST_CALLERS || (workloads.length > 1 && workloads.length * targets > MOST_PAIRS);
}

function notNamed(
  { source, rule, targets }: AdmittingRule,
  { label, workloads }: AdmittedClass,
): readonly UnresolvedCall[] {
  if (workloads === undefined)
    return [{ source, reason: `${rule} admits ${label}; who that is cannot be told from here` }];
  if (workloads.length === 0) return [{ source, reason: `${rule} admits ${label}, which no workload here has` }];
  if (!isMany(workloads, targets.length)) return [];
  return [{ source, reason: `${rule} admits ${label}: ${String(workloads.length)} workloads, not told apart` }];
}

/** A class that holds the server too was not written for calls to itself. */
function isItself(from: CallSource, { workload }: AdmittedTarget): boolean {
  if (workload === undefined || from.kind !== 'workload') return false;
  const { namespace, kind, name } = from.workload;
  return name === workload.name && namespace === workload.namespace && kind === workload.kind;
}

function statements(
  { source, rule, protocol, requests }: AdmittingRule,
  { label }: AdmittedClass,
  { from, target }: { readonly from: CallSource; readonly target: AdmittedTarget },
): readonly Call[] {
  const evidence = { kind: 'declared', source, detail: `admitted by ${rule}: ${label}` } as const;
  const asked = requests === undefined || requests.length === 0 ? [undefined] : requests;
  return asked.map((request) => stateCall({ from, to: target.to, protocol, request, evidence }));
}
