import { checkPageMarkdown } from '../../domain/checks/check-page-markdown.ts';
import type { CheckPage } from '../../domain/checks/explain-check.ts';
import { checkListDocument } from '../text/check-page-document.ts';
import { renderDocumentMarkdown } from './document.ts';

/** The catalogue's page of one check as Markdown, the same as in the documentation. */
export function renderCheckPageMarkdown(page: CheckPage): string {
  return checkPageMarkdown(page);
}

/** The list of all checks as Markdown. */
export function renderCheckListMarkdown(pages: readonly CheckPage[]): string {
  return renderDocumentMarkdown(checkListDocument(pages));
}
