import { cutsCalls } from '../../simulate/verdict.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { cuttingEvidence, type CuttingEvidence } from '../cutting-evidence.ts';
import { formatPort, type EvidenceRule, type JudgedPort } from '../evidence-rule.ts';
import { unknownAt, type UnknownOutcome } from '../obstacles/shared-obstacles.ts';
import type { Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import { clientsOf } from './wave-order.ts';

/** What becomes of the callers of ports that a wave closes from the first moment of its pods. */
export interface ClosedAtBirth {
  readonly evidence: CuttingEvidence;
  readonly unknown: UnknownOutcome;
  /** The members that have to be through before this one, because they call it. */
  readonly clientsOf: (server: Workload) => readonly Workload[];
  /** Whose known calls are refused, as a paragraph; none where nobody's is. */
  readonly refused: readonly string[];
}

/** A wave as it was tried, with the ports that it closes, as policies that are there already have it. */
export interface ClosingWave {
  readonly workloads: readonly Workload[];
  readonly ports: readonly JudgedPort[];
  readonly trial: Trial;
}

/** Judges the ports like those of a stage that cuts. */
export function closedAtBirth(
  planning: Planning,
  rule: EvidenceRule,
  { workloads, ports, trial }: ClosingWave,
): ClosedAtBirth {
  const names = new Set(ports.map(({ port }) => formatPort(port)));
  const closed = new Set(ports.map(({ port }) => formatWorkload(port.workload)));
  return {
    evidence: cuttingEvidence(ports, rule, planning.input),
    unknown: unknownAt(planning, trial, (workload, port) => names.has(formatPort({ workload, port }))),
    clientsOf: (server) => {
      const position = workloads.indexOf(server);
      const clients = closed.has(formatWorkload(server)) ? clientsOf(planning.index, server) : [];
      return workloads.slice(0, Math.max(0, position)).filter((each) => clients.includes(formatWorkload(each)));
    },
    refused: whoIsRefused(planning, trial, names),
  };
}

function whoIsRefused({ index }: Planning, { worst }: Trial, names: ReadonlySet<string>): readonly string[] {
  const refused = index.all.filter(
    ({ id }) =>
      cutsCalls(worst.get(id)?.verdict ?? 'ok') &&
      (index.servers.get(id) ?? []).some((server) => names.has(formatPort(server))),
  );
  return refused.length === 0 ? [] : [`Refused, as far as calls are known: ${refused.map(({ id }) => id).join(', ')}.`];
}
