import { dataPlaneOf } from '../../mesh/registry.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import { formatPort, type EvidenceRule, type JudgedPort } from '../evidence-rule.ts';
import type { Condition } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { isLinkerdPort } from '../proxy-ports.ts';
import type { Trial } from '../simulate-stage.ts';
import { askWhoCalls, runsProxied } from '../waves/birth-texts.ts';
import { closedAtBirth, type ClosedAtBirth } from '../waves/closed-at-birth.ts';
import { noPlaintext } from './gates.ts';
import { isClosed } from './port-policy.ts';
import { isProbed } from './strict-texts.ts';

/** What a wave closes whose pods demand an identity from their first moment, because somebody decided so before. */
export interface StrictBirth extends ClosedAtBirth {
  /** What has to be seen of their callers before. */
  readonly entryGate: readonly Condition[];
  /** Who is refused, as paragraphs. */
  readonly notes: readonly string[];
}

/** The ports of workloads that their enrolment closes, judged like those of a STRICT stage; undefined where it closes none. */
export function strictBirth(
  planning: Planning,
  rule: EvidenceRule,
  wave: { readonly workloads: readonly Workload[]; readonly trial: Trial },
): StrictBirth | undefined {
  const { workloads, trial } = wave;
  const ports = workloads.flatMap((workload) => closedPorts(rule, trial, workload));
  if (ports.length === 0) return undefined;
  const closed = closedAtBirth(planning, rule, { workloads, ports, trial });
  return {
    ...closed,
    entryGate: workloads.flatMap((workload) => entryGate(planning, rule, { workload, ports })),
    notes: [whoIsShut(ports), ...closed.refused],
  };
}

/** As for a STRICT stage, where proxies of a workload count its callers already; whom they do not see a person looks for. */
function entryGate(
  { world }: Planning,
  { minWindowSeconds: windowSeconds }: EvidenceRule,
  { workload, ports }: { readonly workload: Workload; readonly ports: readonly JudgedPort[] },
): readonly Condition[] {
  const own = ports.filter(({ port }) => formatWorkload(port.workload) === formatWorkload(workload));
  if (own.length === 0) return [];
  const hasProxy = runsProxied(workload, (cohort) => {
    const { mesh, mode } = dataPlaneOf(workload, cohort, world).dataPlane;
    return mesh === 'linkerd' && mode === 'sidecar';
  });
  const ref = workloadRef(workload);
  return [
    ...(hasProxy
      ? own.map(({ port: { port } }) =>
          noPlaintext({ workload: ref, port, isProbed: isProbed(workload, port) }, windowSeconds),
        )
      : []),
    askWhoCalls(workload, { isStrict: true, isGuarded: false, windowSeconds, hasProxy }),
  ];
}

function closedPorts(rule: EvidenceRule, { world }: Trial, workload: Workload): readonly JudgedPort[] {
  const after = findWorkload(world, workload);
  const own = (rule.ports.get(formatWorkload(workload)) ?? []).filter(({ port }) => !isLinkerdPort(port.port));
  return after === undefined ? own : own.filter(({ port }) => isClosed(world, after, port.port));
}

function whoIsShut(ports: readonly JudgedPort[]): string {
  return `A default inbound policy or a Server that is there already holds as soon as a pod has its proxy: ${ports.map(({ port }) => formatPort(port)).join(', ')}. From then on these ports refuse every caller without mutual TLS, also those that nobody saw.`;
}
