import type { StageParts } from '../stage-draft.ts';
import type { NamespaceSplits } from './account-splits.ts';

/** What the stages of a namespace are planned from. */
export interface Given extends NamespaceSplits {
  readonly namespace: string;
}

/** Which stage of the namespace: the split itself by undefined. */
export type Part = 'held' | 'prepare' | 'clean' | undefined;

/** The id of that stage; the part comes first, so that no name of a namespace can make two alike. */
export function idOf(namespace: string, part: Part): string {
  return `${part ?? 'split'}-accounts-${namespace}`;
}

/** What all these stages have in common. */
export function base(namespace: string, part: Part): Pick<StageParts, 'id' | 'kind' | 'dependsOn'> {
  return { id: idOf(namespace, part), kind: 'preflight', dependsOn: ['preflight'] };
}
