import { cutsCalls } from '../../simulate/verdict.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import { cuttingEvidence, type CuttingEvidence } from '../cutting-evidence.ts';
import type { EvidenceRule, JudgedPort } from '../evidence-rule.ts';
import type { Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import { isClosed, unknownAt, type UnknownOutcome } from '../istio/closed-ports.ts';
import { clientsOf } from '../waves/wave-order.ts';
import type { Member } from './wave-steps.ts';

/** What a wave closes whose pods are STRICT from their first moment, because a policy is there before them. */
export interface StrictBirth {
  readonly ports: readonly JudgedPort[];
  readonly evidence: CuttingEvidence;
  readonly unknown: UnknownOutcome;
  /** The members that have to be through before this one, because they call it. */
  readonly clientsOf: (server: Workload) => readonly Workload[];
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
  const ports = wave.members
    .filter(({ eligibility }) => eligibility.kind === 'enrol')
    .flatMap(({ workload }) => closedPorts(rule, trial, workload));
  if (ports.length === 0) return undefined;
  const names = new Set(ports.map(nameOf));
  const closed = new Set(ports.map(({ port }) => formatWorkload(port.workload)));
  const workloads = wave.members.map(({ workload }) => workload);
  return {
    ports,
    evidence: cuttingEvidence(ports, rule, planning.input),
    unknown: unknownAt(planning, trial, (server, port) => names.has(keyOf(server, port))),
    clientsOf: (server) => {
      const position = workloads.indexOf(server);
      const clients = closed.has(formatWorkload(server)) ? clientsOf(planning.index, server) : [];
      return workloads.slice(0, Math.max(0, position)).filter((each) => clients.includes(formatWorkload(each)));
    },
    notes: whoIsRefused(planning, trial, names),
  };
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
  return [
    `A policy that is there already makes these ports STRICT as soon as a pod has its sidecar: ${[...names].join(', ')}. From then on they refuse every caller without mutual TLS, also those that nobody saw.`,
    ...(refused.length === 0 ? [] : [`Refused, as far as calls are known: ${refused.map(({ id }) => id).join(', ')}.`]),
  ];
}

function nameOf({ port }: JudgedPort): string {
  return keyOf(port.workload, port.port);
}

function keyOf(workload: Workload, port: number): string {
  return `${formatWorkload(workload)} port ${String(port)}`;
}
