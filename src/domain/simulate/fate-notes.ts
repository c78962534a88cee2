import type { Call } from '../calls/call.ts';
import { cutsCalls, type Fate } from './verdict.ts';

/**
 * The fate where pods, policies or servers may be there that the world does not show: what is broken for some stays so,
 * and may work for others; what works for all that are known may not for others, who may send something else, too.
 * Plaintext of those that are seen stays: it is the weakest that there can be.
 */
export function withGap(fate: Fate, gap: string | undefined): Fate {
  if (gap === undefined || fate.verdict === 'unknown') return fate;
  if (cutsCalls(fate.verdict)) return { ...fate, verdict: 'partial', why: `${fate.why}; ${gap}` };
  const { wire, authorization } = fate;
  return {
    ...fate,
    verdict: 'unknown',
    wire: wire === 'plaintext' ? wire : 'unknown',
    identity: 'unknown',
    authorization: authorization === 'allow' ? 'unknown' : authorization,
    why: gap,
  };
}

/**
 * The fate of a call to an admission webhook with what its failure means: nobody notices that admission control is off
 * where the webhook fails open.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy.
 */
export function withAdmission(fate: Fate, { evidence }: Pick<Call, 'evidence'>): Fate {
  if (!cutsCalls(fate.verdict)) return fate;
  const policies = evidence.map(({ failurePolicy }) => failurePolicy);
  const notes = [
    ...(policies.includes('Ignore') ? ['it fails open: its admission control is no longer enforced'] : []),
    ...(policies.includes('Fail') ? ['it fails closed: what it guards is refused'] : []),
  ];
  return notes.length === 0 ? fate : { ...fate, why: [fate.why, ...notes].join('; ') };
}
