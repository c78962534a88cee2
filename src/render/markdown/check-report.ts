import { checkReportDocument, type CheckedWorld } from '../text/check-report-document.ts';
import { renderDocumentMarkdown } from './document.ts';

/** The report of all checks as Markdown, with the content of the text. */
export function renderCheckReportMarkdown(result: CheckedWorld): string {
  return renderDocumentMarkdown(checkReportDocument(result));
}
