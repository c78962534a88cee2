import type { PlanPosition, Standing, StandingRow } from '../../domain/rollout/verify/verification.ts';
import type { Item, Part, Tone } from '../document.ts';

const SHOWN_NEXT = 10;

const WORDS: Readonly<Record<Standing, string>> = {
  holds: 'holds',
  partly: 'holds in part',
  not: 'not applied',
  unknown: 'unknown',
  nothing: 'nothing to read back',
};

/** Where the cluster stands, in words; then every stage with its standing. */
export function positionParts({ stages, at, next, action }: PlanPosition): readonly Part[] {
  const where = at === undefined ? 'No stage of the plan holds yet.' : `The cluster is at stage ${at}.`;
  const open = stages.filter(({ standing }) => standing === 'partly' || standing === 'unknown');
  return [
    { part: 'text', text: `${where} ${counts(stages)}` },
    { part: 'text', text: `Next safe action: ${action}.`, tone: open.length > 0 ? 'warn' : 'good' },
    ...group('Not whole, or not known', open.map(openItem)),
    ...group('What may come next', nextItems(next, stages)),
    { part: 'heading', text: 'Stages' },
    {
      part: 'table',
      columns: [{ header: 'stage' }, { header: 'plan' }, { header: 'cluster' }],
      rows: stages.map(({ stage, state, standing }) => [stage, state, WORDS[standing]]),
    },
  ];
}

function counts(stages: readonly StandingRow[]): string {
  const withSteps = stages.filter(({ standing }) => standing !== 'nothing');
  const hold = withSteps.filter(({ standing }) => standing === 'holds').length;
  return `${String(hold)} of ${String(withSteps.length)} stages that can be read back hold.`;
}

function group(name: string, items: readonly Item[]): readonly Part[] {
  return items.length === 0
    ? []
    : [
        { part: 'heading', text: name },
        { part: 'list', items },
      ];
}

function openItem({ stage, title, standing, why }: StandingRow): Item {
  const tone: Tone = standing === 'partly' ? 'bad' : 'warn';
  return { text: `${stage} ${WORDS[standing]}: ${title}`, tone, items: why.map((text) => ({ text })) };
}

function nextItems(next: readonly string[], stages: readonly StandingRow[]): readonly Item[] {
  const titles = new Map(stages.map(({ stage, title }) => [stage, title]));
  const more = next.length - SHOWN_NEXT;
  return [
    ...next.slice(0, SHOWN_NEXT).map((stage): Item => ({ text: `${stage}: ${titles.get(stage) ?? ''}` })),
    ...(more > 0 ? [{ text: `and ${String(more)} more (-o json lists them)` }] : []),
  ];
}
