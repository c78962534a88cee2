import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import { RISK_OF_KIND } from '../stage-risk.ts';

const DAY = 86_400;

/** What refuses callers as soon as the pods of a wave are in the mesh. */
export interface BornShut {
  /** Whether some ports take mutual TLS only. */
  readonly isStrict: boolean;
  /** Whether policies admit some callers by name, and refuse the others. */
  readonly isGuarded: boolean;
}

function refused({ isStrict, isGuarded }: BornShut): string {
  const plain = isStrict ? ['callers without mutual TLS'] : [];
  const strangers = isGuarded ? ['callers that the policies do not admit'] : [];
  return [...plain, ...strangers].join(' and ');
}

/** The risk of such a wave: that of a restart, and that of the stage which cuts. */
export function riskAtBirth(shut: BornShut): string {
  return `It cuts like a stage of its own: ${refused(shut)} are refused from the first pod on, also those that nobody saw. ${RISK_OF_KIND.enrol}`;
}

/** What such a wave leaves as it is, and what it does not. */
export function unchangedAtBirth(kept: string, shut: BornShut): string {
  return `${kept}, the policies among them; but ${refused(shut)} are refused from the first pod on.`;
}

/** What a person reads before a workload is shut: where no proxy runs, or one that refuses already, nothing counts plaintext. */
export function askWhoCalls(
  workload: Workload,
  {
    isStrict,
    isGuarded,
    windowSeconds,
    hasProxy,
  }: BornShut & { readonly windowSeconds: number; readonly hasProxy: boolean },
): Condition {
  const name = formatWorkload(workload);
  const proxied = hasProxy
    ? ' Its pods that have a proxy may refuse callers already, which no metric of requests counts: read in the logs of their proxies whom they refused (NR filter_chain_not_found, rbac_access_denied, policy rejection).'
    : '';
  const whom = [
    ...(isStrict ? ['comes from outside the mesh or passes by its own proxy'] : []),
    ...(isGuarded ? ['is not admitted by the policies that wait for it'] : []),
  ].join(', or ');
  return {
    id: `callers-before-${workload.kind.toLowerCase()}-${workload.name}`,
    text: `Nobody who called ${name} in the last ${String(Math.ceil(windowSeconds / DAY))} days ${whom}: read it in the access log of the application, or in the flow log of the network plugin, for all its pods and the whole window; pods without a proxy count nothing by themselves.${proxied} A source that is unknown counts as an unknown caller and stops the stage.`,
    positiveEvidence: `the log covers every pod of ${name} and goes back as far as the window, and shows its known callers`,
  };
}

/** Whether a running pod of the workload is such that `isProxied` says yes to its cohort. */
export function runsProxied(workload: Workload, isProxied: (cohort: Workload['next']) => boolean): boolean {
  return workload.live.known && workload.live.value.some(isProxied);
}
