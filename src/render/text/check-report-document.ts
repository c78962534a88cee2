import { formatRef } from '../../domain/kubernetes/object.ts';
import type { CheckReport, NotAssessed, Severity } from '../../domain/checks/check.ts';
import { SEVERITIES } from '../../domain/checks/check.ts';
import { basisLine, type ResultHead } from '../../domain/world/result-head.ts';
import { groupsOf, isWaived, findingGroupItem } from './check-report-findings.ts';
import type { Document, Item, Part } from '../document.ts';
import { countOf, firstFew, gapItems, whereWords } from '../words.ts';

/** A report with the world that it is of, and what the command line asked. */
export interface CheckedWorld extends ResultHead, CheckReport {
  readonly warnings: readonly string[];
  readonly cluster: { readonly name: string };
  readonly failOn: Severity | 'none';
  /** How many findings are at or above `failOn` and not waived. */
  readonly failing: number;
  /** The namespaces that the report is limited to; empty for all. */
  readonly namespaces: readonly string[];
  /** Findings left out because their object lies elsewhere. */
  readonly elsewhere: number;
}

/** The report as a document: the answer, then what to do, worst first, then what was not assessed. */
export function checkReportDocument(result: CheckedWorld): Document {
  return {
    title: `Checks for ${result.target}`,
    first: basisLine(result, result.cluster.name),
    parts: [
      ...answerParts(result),
      ...findingParts(result),
      ...waivedParts(result),
      ...notAssessedParts(result.notAssessed),
      ...passedParts(result),
      ...gapParts(result),
    ],
  };
}

function answerParts(result: CheckedWorld): readonly Part[] {
  const { target, stage, summary, failing, failOn, namespaces, elsewhere } = result;
  const total = SEVERITIES.reduce((sum, severity) => sum + summary.findings[severity], 0);
  const counts = SEVERITIES.filter((severity) => summary.findings[severity] > 0)
    .map((severity) => `${String(summary.findings[severity])} ${severity}`)
    .join(', ');
  const where = namespaces.length === 0 ? '' : `, in ${namespaces.join(', ')} only (everything was read)`;
  const asked = `Asked: what stands in the way of ${target}, ${stage === undefined ? 'at any stage' : `at stage ${stage}`}${where}.`;
  const found = total === 0 ? 'No finding' : `${countOf(total, 'finding')} (${counts})`;
  const waived = summary.waived === 0 ? '' : `, ${String(summary.waived)} more waived`;
  const rest = `Of ${countOf(summary.checks, 'check')}, ${String(summary.passed)} passed and ${String(summary.notAssessed)} could not be assessed wholly.`;
  const promise =
    summary.checks === 0
      ? ' No check covers this yet, so nothing was looked at.'
      : total === 0 && summary.notAssessed > 0
        ? ' That is no promise: what was not assessed may hide findings.'
        : '';
  const gate =
    failOn === 'none'
      ? 'Nothing fails this run (--fail-on none).'
      : `${String(failing)} at or above ${failOn} (--fail-on): ${failing > 0 ? 'the answer is no' : 'none fails this run'}.`;
  const others =
    elsewhere === 0 ? '' : ` ${countOf(elsewhere, 'finding')} on other namespaces or the cluster are not shown.`;
  return [
    { part: 'text', text: asked },
    {
      part: 'text',
      text: `${found}${waived}. ${rest}${promise} ${gate}${others}`,
      tone: failing > 0 ? 'bad' : total > 0 || summary.notAssessed > 0 ? 'warn' : 'good',
    },
  ];
}

function findingParts(result: CheckedWorld): readonly Part[] {
  const groups = groupsOf(result.findings.filter((finding) => !isWaived(finding)));
  if (groups.length === 0) return [];
  return [
    { part: 'heading', text: 'What to do, worst first' },
    { part: 'list', numbered: true, items: groups.map(findingGroupItem) },
  ];
}

function waivedParts(result: CheckedWorld): readonly Part[] {
  const items = result.findings.filter(isWaived).map((finding): Item => {
    const { waived, severity, check } = finding;
    const by = waived === undefined ? '' : `: ${waived.reason} (${waived.owner}, until ${waived.expires})`;
    return {
      text: `${severity} ${check}: ${whereWords(finding)}${by}`,
      items: waived?.warning === undefined ? [] : [{ text: waived.warning, tone: 'warn' }],
    };
  });
  return items.length === 0
    ? []
    : [
        { part: 'heading', text: 'Waived' },
        { part: 'list', items },
      ];
}

function notAssessedParts(notAssessed: readonly NotAssessed[]): readonly Part[] {
  if (notAssessed.length === 0) return [];
  const items = notAssessed.map(({ check, reason, objects }): Item => {
    const named = objects.length === 0 ? '' : ` (${firstFew(objects.map(formatRef), 4)})`;
    return { text: `${check}: not assessed, because ${reason}${named}`, tone: 'warn' };
  });
  return [
    { part: 'heading', text: 'Not assessed' },
    { part: 'list', items },
  ];
}

function passedParts({ passed, stage }: CheckedWorld): readonly Part[] {
  if (passed.length === 0) return [];
  const of = stage === undefined ? '' : ` Checks of other stages than ${stage} did not run.`;
  return [
    { part: 'heading', text: 'Passed' },
    { part: 'text', text: `These found nothing in what was read: ${passed.join(', ')}.${of}` },
  ];
}

function gapParts(result: CheckedWorld): readonly Part[] {
  const items = gapItems(result);
  return items.length === 0
    ? []
    : [
        { part: 'heading', text: 'What was not read' },
        { part: 'list', items },
      ];
}
