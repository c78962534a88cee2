import { assessmentDocument, type AssessedWorld } from './assessment-document.ts';
import { renderDocument, type TerminalOptions } from './document.ts';

/** The assessment as text for a terminal. */
export function renderAssessment(result: AssessedWorld, options: TerminalOptions): string {
  return renderDocument(assessmentDocument(result), options);
}
