import {
  SEVERITIES,
  type CheckReport,
  type CheckStage,
  type CheckTarget,
  type Finding,
  type Severity,
  type Waiver,
} from '../domain/checks/check.ts';
import { runChecks } from '../domain/checks/run-checks.ts';
import { KIND } from '../domain/kubernetes/kinds.ts';
import type { ObjectRef } from '../domain/kubernetes/object.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { refuseUnknownNamespaces } from './known-namespaces.ts';
import type { OpenedWorld } from './open-world.ts';

/** What the command line asks of the checks. */
export interface CheckRequest {
  readonly target: CheckTarget;
  readonly stage?: CheckStage | undefined;
  /** Limits the report, never the reading; empty for all. */
  readonly namespaces: readonly string[];
  /** The mildest severity that makes the answer no. */
  readonly failOn: Severity | 'none';
  readonly waived?: readonly Waiver[];
}

/** A report with the world that it is of, and what was asked. */
export interface CheckResult extends ResultHead, CheckReport {
  readonly kind: 'CheckReport';
  readonly warnings: readonly string[];
  readonly cluster: { readonly name: string };
  readonly failOn: Severity | 'none';
  /** How many findings are at or above `failOn` and not waived. */
  readonly failing: number;
  readonly namespaces: readonly string[];
  /** Findings left out because their object lies elsewhere. */
  readonly elsewhere: number;
}

/** Runs the checks over the opened world. Throws a usage error for a namespace that the world does not have. */
export function checkWorld(opened: OpenedWorld, request: CheckRequest): CheckResult {
  const { world, graph } = opened;
  const { target, stage, namespaces, failOn, waived = [] } = request;
  refuseUnknownNamespaces(world, namespaces);
  const whole = runChecks({ world, graph, target, ...(stage === undefined ? {} : { stage }) }, { waived });
  const report = namespaces.length === 0 ? whole : limitTo(whole, namespaces);
  const head = opened.headFor('CheckReport');
  return {
    ...head,
    cluster: { name: world.cluster },
    failOn,
    failing: failingOf(report, failOn),
    namespaces,
    elsewhere: whole.findings.length - report.findings.length,
    ...report,
    warnings: [...head.warnings, ...report.warnings],
  };
}

/** What of a report lies in the namespaces, or is such a namespace; what concerns the whole world stays. */
function limitTo(report: CheckReport, namespaces: readonly string[]): CheckReport {
  const lies = (ref: ObjectRef): boolean =>
    namespaces.includes(ref.kind === KIND.namespace ? ref.name : (ref.namespace ?? ''));
  const findings = report.findings.filter(({ object }) => lies(object));
  const notAssessed = report.notAssessed.flatMap((each) => {
    const objects = each.objects.filter(lies);
    return each.objects.length > 0 && objects.length === 0 ? [] : [{ ...each, objects }];
  });
  const count = (severity: Severity): number =>
    findings.filter((finding) => counts(finding) && finding.severity === severity).length;
  const summary = {
    ...report.summary,
    findings: { blocker: count('blocker'), high: count('high'), medium: count('medium'), low: count('low') },
    waived: findings.filter((finding) => !counts(finding)).length,
    notAssessed: new Set(notAssessed.map(({ check }) => check)).size,
  };
  return { ...report, findings, notAssessed, summary };
}

/** Whether no waiver in force covers the finding. */
function counts({ waived }: Finding): boolean {
  return waived?.expired !== false;
}

function failingOf({ summary }: CheckReport, failOn: Severity | 'none'): number {
  if (failOn === 'none') return 0;
  const grave = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return grave.reduce((sum, severity) => sum + summary.findings[severity], 0);
}
