import { assess, countCalls } from '../domain/decide/assess.ts';
import { readAnswers } from '../domain/decide/answers.ts';
import type { Assessment, CallCounts } from '../domain/decide/assessment.ts';
import { OPTION_IDS, type OptionId } from '../domain/decide/option.ts';
import { MESHES } from '../domain/mesh/registry.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { usageError } from '../lib/errors.ts';
import type { OpenedWorld } from './open-world.ts';

/** What somebody adds to what the world shows, as it was typed. */
export interface AssessmentRequest {
  /** Each `ID=VALUE`. */
  readonly answers: readonly string[];
  /** Each `OPTION=REASON`. */
  readonly exclusions: readonly string[];
}

/** An assessment with the world that it is of. */
export interface AssessmentResult extends ResultHead, Assessment {
  readonly kind: 'Assessment';
  readonly cluster: { readonly name: string };
  readonly calls: CallCounts;
  readonly excluded: Partial<Readonly<Record<OptionId, string>>>;
}

/** Whether a mesh is worth it in the opened world, and which. Throws a usage error that names the wrong answer. */
export function runAssessment(opened: OpenedWorld, request: AssessmentRequest): AssessmentResult {
  const { world, graph } = opened;
  const calls = countCalls(graph);
  const excluded = readExclusions(request.exclusions);
  const answers = readAnswers(request.answers);
  const detections = MESHES.map((mesh) => mesh.detect(world));
  const assessment = assess({ world, detections, calls, answers, excluded });
  return { ...opened.headFor('Assessment'), cluster: { name: world.cluster }, calls, excluded, ...assessment };
}

/** Reads exclusions written as `OPTION=REASON`; of two for one option the last stands. */
export function readExclusions(texts: readonly string[]): Partial<Readonly<Record<OptionId, string>>> {
  const excluded: Partial<Record<OptionId, string>> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const option = OPTION_IDS.find((candidate) => candidate === text.slice(0, Math.max(0, equals)));
    const reason = text.slice(equals + 1).trim();
    if (option === undefined) {
      throw usageError(
        'option-unknown',
        `--exclude ${text} names no option`,
        `write OPTION=REASON with one of: ${OPTION_IDS.join(', ')}`,
      );
    }
    if (reason === '') {
      throw usageError(
        'exclusion-reason',
        `--exclude ${text} gives no reason`,
        `say why, so that the next reader knows: --exclude ${option}='no support contract'`,
      );
    }
    excluded[option] = reason;
  }
  return excluded;
}
