import { KIND } from '../../kubernetes/kinds.ts';
import type { ObjectRef } from '../../kubernetes/object.ts';
import { DEFAULT_INBOUND_POLICY, INJECT, OPAQUE_PORTS } from '../../mesh/linkerd/names.ts';
import { componentsOf } from '../../world/platform/components.ts';
import type { RestartMethod, Step } from '../../world/step.ts';
import type { Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Planning } from '../planning.ts';
import { whyPatch } from '../waves/wave-frame.ts';
import { objectRefOf } from '../workload-object.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';
import type { LinkerdStanding } from './linkerd-standing.ts';
import { podAnnotation } from './opaque-ports.ts';
import { templateAnnotations } from './undo-injection.ts';

/** A workload of a wave with where it stands. */
export interface Member {
  readonly workload: Workload;
  readonly standing: LinkerdStanding;
}

/** All steps of a wave: each member's annotations, and its restart. */
export function waveSteps(planning: Planning, facts: LinkerdFacts, members: readonly Member[]): readonly Step[] {
  return members.flatMap((member) => memberSteps(planning, facts, member));
}

function memberSteps(planning: Planning, facts: LinkerdFacts, { workload, standing }: Member): readonly Step[] {
  const target = objectRefOf(workload);
  if (standing.kind === 'opt-out') {
    const patch = templateAnnotations(target, { [INJECT]: 'disabled' });
    return [{ step: 'patch', target, patch, why: standing.reason }, ...restartStep(target, standing.restart)];
  }
  if (standing.kind !== 'enrol') return [];
  const opaque = podAnnotation(planning, facts, workload);
  const patch = templateAnnotations(target, {
    [INJECT]: 'enabled',
    ...(saysPolicy(planning.world, workload) ? {} : { [DEFAULT_INBOUND_POLICY]: 'all-unauthenticated' }),
    ...(opaque === undefined ? {} : { [OPAQUE_PORTS]: opaque }),
    ...evictable(planning.world, workload),
  });
  return [
    {
      step: 'patch',
      target,
      patch,
      why: whyPatch(
        workload,
        `asks for a proxy in new pods of this ${workload.kind}, which goes on taking whatever comes`,
      ),
    },
    ...restartStep(target, standing.restart),
  ];
}

function restartStep(workload: ObjectRef, method: RestartMethod | undefined): readonly Step[] {
  return method === undefined ? [] : [{ step: 'restart', workload, method }];
}

/** What somebody decided for the workload or its namespace is not overwritten. */
function saysPolicy(world: World, { namespace, template }: Workload): boolean {
  const home = world.get({ kind: KIND.namespace, name: namespace })?.metadata.annotations ?? {};
  return [template.annotations, home].some((annotations) => annotations[DEFAULT_INBOUND_POLICY] !== undefined);
}

const SAFE_TO_EVICT = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const SAFE_VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
const PROXY_VOLUMES = ['linkerd-identity-end-entity', 'linkerd-proxy-init-xtables-lock'] as const;

/**
 * A cluster-autoscaler evicts no pod that keeps local data, and the volumes of the proxy count as such; where people say
 * of the whole pod whether it may be evicted, they decide. Source: https://github.com/linkerd/linkerd2/issues/8308.
 */
function evictable(world: World, { template }: Workload): Readonly<Record<string, string>> {
  const found = componentsOf(world).find(({ component }) => component === 'cluster-autoscaler');
  if (found?.state.known === true && found.state.value === 'absent') return {};
  if (template.annotations[SAFE_TO_EVICT] !== undefined) return {};
  const said = (template.annotations[SAFE_VOLUMES] ?? '').split(',').filter((volume) => volume !== '');
  const volumes = [...new Set([...said, ...PROXY_VOLUMES])];
  return volumes.length === said.length ? {} : { [SAFE_VOLUMES]: volumes.join(',') };
}
