import { assess } from '../../../src/domain/decide/assess.ts';
import { readAnswers } from '../../../src/domain/decide/answers.ts';
import type { OptionId } from '../../../src/domain/decide/option.ts';
import { CONTRACT_VERSION } from '../../../src/domain/world/result-head.ts';
import type { AssessedWorld } from '../../../src/render/text/assessment-document.ts';
import { inputOver, worldWithout } from '../../domain/decide/small-world.ts';

/** The assessment of a small shop, with what somebody answered and ruled out. */
export function assessedShop(
  answers: readonly string[] = [],
  excluded: Partial<Record<OptionId, string>> = {},
): AssessedWorld {
  const assessment = assess(inputOver(worldWithout(['Node']), { answers: readAnswers(answers), excluded }));
  return {
    ...assessment,
    apiVersion: CONTRACT_VERSION,
    kind: 'Assessment',
    basis: 'declared',
    coverage: [{ kind: 'Node', state: 'forbidden', objects: 0 }],
    warnings: [],
    setAside: [],
    cluster: { name: 'shop' },
    calls: { calls: 3, known: 2, grpc: 1 },
  };
}

/** A name as an attacker would choose it: it moves the cursor, colours, breaks lines and reverses the text. */
export const HOSTILE = 'x\u001b[31m\u202e\n| <b>`rm`';
