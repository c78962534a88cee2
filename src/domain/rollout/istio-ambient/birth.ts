import { sortedUnique } from '../../../lib/order.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { parseAuthorizationPolicy } from '../../mesh/istio/authorization/parse.ts';
import { istio } from '../../mesh/istio/istio.ts';
import type { PolicySummary } from '../../mesh/policy-summary.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { cutsCalls } from '../../simulate/verdict.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { cuttingEvidence, type CuttingEvidence } from '../cutting-evidence.ts';
import type { EvidenceRule, JudgedPort } from '../evidence-rule.ts';
import type { Condition } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import { isClosed } from '../istio/closed-ports.ts';
import { type UnknownOutcome, unknownAt } from '../obstacles/shared-obstacles.ts';
import { isOurs } from '../objects/generated-objects.ts';
import { askWhoCalls, runsProxied } from '../waves/birth-texts.ts';
import { clientsOf } from '../waves/wave-order.ts';
import { noPlaintextAt } from './ambient-gates.ts';

/** What a wave closes from the moment that ztunnel takes its pods, because policies are there before them. */
export interface Birth {
  /** Whether some ports take mutual TLS only. */
  readonly isStrict: boolean;
  /** Whether policies wait for some members, and refuse whom they do not admit. */
  readonly isGuarded: boolean;
  readonly evidence: CuttingEvidence;
  readonly unknown: UnknownOutcome;
  /** The members that have to be through before this one, because they call it. */
  readonly clientsOf: (server: Workload) => readonly Workload[];
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
  const own = workloads.map((workload) => closedAtBirth(rule, trial.world, workload));
  const ports = own.flatMap((each) => each.ports);
  const guarded = own.filter(({ policies }) => policies.length > 0);
  if (ports.length === 0 && guarded.length === 0) return undefined;
  const names = new Set(ports.map(nameOf));
  const closed = new Set(ports.map(({ port }) => formatWorkload(port.workload)));
  const strict = own.flatMap((each) => each.strict);
  return {
    isStrict: strict.length > 0,
    isGuarded: guarded.length > 0,
    evidence: cuttingEvidence(ports, rule, planning.input),
    unknown: unknownAt(planning, trial, (server, port) => names.has(keyOf(server, port))),
    clientsOf: (server) => {
      const position = workloads.indexOf(server);
      const clients = closed.has(formatWorkload(server)) ? clientsOf(planning.index, server) : [];
      return workloads.slice(0, Math.max(0, position)).filter((each) => clients.includes(formatWorkload(each)));
    },
    entryGate: own.flatMap((each) => entryGate(planning, rule, each)),
    notes: [
      ...(strict.length === 0
        ? []
        : [
            `A policy that is there already makes these ports STRICT as soon as ztunnel takes a pod: ${strict.map(nameOf).join(', ')}. From then on they refuse every caller without mutual TLS, also those that nobody saw.`,
          ]),
      ...guarded.map(
        ({ workload, policies }) =>
          `Nobody enforces ${policies.join(', ')} as long as the pods stand outside the mesh. Behind ztunnel, ${formatWorkload(workload)} refuses every caller that these do not admit, also those that nobody saw.`,
      ),
      ...whoIsRefused(planning, trial, names),
    ],
  };
}

interface ClosedAtBirth {
  readonly workload: Workload;
  readonly strict: readonly JudgedPort[];
  readonly policies: readonly string[];
  readonly ports: readonly JudgedPort[];
}

/** As for a STRICT stage, where ztunnel counts the callers of some pods already; whom it does not see a person looks for. */
function entryGate(
  { world }: Planning,
  { minWindowSeconds: windowSeconds }: EvidenceRule,
  { workload, strict, policies }: ClosedAtBirth,
): readonly Condition[] {
  const [isStrict, isGuarded] = [strict.length > 0, policies.length > 0];
  if (!isStrict && !isGuarded) return [];
  const hasProxy = runsProxied(workload, (cohort) => dataPlaneOf(workload, cohort, world).dataPlane.mode === 'ambient');
  return [
    ...(isStrict && hasProxy ? [noPlaintextAt(workloadRef(workload), windowSeconds)] : []),
    askWhoCalls(workload, { isStrict, isGuarded, windowSeconds, hasProxy }),
  ];
}

function closedAtBirth(rule: EvidenceRule, world: World, workload: Workload): ClosedAtBirth {
  const after = findWorkload(world, workload) ?? workload;
  const own = rule.ports.get(formatWorkload(workload)) ?? [];
  const strict = own.filter(({ port }) => isClosed(world, after, port.port));
  const policies = policiesAtBirth(world, after);
  return { workload, strict, policies, ports: policies.length > 0 ? own : strict };
}

/** Policies of others that ztunnel enforces before the workload, ours where they deny by default, and what was not read. */
function policiesAtBirth(world: World, workload: Workload): readonly string[] {
  const found = cohortsOf(workload).map((cohort) => istio.policies({ workload, cohort }, world));
  const gaps = found.flatMap(({ gap }) => (gap === undefined ? [] : [`policies of which nobody knows (${gap})`]));
  const refusing = found.flatMap((summary) => summary.policies.filter((policy) => isRefusing(policy, summary)));
  return sortedUnique([...refusing.map((object) => formatRef(refOf(object))), ...gaps]);
}

/**
 * ztunnel is given no policies of other actions, and none that are bound to Services or Gateways. An ALLOW takes nothing
 * from anybody where another one admits everybody. What the plan itself denies was refused by NetworkPolicies before.
 */
function isRefusing(object: KubeObject, summary: PolicySummary): boolean {
  if (!isEnforced(object)) return false;
  if (parseAuthorizationPolicy(object).action === 'DENY') return !isOurs(object);
  return !summary.policies.some((policy) => isEnforced(policy) && admitsAll(policy));
}

function isEnforced(object: KubeObject): boolean {
  const { action, dryRun, targetRefs } = parseAuthorizationPolicy(object);
  return (action === 'ALLOW' || action === 'DENY') && !dryRun && targetRefs.length === 0;
}

function admitsAll(object: KubeObject): boolean {
  const { action, rules } = parseAuthorizationPolicy(object);
  return action === 'ALLOW' && rules.some(({ from, to, when }) => from.length + to.length + when.length === 0);
}

function whoIsRefused(planning: Planning, { worst }: Trial, names: ReadonlySet<string>): readonly string[] {
  const refused = planning.index.all.filter(
    ({ id }) =>
      cutsCalls(worst.get(id)?.verdict ?? 'ok') &&
      (planning.index.servers.get(id) ?? []).some(({ workload, port }) => names.has(keyOf(workload, port))),
  );
  return refused.length === 0 ? [] : [`Refused, as far as calls are known: ${refused.map(({ id }) => id).join(', ')}.`];
}

function nameOf({ port }: JudgedPort): string {
  return keyOf(port.workload, port.port);
}

function keyOf(workload: Workload, port: number): string {
  return `${formatWorkload(workload)} port ${String(port)}`;
}
