import type { Assessment, CriterionAssessment, Flip } from '../../domain/decide/assessment.ts';
import { groupBy } from '../../lib/order.ts';
import { decimal, optionWords, range } from './assessment-words.ts';
import type { Item, Part } from '../document.ts';
import { evidenceWords, firstFew, whereWords } from '../words.ts';

/** The table of criteria: what each weighs, what is known of it, and what shows it or how to say it. */
export function criteriaParts({ criteria }: Assessment): readonly Part[] {
  const reasons = openReasons(criteria);
  return [
    { part: 'heading', text: 'Criteria' },
    {
      part: 'table',
      columns: [
        { header: 'CRITERION', wrap: true, minWidth: 22 },
        { header: 'WEIGHT', align: 'right', minWidth: 6 },
        { header: 'VALUE', minWidth: 7 },
        { header: 'WHAT SHOWS IT', wrap: true },
      ],
      rows: criteria.map((criterion) => [
        `${criterion.title} (${criterion.id})`,
        criterion.weight === 0 ? '-' : String(criterion.weight),
        range(criterion.value),
        shownBy(criterion),
      ]),
    },
    {
      part: 'text',
      text:
        'VALUE: 0 (not wanted, or not so) to 1; a range where it is open: pass --answer ID=VALUE. WEIGHT: before the ' +
        'answers scale it [E]; - where a criterion only scales others or drops options.',
    },
    ...(reasons.length === 0
      ? []
      : [{ part: 'text', text: 'Why values are open:' } as const, { part: 'list', items: reasons } as const]),
  ];
}

function shownBy({ answer, evidence, value }: CriterionAssessment): string {
  if (answer !== undefined) return `answered: ${answer}`;
  const seen = firstFew(
    evidence.map((each) => (each.object === undefined ? whereWords(each) : evidenceWords(each))),
    1,
  );
  if (value.low === value.high) return seen;
  return evidence.length === 0 ? 'not known: ask' : `${seen}; beyond that, ask`;
}

/** Why criteria are open, once for each reason; kinds that were not read may hide a sign. */
function openReasons(criteria: readonly CriterionAssessment[]): readonly Item[] {
  const open = criteria.filter(({ answer, unknown }) => answer === undefined && unknown !== undefined);
  return [...groupBy(open, ({ unknown }) => unknown ?? '')].map(([reason, group]) => ({
    text: `${reason}: ${group.map(({ id }) => id).join(', ')}`,
  }));
}

/** The smallest change of one criterion alone that makes another option first. */
export function flipParts({ flips, criteria, recommendation }: Assessment): readonly Part[] {
  const heading = { part: 'heading', text: 'What would change it' } as const;
  if (recommendation.option === undefined) return [];
  if (flips.length === 0) {
    return [heading, { part: 'text', text: 'No change of one criterion alone makes another option first.' }];
  }
  return [
    heading,
    {
      part: 'text',
      text: 'With everything else in the middle of its range, this much of one criterion alone puts another option first.',
    },
    {
      part: 'table',
      columns: [
        { header: 'CRITERION', wrap: true },
        { header: 'TAKEN AS', minWidth: 10, wrap: true },
        { header: 'BECOMES', align: 'right', minWidth: 7 },
        { header: 'THEN FIRST', minWidth: 13 },
      ],
      rows: flips.map((flip) => flipRow(flip, criteria)),
    },
  ];
}

function flipRow(flip: Flip, criteria: readonly CriterionAssessment[]): readonly string[] {
  const criterion = criteria.find(({ id }) => id === flip.criterion);
  const open = criterion !== undefined && criterion.value.low < criterion.value.high;
  const from = open ? `${decimal(flip.from)} of ${range(criterion.value)}` : `${decimal(flip.from)}, known`;
  return [
    criterion === undefined ? flip.criterion : `${criterion.title} (${criterion.id})`,
    from,
    decimal(flip.to),
    optionWords(flip.winner),
  ];
}
