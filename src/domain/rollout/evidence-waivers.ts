import { formatWorkload } from '../world/workload.ts';
import { hasEnded, type EvidenceWaiver } from './choices.ts';
import type { EvidenceRule, JudgedPort } from './evidence-rule.ts';
import { satisfies } from './evidence-rule.ts';
import type { RolloutInput } from './rollout-input.ts';

/** What is left to be known once the word of people is taken. */
export interface AfterWaivers {
  readonly left: readonly JudgedPort[];
  /** The jobs that no window shows and that nobody waives. */
  readonly notObservable: readonly string[];
  /** The waivers that were needed, each as a paragraph. */
  readonly notes: readonly string[];
}

/**
 * Takes away the ports and jobs of which too little is known and for which somebody stands. A waiver that ended counts
 * for nothing, and none counts where nobody knows what time it is.
 */
export function withoutWaived(
  ports: readonly JudgedPort[],
  rule: EvidenceRule,
  { choices, world }: Pick<RolloutInput, 'choices' | 'world'>,
): AfterWaivers {
  const { asOf } = world;
  const held = choices.waivers.filter(({ expires }) => asOf.known && !hasEnded(expires, asOf.value));
  if (held.length === 0) return { left: ports, notObservable: rule.notObservable, notes: [] };
  const used = new Set<EvidenceWaiver>();
  const isLeft = (workload: string): boolean => {
    const found = held.find(({ what }) => what === workload || workload.startsWith(`${what}/`));
    if (found !== undefined) used.add(found);
    return found === undefined;
  };
  const isWeak = world.coverage.basis === 'declared';
  const left = ports.filter(
    ({ port, evidence }) => (satisfies(evidence, 'observed') && !isWeak) || isLeft(formatWorkload(port.workload)),
  );
  const notObservable =
    ports.length === 0
      ? rule.notObservable
      : rule.notObservable.filter((reason) => isLeft(reason.slice(0, reason.indexOf(':'))));
  return { left, notObservable, notes: [...used].map(toNote) };
}

function toNote({ what, reason, owner, expires }: EvidenceWaiver): string {
  return `Waived by ${owner} until ${expires}: the calls of ${what} count as known. ${reason}`;
}
