import { asObjects, asText, at } from '../../../lib/json.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { cutsCalls } from '../../simulate/verdict.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import { cuttingEvidence, type CuttingEvidence } from '../cutting-evidence.ts';
import type { EvidenceRule, JudgedPort } from '../evidence-rule.ts';
import type { Condition } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import { isClosed } from '../istio/closed-ports.ts';
import { type UnknownOutcome, unknownAt } from '../obstacles/shared-obstacles.ts';
import { noPlaintext } from '../istio/gates.ts';
import { askWhoCalls, runsProxied } from '../waves/birth-texts.ts';
import { clientsOf } from '../waves/wave-order.ts';
import type { Member } from './wave-steps.ts';

/** What a wave closes from the first moment of its pods, because policies are there before them. */
export interface StrictBirth {
  readonly ports: readonly JudgedPort[];
  /** Whether some of them take mutual TLS only. */
  readonly isStrict: boolean;
  /** Policies that refuse callers as soon as a sidecar enforces them. */
  readonly policies: readonly string[];
  readonly evidence: CuttingEvidence;
  readonly unknown: UnknownOutcome;
  /** The members that have to be through before this one, because they call it. */
  readonly clientsOf: (server: Workload) => readonly Workload[];
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
  if (ports.length === 0) return undefined;
  const names = new Set(ports.map(nameOf));
  const closed = new Set(ports.map(({ port }) => formatWorkload(port.workload)));
  const workloads = wave.members.map(({ workload }) => workload);
  return {
    ports,
    isStrict: strict.length > 0,
    policies,
    evidence: cuttingEvidence(ports, rule, planning.input),
    unknown: unknownAt(planning, trial, (server, port) => names.has(keyOf(server, port))),
    clientsOf: (server) => {
      const position = workloads.indexOf(server);
      const clients = closed.has(formatWorkload(server)) ? clientsOf(planning.index, server) : [];
      return workloads.slice(0, Math.max(0, position)).filter((each) => clients.includes(formatWorkload(each)));
    },
    entryGate: entryGate(planning, rule, {
      strict: eachWorkload(strict.map(({ port }) => port.workload)),
      guarded: refusing.map(({ workload }) => workload),
    }),
    notes: [
      ...(strict.length === 0 ? [] : [strictNote(strict)]),
      ...(policies.length === 0
        ? []
        : [
            policyNote(
              policies,
              refusing.map(({ workload }) => formatWorkload(workload)),
            ),
          ]),
      ...whoIsRefused(planning, trial, names),
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
  return [...new Map(ports.map((port) => [nameOf(port), port])).values()];
}

/**
 * The enforced policies that will refuse callers of a workload once it has its sidecar: until then nobody enforces
 * them. An ALLOW that admits everybody takes the force from all others. Those that were not read may be among them.
 */
export function policiesAtBirth(world: World, workload: Workload): readonly string[] {
  const after = findWorkload(world, workload) ?? workload;
  const found = cohortsOf(after).map((cohort) => istio.policies({ workload: after, cohort }, world));
  const gaps = found.flatMap(({ gap }) => (gap === undefined ? [] : [`policies of which nobody knows (${gap})`]));
  const enforced = found.flatMap(({ policies }) => policies).filter(isEnforced);
  const admitsAll = enforced.some((policy) => actionOf(policy) === 'ALLOW' && hasOpenRule(policy));
  const refusing = enforced.filter((policy) => actionOf(policy) !== 'ALLOW' || !admitsAll);
  return sortedUnique([...refusing.map((policy) => formatRef(refOf(policy))), ...gaps]);
}

function isEnforced(policy: KubeObject): boolean {
  return policy.metadata.annotations['istio.io/dry-run'] !== 'true' && actionOf(policy) !== 'AUDIT';
}

function actionOf({ spec }: KubeObject): string {
  return asText(at(spec, 'action')) ?? 'ALLOW';
}

function hasOpenRule({ spec }: KubeObject): boolean {
  return asObjects(at(spec, 'rules')).some((rule) => Object.keys(rule).length === 0);
}

function closedPorts(rule: EvidenceRule, { world }: Trial, workload: Workload): readonly JudgedPort[] {
  const after = findWorkload(world, workload);
  const own = rule.ports.get(formatWorkload(workload)) ?? [];
  return after === undefined ? own : own.filter(({ port }) => isClosed(world, after, port.port));
}

function whoIsRefused(planning: Planning, { worst }: Trial, names: ReadonlySet<string>): readonly string[] {
  const refused = planning.index.all.filter(
    ({ id }) =>
      cutsCalls(worst.get(id)?.verdict ?? 'ok') &&
      (planning.index.servers.get(id) ?? []).some(({ workload, port }) => names.has(keyOf(workload, port))),
  );
  return refused.length === 0 ? [] : [`Refused, as far as calls are known: ${refused.map(({ id }) => id).join(', ')}.`];
}

function strictNote(ports: readonly JudgedPort[]): string {
  return `A policy that is there already makes these ports STRICT as soon as a pod has its sidecar: ${ports.map(nameOf).join(', ')}. From then on they refuse every caller without mutual TLS, also those that nobody saw.`;
}

function policyNote(policies: readonly string[], workloads: readonly string[]): string {
  return `Nobody enforces ${policies.join(', ')} as long as the pods have no sidecar. With their sidecars, ${workloads.join(', ')} refuse every caller that these do not admit, also those that nobody saw.`;
}

function nameOf({ port }: JudgedPort): string {
  return keyOf(port.workload, port.port);
}

function keyOf(workload: Workload, port: number): string {
  return `${formatWorkload(workload)} port ${String(port)}`;
}
