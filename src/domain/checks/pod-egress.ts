import { policyAnswer, type PolicyAnswer } from '../world/network-policy.ts';
import type { World } from '../world/world.ts';

type Labels = Readonly<Record<string, string>>;

/** Whom a pod wants to reach: pods with these labels in a namespace with these labels, at a TCP port. */
export interface EgressTarget {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly podLabels: Labels;
  readonly port: number;
}

/** Whether NetworkPolicies let a pod with these labels out to the target, and which isolate it for egress. */
export function egressOf(
  world: World,
  pod: { readonly namespace: string; readonly labels: Labels },
  { namespace, namespaceLabels, podLabels, port }: EgressTarget,
): PolicyAnswer {
  return policyAnswer(
    { direction: 'Egress', pod, peer: { namespace, namespaceLabels, labels: podLabels }, port },
    world,
  );
}
