import type { ClosedAtBirth } from '../waves/closed-at-birth.ts';
import type { Wave } from '../waves/plan-waves.ts';

/** Until when the rollback of a wave is right: whoever calls what refuses plaintext has to stay in the mesh. */
export function validWhile({ workloads: [{ namespace }] }: Wave, birth: ClosedAtBirth | undefined): string {
  return birth === undefined
    ? `no stage after this one has made namespace ${namespace}, or a namespace that its workloads call, STRICT`
    : 'no workload that its members call refuses plaintext since: undo the enrolment of those first';
}
