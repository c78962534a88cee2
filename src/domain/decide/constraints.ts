import type { AssessInput, Constraint, Must } from './assessment.ts';
import { CRITERIA, type CriterionId } from './data/criteria.ts';
import type { CapabilityMatrix } from './data/capabilities.ts';
import type { OptionId } from './option.ts';
import { cniConstraint, envoyFilterConstraint, statedConstraint, versionConstraint } from './vetoes/compatibility.ts';
import { hostNetworkConstraint, nodeConstraints, podSecurityConstraint } from './vetoes/platform.ts';

const ENOUGH_FOR_A_MUST = 0.5;

/** Everything that drops an option, speaks against it, or could not be assessed. */
export function constraintsOn(input: AssessInput, option: OptionId): readonly Constraint[] {
  const { world } = input;
  return [
    ...statedConstraint(input, option),
    ...versionConstraint(world, option),
    ...cniConstraint(input, option),
    ...nodeConstraints(world, option),
    ...hostNetworkConstraint(world, option),
    ...podSecurityConstraint(world, option),
    ...envoyFilterConstraint(input, option),
  ];
}

/** The requirements answered with `must`, and whether the option reaches each. */
export function mustsOf(input: AssessInput, matrix: CapabilityMatrix, option: OptionId): readonly Must[] {
  return CRITERIA.filter((criterion) => input.answers?.[criterion.id]?.must === true).flatMap(({ id }) => {
    const capability = capabilityFor(matrix, id, option);
    return capability === undefined ? [] : [{ criterion: id, capability, met: capability >= ENOUGH_FOR_A_MUST }];
  });
}

function capabilityFor(matrix: CapabilityMatrix, id: CriterionId, option: OptionId): number | undefined {
  return id in matrix ? matrix[id as keyof CapabilityMatrix][option] : undefined;
}
