import type { CheckPage } from './explain-check.ts';

const SAFE_WORD = /^[\w@%+=:,./-]+$/;

/** A check's page as Markdown, as it stands in `docs/checks/`; the text comes from the check alone. */
export function checkPageMarkdown(page: CheckPage): string {
  const sections = [
    `# ${page.id}`,
    `**${page.title}**`,
    factsOf(page),
    ...(page.unfinished === undefined ? [] : [`> Not finished: ${page.unfinished}. It is counted as not assessed.`]),
    `## Why it hurts\n\n${page.why}`,
    `## What is looked for\n\n${page.detects}`,
    `## When a finding may be wrong\n\n${page.falseAlarms}`,
    `## Remedy\n\n${page.remedy.text}${commandsOf(page)}`,
    `## Sources\n\n${page.sources.map(sourceLine).join('\n')}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The list of all pages, sorted by id. */
export function checkIndexMarkdown(pages: readonly CheckPage[]): string {
  const rows = pages.map(
    ({ id, title, severity, stages }) => `- [${id}](${id}.md): ${title} (${severity}; ${stages.join(', ')})`,
  );
  return `# Checks\n\n${rows.join('\n')}\n`;
}

function factsOf({ severity, certainty, stages, meshes, category, reads }: CheckPage): string {
  const rows = [
    `- Severity: ${severity}`,
    `- Certainty: ${certainty}`,
    `- Stages: ${stages.join(', ')}`,
    `- Meshes: ${meshes.join(', ')}`,
    `- Category: ${category}`,
    `- Reads: ${reads.length === 0 ? 'workloads' : ['workloads', ...reads].join(', ')}`,
  ];
  return rows.join('\n');
}

function commandsOf({ remedy }: CheckPage): string {
  if (remedy.commands === undefined) return '';
  const lines = remedy.commands.map((words) => words.map(quoted).join(' '));
  return `\n\n\`\`\`shell\n${lines.join('\n')}\n\`\`\``;
}

function quoted(word: string): string {
  return SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function sourceLine(source: string): string {
  return source.startsWith('https://') ? `- <${source}>` : `- \`${source}\``;
}
