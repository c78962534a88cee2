import { dataPlaneOf } from '../../mesh/registry.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { formatPort, type EvidenceRule, type JudgedPort } from '../evidence-rule.ts';
import type { Condition } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import { isClosed } from '../istio/closed-ports.ts';
import { policiesAtBirth } from '../istio/policies-at-birth.ts';
import { askWhoCalls, runsProxied } from '../waves/birth-texts.ts';
import { closedAtBirth, type ClosedAtBirth } from '../waves/closed-at-birth.ts';
import { noPlaintextAt } from './ambient-gates.ts';

/** What a wave closes from the moment that ztunnel takes its pods, because policies are there before them. */
export interface Birth extends ClosedAtBirth {
  /** Whether some ports take mutual TLS only. */
  readonly isStrict: boolean;
  /** Whether policies wait for some members, and refuse whom they do not admit. */
  readonly isGuarded: boolean;
  /** What has to be seen of their callers before. */
  readonly entryGate: readonly Condition[];
  /** Who is refused, as paragraphs. */
  readonly notes: readonly string[];
}

/**
 * The ports of the workloads that their enrolment closes, judged like those of a stage that cuts: those that a
 * PeerAuthentication makes STRICT, and all of a workload that policies wait for. Undefined where it closes none.
 */
export function birthOf(
  planning: Planning,
  rule: EvidenceRule,
  { workloads, trial }: { readonly workloads: readonly Workload[]; readonly trial: Trial },
): Birth | undefined {
  const own = workloads.map((workload) => membersPart(rule, trial.world, workload));
  const ports = own.flatMap((each) => each.ports);
  const guarded = own.filter(({ policies }) => policies.length > 0);
  if (ports.length === 0 && guarded.length === 0) return undefined;
  const strict = own.flatMap((each) => each.strict);
  const closed = closedAtBirth(planning, rule, { workloads, ports, trial });
  return {
    ...closed,
    isStrict: strict.length > 0,
    isGuarded: guarded.length > 0,
    entryGate: own.flatMap((each) => entryGate(planning, rule, each)),
    notes: [
      ...(strict.length === 0
        ? []
        : [
            `A policy that is there already makes these ports STRICT as soon as ztunnel takes a pod: ${strict.map(({ port }) => formatPort(port)).join(', ')}. From then on they refuse every caller without mutual TLS, also those that nobody saw.`,
          ]),
      ...guarded.map(
        ({ workload, policies }) =>
          `Nobody enforces ${policies.join(', ')} as long as the pods stand outside the mesh. Behind ztunnel, ${formatWorkload(workload)} refuses every caller that these do not admit, also those that nobody saw.`,
      ),
      ...closed.refused,
    ],
  };
}

interface MembersPart {
  readonly workload: Workload;
  readonly strict: readonly JudgedPort[];
  readonly policies: readonly string[];
  readonly ports: readonly JudgedPort[];
}

/** As for a STRICT stage, where ztunnel counts the callers of some pods already; whom it does not see a person looks for. */
function entryGate(
  { world }: Planning,
  { minWindowSeconds: windowSeconds }: EvidenceRule,
  { workload, strict, policies }: MembersPart,
): readonly Condition[] {
  const [isStrict, isGuarded] = [strict.length > 0, policies.length > 0];
  if (!isStrict && !isGuarded) return [];
  const hasProxy = runsProxied(workload, (cohort) => dataPlaneOf(workload, cohort, world).dataPlane.mode === 'ambient');
  return [
    ...(isStrict && hasProxy ? [noPlaintextAt(workloadRef(workload), windowSeconds)] : []),
    askWhoCalls(workload, { isStrict, isGuarded, windowSeconds, hasProxy }),
  ];
}

function membersPart(rule: EvidenceRule, world: World, workload: Workload): MembersPart {
  const after = findWorkload(world, workload) ?? workload;
  const own = rule.ports.get(formatWorkload(workload)) ?? [];
  const strict = own.filter(({ port }) => isClosed(world, after, port.port));
  const policies = policiesAtBirth(world, after);
  return { workload, strict, policies, ports: policies.length > 0 ? own : strict };
}
