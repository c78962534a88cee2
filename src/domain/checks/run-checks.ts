import { compareBy, compareText, groupBy } from '../../lib/order.ts';
import { formatRef, keyOf } from '../kubernetes/object.ts';
import { CATALOGUE } from './catalogue.ts';
import {
  SEVERITIES,
  type Check,
  type CheckContext,
  type CheckReport,
  type CheckSummary,
  type Finding,
  type Issue,
  type NotAssessed,
  type Severity,
  type Undecided,
  type Waiver,
} from './check.ts';
import { waiverOf, waiverWarnings } from './waivers.ts';

/** What to run, and which findings somebody has accepted. */
export interface RunOptions {
  /** Ids of the checks to run; all if absent. */
  readonly checks?: readonly string[];
  readonly waived?: readonly Waiver[];
}

/** Runs the checks that concern the context's target and stage over its world. Never throws; same input, same report. */
export function runChecks(context: CheckContext, options: RunOptions = {}): CheckReport {
  const { target, stage, world } = context;
  const waivers = options.waived ?? [];
  const chosen = CATALOGUE.filter(({ id }) => options.checks?.includes(id) !== false).filter((check) =>
    concerns(check, context),
  );
  const results = chosen.map((check) => runOne(check, context));
  const findings = results
    .flatMap((result) => result.findings)
    .map((finding) => withWaiver(finding, waiverOf(finding, waivers, world.asOf)))
    .sort(compareFindings);
  const notAssessed = results.flatMap((result) => result.notAssessed);
  const passed = results
    .filter((result) => result.findings.length === 0 && result.notAssessed.length === 0)
    .map(({ id }) => id);
  const known = new Set(CATALOGUE.map(({ id }) => id));
  return {
    target,
    ...(stage === undefined ? {} : { stage }),
    findings,
    notAssessed,
    passed,
    warnings: waiverWarnings(waivers, known, world.asOf),
    summary: summarise(findings, { notAssessed, passed, checks: chosen.length }),
  };
}

/** Sorts by severity, object and check, and one check's findings at one object by what they say. */
export function compareFindings(left: Finding, right: Finding): number {
  const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity);
  return rank(left) - rank(right) || byObject(left, right);
}

const byObject = compareBy<Finding>(
  ({ object }) => keyOf(object),
  ({ check }) => check,
  ({ message }) => message,
);

function concerns({ meshes, stages }: Check, { target, stage }: CheckContext): boolean {
  return meshes.includes(target) && (stage === undefined || stages.includes(stage));
}

interface Result {
  readonly id: string;
  readonly findings: readonly Finding[];
  readonly notAssessed: readonly NotAssessed[];
}

function runOne(check: Check, context: CheckContext): Result {
  const findings: Finding[] = [];
  const undecided: Undecided[] = gapsOf(check, context);
  for (const found of safely(check, context)) {
    if ('notAssessed' in found) undecided.push(found);
    else findings.push(toFinding(check, found));
  }
  return { id: check.id, findings, notAssessed: byReason(check.id, undecided) };
}

/** A kind that was not read whole could hold what the check looks for. */
function gapsOf({ reads }: Check, { world }: CheckContext): Undecided[] {
  return reads.flatMap((kind) => {
    const { gap } = world.list(kind);
    return gap === undefined ? [] : [{ notAssessed: gap }];
  });
}

/** A fault in one check must not cost the answers of the others; it is told as what it is. */
function safely(check: Check, context: CheckContext): readonly (Issue | Undecided)[] {
  try {
    return [...check.find(context)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ notAssessed: `the check failed, which is a fault of meshwise: ${message}` }];
  }
}

function toFinding(check: Check, issue: Issue): Finding {
  const { id, title, severity, certainty, stages, remedy, sources } = check;
  return { severity, ...issue, check: id, title, certainty, stages, sources, remedy: { ...remedy, ...issue.remedy } };
}

function withWaiver(finding: Finding, waived: Finding['waived']): Finding {
  return waived === undefined ? finding : { ...finding, waived };
}

function byReason(check: string, undecided: readonly Undecided[]): readonly NotAssessed[] {
  const groups = groupBy(undecided, ({ notAssessed }) => notAssessed);
  return [...groups]
    .map(([reason, group]) => {
      const objects = group.flatMap(({ object }) => object ?? []);
      const unique = new Map(objects.map((object) => [keyOf(object), object]));
      return { check, reason, objects: [...unique.values()].sort(compareBy(formatRef)) };
    })
    .sort((left, right) => compareText(left.reason, right.reason));
}

function summarise(
  findings: readonly Finding[],
  rest: { readonly notAssessed: readonly NotAssessed[]; readonly passed: readonly string[]; readonly checks: number },
): CheckSummary {
  const open = findings.filter(({ waived }) => waived?.expired !== false);
  const count = (severity: Severity): number => open.filter((finding) => finding.severity === severity).length;
  return {
    checks: rest.checks,
    findings: { blocker: count('blocker'), high: count('high'), medium: count('medium'), low: count('low') },
    waived: findings.length - open.length,
    notAssessed: new Set(rest.notAssessed.map(({ check }) => check)).size,
    passed: rest.passed.length,
  };
}
