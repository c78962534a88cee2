import { SEVERITIES, type CheckStage, type Finding, type Severity, type WaivedBy } from '../../domain/checks/check.ts';
import { formatRef, keyOf } from '../../domain/kubernetes/object.ts';
import type { Step } from '../../domain/world/step.ts';
import { groupBy } from '../../lib/order.ts';
import type { Item, Tone } from '../document.ts';
import { countOf, evidenceWords, whereWords } from '../words.ts';

/** What each stage is, for a reader who does not know the catalogue's words. */
const STAGE_WORDS: Readonly<Record<CheckStage, string>> = {
  install: 'installing the control plane',
  inject: 'injecting the proxies',
  permissive: 'PERMISSIVE',
  strict: 'STRICT',
  authz: 'authorization',
  day2: 'operation',
};

/** Whether a waiver that is in force covers the finding; an expired one covers nothing. */
export function isWaived({ waived }: Finding): boolean {
  return waived !== undefined && !waived.expired;
}

/** Findings that one and the same action clears: worst first, then what hurts at the earliest stage. */
export function groupsOf(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = [...groupBy(findings, ({ check, remedy }) => JSON.stringify([check, remedy.text, remedy.commands]))];
  return groups
    .map(([, group]) => group)
    .sort(
      (left, right) => rankOf(left) - rankOf(right) || earliest(left) - earliest(right) || right.length - left.length,
    );
}

function rankOf(group: readonly Finding[]): number {
  return Math.min(...group.map(({ severity }) => SEVERITIES.indexOf(severity)));
}

function earliest(group: readonly Finding[]): number {
  const order = Object.keys(STAGE_WORDS);
  return Math.min(...group.flatMap(({ stages }) => stages.map((stage) => order.indexOf(stage))));
}

/** One action: what to do, for which check, and each object that it clears with what will happen otherwise. */
export function findingGroupItem(group: readonly Finding[]): Item {
  const [first] = group;
  if (first === undefined) return { text: 'nothing' };
  const worst: Severity = SEVERITIES[rankOf(group)] ?? first.severity;
  const commands = (first.remedy.commands ?? []).map((command): Item => ({ text: 'run', command }));
  const sure = first.certainty === 'exact' ? 'decided by the objects' : 'a person must confirm it';
  const stages = first.stages.map((stage) => STAGE_WORDS[stage]).join(', ');
  return {
    text: `${worst.toUpperCase()}, ${countOf(group.length, 'finding')}: ${first.title}`,
    tone: toneOf(worst),
    items: [
      { text: `do: ${first.remedy.text}` },
      ...commands,
      ...group.map((finding) => findingItem(finding, worst)),
      { text: `hurts at: ${stages} (${sure})` },
      { text: `more: meshwise explain ${first.check}` },
      { text: 'sources:', items: first.sources.map((text) => ({ text })) },
    ],
  };
}

function findingItem(finding: Finding, worst: Severity): Item {
  const { severity, message, waived, evidence, remedy } = finding;
  const own = severity === worst ? '' : `${severity}: `;
  // The object itself is named already; what else decides it is not. The check's sources stand below the group.
  const deciders = evidence
    .filter(({ object }) => object === undefined || keyOf(object) !== keyOf(finding.object))
    .map(({ source: _source, ...rest }) => evidenceWords(rest));
  return {
    text: `${own}${whereWords(finding)}: ${message}`,
    items: [
      ...deciders.slice(0, NAMED).map((text): Item => ({ text: `because ${text}` })),
      ...(deciders.length > NAMED
        ? [{ text: `and ${countOf(deciders.length - NAMED, 'more reason')} (-o json)` }]
        : []),
      ...(remedy.change?.steps ?? []).map((step): Item => ({ text: `change: ${stepWords(step)}` })),
      ...(waived === undefined ? [] : [{ text: lapsedWords(waived), tone: 'warn' as const }]),
    ],
  };
}

function lapsedWords({ expires, owner, reason, warning }: WaivedBy): string {
  const what = warning === undefined ? `expired on ${expires}` : `until ${expires} does not hold: ${warning}`;
  return `its waiver ${what} (${owner}: ${reason})`;
}

/** Reasons shown for one finding; all are in the JSON. */
const NAMED = 2;

function stepWords(step: Step): string {
  switch (step.step) {
    case 'apply': {
      const { kind, metadata, apiVersion: _apiVersion, ...rest } = step.manifest;
      const { name, namespace, ...more } = metadata;
      const ref = formatRef({ kind, name, ...(namespace === undefined ? {} : { namespace }) });
      const fields = Object.keys(more).length === 0 ? rest : { metadata: more, ...rest };
      return `apply ${ref} with ${jsonWords(fields)}`;
    }
    case 'patch':
      return `patch ${formatRef(step.target)} with ${jsonWords(step.patch)}`;
    case 'delete':
      return `delete ${formatRef(step.target)}`;
    case 'restart':
      return `restart ${formatRef(step.workload)} (${step.method})`;
    case 'external':
      return step.title;
  }
}

function toneOf(severity: Severity): Tone {
  if (severity === 'blocker') return 'bad';
  return severity === 'low' ? 'plain' : 'warn';
}

/** JSON with spaces, so that lines break between its parts. */
function jsonWords(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replace(/\n */g, ' ');
}
