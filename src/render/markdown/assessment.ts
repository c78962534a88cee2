import { assessmentDocument, type AssessedWorld } from '../text/assessment-document.ts';
import { renderDocumentMarkdown } from './document.ts';

/** The assessment as Markdown, with the content of the text. */
export function renderAssessmentMarkdown(result: AssessedWorld): string {
  return renderDocumentMarkdown(assessmentDocument(result));
}
