import { sortedUnique } from '../../../lib/order.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import { formatPort, type EvidenceRule, type JudgedPort } from '../evidence-rule.ts';
import type { Condition } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import { isClosed } from '../istio/closed-ports.ts';
import { noPlaintext } from '../istio/gates.ts';
import { policiesAtBirth } from '../istio/policies-at-birth.ts';
import { askWhoCalls, runsProxied } from '../waves/birth-texts.ts';
import { closedAtBirth, type ClosedAtBirth } from '../waves/closed-at-birth.ts';
import type { Member } from './wave-steps.ts';

/** What a wave closes from the first moment of its pods, because policies are there before them. */
export interface StrictBirth extends ClosedAtBirth {
  /** Whether some of them take mutual TLS only. */
  readonly isStrict: boolean;
  /** Policies that refuse callers as soon as a sidecar enforces them. */
  readonly policies: readonly string[];
  /** What has to be seen of their callers before. */
  readonly entryGate: readonly Condition[];
  /** Who is refused, as paragraphs. */
  readonly notes: readonly string[];
}

/** The ports of the members that their enrolment closes, judged like those of a STRICT stage; undefined where it closes none. */
export function strictBirth(
  planning: Planning,
  rule: EvidenceRule,
  wave: { readonly members: readonly Member[]; readonly trial: Trial },
): StrictBirth | undefined {
  const { trial } = wave;
  const joining = wave.members
    .filter(({ eligibility }) => eligibility.kind === 'enrol')
    .map(({ workload }) => workload);
  const strict = joining.flatMap((workload) => closedPorts(rule, trial, workload));
  const guarded = joining.map((workload) => ({ workload, policies: policiesAtBirth(trial.world, workload) }));
  const refusing = guarded.filter(({ policies }) => policies.length > 0);
  const ports = eachOnce([
    ...strict,
    ...refusing.flatMap(({ workload }) => rule.ports.get(formatWorkload(workload)) ?? []),
  ]);
  const policies = sortedUnique(refusing.flatMap((each) => each.policies));
  if (ports.length === 0 && refusing.length === 0) return undefined;
  const workloads = wave.members.map(({ workload }) => workload);
  const closed = closedAtBirth(planning, rule, { workloads, ports, trial });
  const guards = refusing.map(({ workload }) => workload);
  return {
    ...closed,
    isStrict: strict.length > 0,
    policies,
    entryGate: entryGate(planning, rule, {
      strict: eachWorkload(strict.map(({ port }) => port.workload)),
      guarded: guards,
    }),
    notes: [
      ...(strict.length === 0 ? [] : [strictNote(strict)]),
      ...(policies.length === 0 ? [] : [policyNote(policies, guards.map(formatWorkload))]),
      ...closed.refused,
    ],
  };
}

interface Shut {
  readonly strict: readonly Workload[];
  readonly guarded: readonly Workload[];
}

/** As for a STRICT stage, where proxies of a workload count its callers already; whom they do not see a person looks for. */
function entryGate({ world }: Planning, rule: EvidenceRule, { strict, guarded }: Shut): readonly Condition[] {
  const windowSeconds = rule.minWindowSeconds;
  const hasProxy = (workload: Workload): boolean =>
    runsProxied(workload, (cohort) => dataPlaneOf(workload, cohort, world).dataPlane.mode === 'sidecar');
  const [first] = strict;
  const names = sortedUnique(strict.filter(hasProxy).map(({ name }) => name));
  return [
    ...(first === undefined || names.length === 0 ? [] : [noPlaintext(first.namespace, windowSeconds, { names })]),
    ...eachWorkload([...strict, ...guarded]).map((workload) =>
      askWhoCalls(workload, {
        isStrict: isAmong(strict, workload),
        isGuarded: isAmong(guarded, workload),
        windowSeconds,
        hasProxy: hasProxy(workload),
      }),
    ),
  ];
}

function isAmong(workloads: readonly Workload[], workload: Workload): boolean {
  return workloads.some((each) => formatWorkload(each) === formatWorkload(workload));
}

function eachWorkload(workloads: readonly Workload[]): readonly Workload[] {
  return [...new Map(workloads.map((workload) => [formatWorkload(workload), workload])).values()];
}

function eachOnce(ports: readonly JudgedPort[]): readonly JudgedPort[] {
  return [...new Map(ports.map((port) => [formatPort(port.port), port])).values()];
}

function closedPorts(rule: EvidenceRule, { world }: Trial, workload: Workload): readonly JudgedPort[] {
  const after = findWorkload(world, workload);
  const own = rule.ports.get(formatWorkload(workload)) ?? [];
  return after === undefined ? own : own.filter(({ port }) => isClosed(world, after, port.port));
}

function strictNote(ports: readonly JudgedPort[]): string {
  return `A policy that is there already makes these ports STRICT as soon as a pod has its sidecar: ${ports.map(({ port }) => formatPort(port)).join(', ')}. From then on they refuse every caller without mutual TLS, also those that nobody saw.`;
}

function policyNote(policies: readonly string[], workloads: readonly string[]): string {
  return `Nobody enforces ${policies.join(', ')} as long as the pods have no sidecar. With their sidecars, ${workloads.join(', ')} refuse every caller that these do not admit, also those that nobody saw.`;
}
