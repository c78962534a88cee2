import { formatRef, type KubeObject } from '../../kubernetes/object.ts';
import type { AccessPolicy } from '../../mesh/linkerd/policy/access-policy.ts';
import { inboundPolicies, type InboundChoice } from '../../mesh/linkerd/policy/inbound-policy.ts';
import { placeOf } from '../../mesh/linkerd/policy/place.ts';
import { linkerdPortMode } from '../../mesh/linkerd/policy/seam.ts';
import type { ProxyProtocol } from '../../mesh/linkerd/policy/servers.ts';
import { cohortsOf, type Cohort, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';

/** What holds on a container port, in every cohort of its pods. */
export type PortPolicy =
  | {
      readonly kind: 'held';
      readonly access: AccessPolicy;
      readonly protocol: ProxyProtocol;
      /** The Server that decides it; absent where the pods' default does. */
      readonly server?: KubeObject;
    }
  | { readonly kind: 'bypassed' | 'unknown'; readonly why: string };

/** The policy of a port of a workload in the mesh; unknown where its cohorts differ. */
export function portPolicy(world: World, workload: Workload, port: number): PortPolicy {
  const found = cohortsOf(workload).map((cohort) => ofCohort(world, { workload, cohort, port }));
  const [first, ...others] = found;
  if (first === undefined) return { kind: 'unknown', why: 'it has no pods and no template' };
  const doubtful = found.find(({ kind }) => kind === 'unknown');
  if (doubtful !== undefined) return doubtful;
  const text = JSON.stringify(comparable(first));
  if (others.every((other) => JSON.stringify(comparable(other)) === text)) return first;
  return { kind: 'unknown', why: 'not all of its pods have the same policy on the port: let its rollout come through' };
}

function comparable(policy: PortPolicy): readonly unknown[] {
  if (policy.kind !== 'held') return [policy.kind];
  return [policy.access, policy.protocol, policy.server?.metadata.name];
}

function ofCohort(
  world: World,
  end: { readonly workload: Workload; readonly cohort: Cohort; readonly port: number },
): PortPolicy {
  const place = placeOf(end, world);
  if (place.kind !== 'proxied') return { kind: place.kind, why: place.why };
  return fromChoice(inboundPolicies(end, place, world));
}

function fromChoice({ possible, why, gap }: InboundChoice): PortPolicy {
  const [policy, second] = possible;
  if (gap !== undefined) return { kind: 'unknown', why: gap };
  if (policy === undefined || second !== undefined) {
    return { kind: 'unknown', why: why ?? 'which policy is in force is not known' };
  }
  if (!policy.access.known) return { kind: 'unknown', why: policy.access.reason };
  const { access, protocol, fromServer, objects } = policy;
  const [server] = fromServer ? objects : [];
  return { kind: 'held', access: access.value, protocol, ...(server === undefined ? {} : { server }) };
}

/** Whether some pods of the workload take, or may take, nothing but mutual TLS at a container port. */
export function isClosed(world: World, workload: Workload, port: number): boolean {
  return cohortsOf(workload).some((cohort) => {
    const { mode } = linkerdPortMode({ workload, cohort, port }, world);
    return mode === 'strict' || mode === 'unknown';
  });
}

/** Whether every pod of the workload takes nothing but mutual TLS at a container port. */
export function isStrict(world: World, workload: Workload, port: number): boolean {
  return cohortsOf(workload).every((cohort) => linkerdPortMode({ workload, cohort, port }, world).mode === 'strict');
}

/** Why some pod of the workload lets, or may let, somebody in at a container port without mutual TLS; undefined where none does. */
export function whyNotStrict(world: World, workload: Workload, port: number): string | undefined {
  for (const cohort of cohortsOf(workload)) {
    const { mode, evidence } = linkerdPortMode({ workload, cohort, port }, world);
    if (mode === 'strict') continue;
    const last = evidence.at(-1);
    const where = last?.object === undefined ? '' : `${formatRef(last.object)}: `;
    return `${where}${(last?.rule ?? 'what holds there is not known').replace(/\.$/, '')}`;
  }
  return undefined;
}
