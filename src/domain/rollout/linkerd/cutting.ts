import type { Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { Enrolled } from '../enrolled.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import type { Planning } from '../planning.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';
import { linkerdStanding } from './linkerd-standing.ts';

/** What planning one namespace needs beside the plan itself. */
export interface LinkerdCutting {
  readonly planning: Planning;
  readonly facts: LinkerdFacts;
  readonly enrolled: Enrolled;
  readonly rule: EvidenceRule;
  readonly namespace: string;
  readonly isMeasured: boolean;
}

/** The workloads of the namespace that have proxies in the world as planned so far. */
export function enrolledIn({ planning, namespace }: LinkerdCutting): readonly Workload[] {
  return workloadsIn(planning.world, namespace).filter(
    (workload) => linkerdStanding(planning.world, workload).kind === 'enrolled',
  );
}

/** Workloads of the namespace without a proxy, each with the reason. */
export function outsideOf({
  planning,
  namespace,
}: LinkerdCutting): readonly { readonly workload: Workload; readonly why: string }[] {
  return workloadsIn(planning.world, namespace).flatMap((workload) => {
    const standing = linkerdStanding(planning.world, workload);
    if (standing.kind === 'enrolled') return [];
    return [{ workload, why: 'reason' in standing ? standing.reason : 'no wave that can be applied takes it in' }];
  });
}
