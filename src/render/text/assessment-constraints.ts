import type { Assessment, Constraint } from '../../domain/decide/assessment.ts';
import type { OptionId } from '../../domain/decide/option.ts';
import { groupBy } from '../../lib/order.ts';
import { optionWords } from './assessment-words.ts';
import type { Item, Part, Tone } from '../document.ts';
import { evidenceWords } from '../words.ts';

interface Affected {
  readonly constraint: Constraint;
  readonly option: OptionId;
}

/** What drops an option, what speaks against one, and what could not be assessed, each with the object behind it. */
export function constraintParts({ options }: Assessment): readonly Part[] {
  const unmet = options.flatMap(({ option, musts }) =>
    musts
      .filter(({ met }) => !met)
      .map(({ criterion, capability }): Item => ({
        text: `${optionWords(option)}: does ${String(capability)} of 1 for ${criterion}, which was answered with must and needs 0.5 [E]`,
        tone: 'bad',
      })),
  );
  const pick = (list: 'vetoes' | 'cautions' | 'notAssessed'): readonly Affected[] =>
    options.flatMap((each) => each[list].map((constraint) => ({ constraint, option: each.option })));
  return [
    ...section('Dropped', [...grouped(pick('vetoes'), 'bad'), ...unmet]),
    ...section('Cautions', grouped(pick('cautions'), 'warn')),
    ...section('Not assessed', grouped(pick('notAssessed'), 'warn')),
  ];
}

function section(text: string, items: readonly Item[]): readonly Part[] {
  return items.length === 0
    ? []
    : [
        { part: 'heading', text },
        { part: 'list', items },
      ];
}

/** What holds for several options for the same reason is said once. */
function grouped(affected: readonly Affected[], tone: Tone): readonly Item[] {
  const groups = groupBy(affected, ({ constraint: { id, reason } }) => JSON.stringify([id, reason]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { id, reason, mark, evidence } = first.constraint;
    const names = group.map(({ option }) => optionWords(option)).join(', ');
    return [
      {
        text: `${names}: ${reason} [${mark}] (${id})`,
        tone,
        items: evidence.map((each) => ({ text: evidenceWords(each) })),
      },
    ];
  });
}
