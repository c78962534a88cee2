import type { Assessment, OptionAssessment, Quantity } from '../../domain/decide/assessment.ts';
import type { Fact } from '../../domain/world/fact.ts';
import { decimal, dropWords, optionWords, percent, quantityWords } from './assessment-words.ts';
import type { Item, Part } from '../document.ts';

/** The table of options, the likeliest first. */
export function optionParts({ options }: Assessment): readonly Part[] {
  return [
    { part: 'heading', text: 'Options' },
    {
      part: 'table',
      columns: [
        { header: 'OPTION', minWidth: 13 },
        { header: 'FIRST', align: 'right', minWidth: 7 },
        { header: 'UTILITY', align: 'right', minWidth: 7 },
        { header: 'CPU', wrap: true },
        { header: 'MEMORY', wrap: true },
        { header: 'PER CALL', wrap: true },
      ],
      rows: options.map(optionRow),
    },
    {
      part: 'text',
      text:
        'FIRST: share of the draws in which the option comes first. UTILITY: 0 to 1, with each unknown in the middle of ' +
        'its range. CPU and MEMORY: what would be reserved on top of what runs, not a price. PER CALL: added latency ' +
        'between two meshed ends, p50 to p99. Sources and dates are at the end.',
    },
  ];
}

function optionRow(option: OptionAssessment): readonly string[] {
  return [
    optionWords(option.option),
    option.dropped ? 'dropped' : percent(option.probabilityFirst),
    decimal(option.utility),
    quantityWords(option.cost.cpu),
    quantityWords(option.cost.memory),
    quantityWords(option.latency),
  ];
}

/** Where each option's numbers come from, with the date and the mark of the source. */
export function costParts({ options }: Assessment): readonly Part[] {
  const items = options.filter(({ option }) => option !== 'none').map(costItem);
  return [
    { part: 'heading', text: 'Where the numbers come from' },
    { part: 'list', items },
  ];
}

function costItem(option: OptionAssessment): Item {
  const { cpu, memory, notes } = option.cost;
  const costs = [`CPU ${costWords(cpu)}`, `memory ${costWords(memory)}`];
  const latency = `added latency ${quantityWords(option.latency)}: ${sourceWords(option.latency)}`;
  const dropped = dropWords(option);
  return {
    text: `${option.option}${dropped === undefined ? '' : ` (dropped: ${dropped})`}`,
    items: [...costs, latency, ...notes].map((text) => ({ text })),
  };
}

/** The sum and what it is made of, which is equal to it. */
function costWords(fact: Fact<Quantity>): string {
  if (!fact.known) return `unknown: ${fact.reason}`;
  const { formula, source, date, mark } = fact.value;
  return `${formula} = ${quantityWords(fact)}; ${source}, ${date} [${mark}]`;
}

function sourceWords(fact: Fact<Quantity>): string {
  if (!fact.known) return fact.reason;
  const { formula, source, date, mark } = fact.value;
  return `${formula}; ${source}, ${date} [${mark}]`;
}
