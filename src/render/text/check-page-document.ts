import type { CheckPage } from '../../domain/checks/explain-check.ts';
import type { Document, Item, Part } from '../document.ts';

/** The page of one check. */
export function checkPageDocument(page: CheckPage): Document {
  const certainty = page.certainty === 'exact' ? 'exact: decided by objects' : 'heuristic: needs confirmation';
  const commands = (page.remedy.commands ?? []).map((command): Item => ({ text: 'run', command }));
  return {
    title: page.id,
    first: `${page.id}: ${page.title}`,
    parts: [
      {
        part: 'list',
        items: [
          { text: `severity: ${page.severity}` },
          { text: `stages: ${page.stages.join(', ')}` },
          { text: `targets: ${page.meshes.join(', ')}` },
          { text: `category: ${page.category}` },
          { text: `certainty: ${certainty}` },
        ],
      },
      ...(page.unfinished === undefined
        ? []
        : [
            {
              part: 'text',
              text: `Not finished: ${page.unfinished}. There it is reported as not assessed.`,
              tone: 'warn',
            } as const,
          ]),
      ...section('What it looks for', page.detects),
      ...section('Why it hurts', page.why),
      ...section('What to do', page.remedy.text),
      ...(commands.length === 0 ? [] : [{ part: 'list', items: commands } as const]),
      ...section('When it may be wrong', page.falseAlarms),
      ...section(
        'What it reads',
        `${['workloads', ...page.reads].join(', ')}; a gap in one makes it not assessed where it finds nothing`,
      ),
      { part: 'heading', text: 'Sources' },
      { part: 'list', items: page.sources.map((text): Item => ({ text })) },
    ],
  };
}

function section(heading: string, text: string): readonly Part[] {
  return [
    { part: 'heading', text: heading },
    { part: 'text', text },
  ];
}

/** All checks in one table, in the order given. */
export function checkListDocument(pages: readonly CheckPage[]): Document {
  return {
    title: 'Checks',
    first: `${String(pages.length)} checks; meshwise explain CHECK tells more of one`,
    parts: [
      {
        part: 'table',
        columns: [
          { header: 'CHECK', minWidth: 36 },
          { header: 'SEVERITY', minWidth: 8 },
          { header: 'WHAT IT FINDS', wrap: true },
        ],
        rows: pages.map(({ id, severity, title, unfinished }) => [
          id,
          severity,
          unfinished === undefined ? title : `${title} (not finished)`,
        ]),
      },
    ],
  };
}
