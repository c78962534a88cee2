import { checkReportDocument, type CheckedWorld } from './check-report-document.ts';
import { renderDocument, type TerminalOptions } from './document.ts';

/** The report of all checks as text for a terminal. */
export function renderCheckReport(result: CheckedWorld, options: TerminalOptions): string {
  return renderDocument(checkReportDocument(result), options);
}
