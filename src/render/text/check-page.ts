import type { CheckPage } from '../../domain/checks/explain-check.ts';
import { checkListDocument, checkPageDocument } from './check-page-document.ts';
import { renderDocument, type TerminalOptions } from './document.ts';

/** The catalogue's page of one check as text for a terminal. */
export function renderCheckPage(page: CheckPage, options: TerminalOptions): string {
  return renderDocument(checkPageDocument(page), options);
}

/** The list of all checks as text for a terminal. */
export function renderCheckList(pages: readonly CheckPage[], options: TerminalOptions): string {
  return renderDocument(checkListDocument(pages), options);
}
