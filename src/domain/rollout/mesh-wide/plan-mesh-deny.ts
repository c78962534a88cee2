import { KIND } from '../../kubernetes/kinds.ts';
import type { ApplyStep } from '../../world/step.ts';
import { formatWorkload, workloadRef } from '../../world/workload.ts';
import { isOurs, MANAGED_LABELS } from '../objects/generated-objects.ts';
import { needsStage } from '../obstacles/shared-obstacles.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';
import { isMeasured } from '../foundations/prometheus.ts';
import { ONBOARDING } from '../operate/onboarding.ts';
import type { Condition, Exception, Obstacle } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage } from '../planning.ts';
import { sameValue } from '../same-value.ts';
import type { StageParts } from '../stage-draft.ts';
import { denyCover, type DenyCover } from './deny-cover.ts';
import { coveredNamespaces, exemptRows, inNoList, listNotes } from './lists.ts';
import { unreadWorkloads } from './membership.ts';
import { holdsIn, MESH_STAGES, namespaceStages, restsOnWaived, rootObstacles, type MeshWide } from './mesh-stages.ts';

const [STRICT, ID] = MESH_STAGES;
const NAME = 'mesh-default';

/**
 * Plans the allow-nothing policy of the root namespace, after STRICT for the whole mesh. It is blocked while a workload or
 * a gateway that it covers has no ALLOW enforced before it.
 */
export function planMeshDeny(mesh: MeshWide): void {
  const { planning, root } = mesh;
  const { world } = planning;
  const cover = denyCover(planning);
  const exceptions = exemptRows(planning, 'authorization', cover.exempt);
  const parts = denyParts(mesh, cover, exceptions);
  planning.exceptions.push(...exceptions);
  const step = allowNothing(root);
  const existing = world.get({ kind: KIND.authorizationPolicy, namespace: root, name: NAME });
  if (existing !== undefined && isOurs(existing) && sameValue(existing.spec, step.manifest.spec)) {
    addStage(planning, parts, 'done');
    return;
  }
  const blockedBy = [
    ...(holds(stateOf(planning, STRICT)) ? [] : [needsStage(STRICT)]),
    ...rootObstacles(world),
    ...unreadWorkloads(world),
    ...unreadPolicies(mesh),
    ...inNoList(cover),
  ];
  writeStage(planning, {
    parts: { ...parts, blockedBy },
    trial: tryNow(planning, ID, [step]),
    state: restsOnWaived(mesh, parts.dependsOn ?? []) ? 'waived' : 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: 'always: the policies of workloads and namespaces stay in force without it',
    irreversible: ['requests that were refused meanwhile'],
  });
}

/** The empty list of rules is written out, because a field that is only left out stays in the object. */
function allowNothing(root: string): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: NAME, namespace: root, labels: MANAGED_LABELS },
      spec: { action: 'ALLOW', rules: [] },
    },
  };
}

function denyParts(mesh: MeshWide, cover: DenyCover, exceptions: readonly Exception[]): StageParts {
  const { planning, root, plane } = mesh;
  const covered = [...cover.ready, ...cover.exempt.map(({ workload }) => workload), ...cover.gateways];
  const object = { kind: KIND.authorizationPolicy, namespace: root, name: NAME };
  return {
    id: ID,
    kind: 'default',
    title: 'Deny by default for the whole mesh',
    why: 'Each workload of today has an ALLOW of its own or of its namespace. What comes later is shut for everybody until a rule names its callers.',
    risk: 'A workload or a gateway that is enrolled or deployed later refuses everybody until it has an ALLOW.',
    doesNotChange: `Who may call what today. Not covered: ${NOT_COVERED}`,
    dependsOn: [STRICT, ...namespaceStages(mesh, 'deny')],
    scope: { namespaces: coveredNamespaces(cover), workloads: covered.map(workloadRef) },
    notes: [
      ...listNotes(cover),
      ...proxyNotes(cover, root),
      ...ONBOARDING,
      'Before a workload is enrolled in a namespace that never denied by default: its ALLOW, and those for its callers, first. From this stage on that holds in every namespace of the cluster, new ones included.',
      ...(isMeasured(planning.input.world) ? [] : [MANUAL_GATES]),
    ],
    entryGate: [...namespacesDeny(mesh, cover), plane.converged()],
    exitGate: [plane.converged(), holdsIn(object, { action: 'ALLOW' }, 'The policy of the mesh is there.')],
    abort: [bornShut()],
    exceptions,
  };
}

const NOT_COVERED =
  'waypoints, UDP, excluded ports, host network, pods outside the mesh, ports 15020, 15021 and 15090, and everything that leaves.';

/** Gateways are selected like pods, and waypoints never: policies reach those by targetRefs alone. */
function proxyNotes({ gateways, waypoints, none }: DenyCover, root: string): readonly string[] {
  const hit = gateways.length === 0 ? 'none of today has to change' : gateways.map(formatWorkload).join(', ');
  const shut = none.length === 0 ? '' : ' Those without one stand among the workloads in none of the lists.';
  const here = waypoints.length === 0 ? '' : `: ${waypoints.map(formatWorkload).join(', ')}`;
  return [
    `A policy of namespace ${root} without a selector holds for ingress and egress gateways too: each needs an ALLOW of its own before, or the edge answers 403. With one: ${hit}.${shut}`,
    `Waypoints are not covered${here}. What they let through stays as it is; a policy in ${root} with targetRefs to GatewayClass istio-waypoint would cover all of them, once each has its allows, and this plan does not write it.`,
  ];
}

/** The policies of namespaces by which the stage changes nothing for the workloads of today. */
function namespacesDeny({ planning }: MeshWide, { ready }: DenyCover): readonly Condition[] {
  return [...new Set(ready.map(({ namespace }) => namespace))].flatMap((namespace): readonly Condition[] => {
    const object = { kind: KIND.authorizationPolicy, namespace, name: 'namespace-default' };
    const existing = planning.world.get(object);
    if (existing === undefined || !isOurs(existing)) return [];
    return [holdsIn(object, { action: 'ALLOW' }, `Namespace ${namespace} has its own policy.`)];
  });
}

function bornShut(): Condition {
  return {
    id: 'born-shut',
    text: 'Callers of a gateway, or of a workload that came since, see 403 "RBAC: access denied" or connections that close at once; ztunnel logs a policy rejection. Give it its ALLOW, or undo this stage.',
    command: ['kubectl', 'get', 'pods', '-A', '--sort-by=.metadata.creationTimestamp'],
  };
}

function unreadPolicies({ planning }: MeshWide): readonly Obstacle[] {
  const { gap } = planning.world.list(KIND.authorizationPolicy);
  if (gap === undefined) return [];
  return [
    { kind: 'object', what: `not every AuthorizationPolicy was read: ${gap}`, remedy: 'read them, and plan again' },
  ];
}
