import { KIND } from '../../kubernetes/kinds.ts';
import { workloadRef } from '../../world/workload.ts';
import { isClosed } from '../istio/closed-ports.ts';
import { unknownAt } from '../obstacles/shared-obstacles.ts';
import { namespaceMtls, setNamespaceMode, type NamespaceMtls } from '../istio/namespace-mtls.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';
import { isMeasured } from '../foundations/prometheus.ts';
import type { Condition, Exception, Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { coveredNamespaces, exemptRows, inNoList, listNotes, type MeshLists } from './lists.ts';
import { unreadWorkloads } from './membership.ts';
import { holdsIn, MESH_STAGES, namespaceStages, restsOnWaived, rootObstacles, type MeshWide } from './mesh-stages.ts';
import { strictCover } from './strict-cover.ts';

const [ID] = MESH_STAGES;

/**
 * Plans STRICT for the whole mesh, by the root namespace's own PeerAuthentication. It is blocked while a workload that it
 * covers is neither ready nor exempt nor out of the mesh.
 */
export function planMeshStrict(mesh: MeshWide): void {
  const { planning, given, root } = mesh;
  const mtls = namespaceMtls(planning.world, given.facts, root);
  const lists = strictCover(planning, given.facts);
  const exceptions = exemptRows(planning, 'mtls', lists.exempt);
  const parts = strictParts(mesh, { lists, mtls, exceptions });
  planning.exceptions.push(...exceptions);
  if (mtls.own === 'STRICT' && mtls.rivals.length === 0 && mtls.gap === undefined) {
    addStage(planning, parts, 'done');
    return;
  }
  const step = setNamespaceMode(root, mtls, 'STRICT');
  const trial = tryNow(planning, ID, [step]);
  const before = planning.world;
  const unknown = unknownAt(
    planning,
    trial,
    (server, port) => isClosed(trial.world, server, port) && !isClosed(before, server, port),
  );
  writeStage(planning, {
    parts: {
      ...parts,
      notes: [...(parts.notes ?? []), ...unknown.notes],
      blockedBy: [
        ...rootObstacles(before),
        ...unreadWorkloads(before),
        ...rivalObstacles(root, mtls),
        ...inNoList(lists),
        ...unknown.blockedBy,
      ],
    },
    trial,
    state: unknown.notes.length > 0 || restsOnWaived(mesh, parts.dependsOn ?? []) ? 'waived' : 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage ${MESH_STAGES[1]} is not applied, or is undone first`,
    irreversible: ['connections that were refused meanwhile'],
  });
}

interface Strict {
  readonly lists: MeshLists;
  readonly mtls: NamespaceMtls;
  readonly exceptions: readonly Exception[];
}

function strictParts(mesh: MeshWide, { lists, mtls, exceptions }: Strict): StageParts {
  const { planning, root, plane } = mesh;
  const object = { kind: KIND.peerAuthentication, namespace: root, name: mtls.name };
  return {
    id: ID,
    kind: 'default',
    title: 'STRICT for the whole mesh',
    why: 'Every namespace that was enrolled says STRICT itself. What comes later follows the mesh: from here on that is STRICT as well.',
    risk: 'A workload that is enrolled later refuses plaintext from its first pod, before anybody looked at its callers.',
    doesNotChange:
      'No port of today: who is enrolled has STRICT, or an exception of its own, already. A namespace that says PERMISSIVE keeps it: the nearest policy counts, not the strictest. Gateways, waypoints and pods outside the mesh are not reached.',
    dependsOn: namespaceStages(mesh, 'strict'),
    scope: {
      namespaces: coveredNamespaces(lists),
      workloads: [...lists.ready, ...lists.exempt.map(({ workload }) => workload)].map(workloadRef),
    },
    notes: [
      ...listNotes(lists),
      BIRTH,
      mtls.exists
        ? `PeerAuthentication ${root}/${mtls.name} is edited: of two in the root namespace only the older one counts.`
        : `PeerAuthentication ${root}/${mtls.name} is the one for the mesh: never write a second one there, because only the older one counts.`,
      ...(isMeasured(planning.input.world) ? [] : [MANUAL_GATES]),
    ],
    entryGate: [...namespacesSayStrict(mesh, lists), plane.converged()],
    exitGate: [plane.converged(), holdsIn(object, { mtls: { mode: 'STRICT' } }, 'The mesh says STRICT.')],
    abort: [bornRefused()],
    exceptions,
  };
}

const BIRTH =
  'Whatever is enrolled after this stage is STRICT from its first pod, in old namespaces and in new ones: a caller without a sidecar or ztunnel is refused at once. To enrol a service whose callers are not all in the mesh: first a PeerAuthentication named default with mode PERMISSIVE in its namespace (new namespace), or one with its selector and portLevelMtls PERMISSIVE at the container port (namespace that is STRICT), with an owner and an end; then enrol; then STRICT as this plan did it.';

/** What makes the stage change no port of today. */
function namespacesSayStrict({ planning, given }: MeshWide, { ready }: MeshLists): readonly Condition[] {
  return [...new Set(ready.map(({ namespace }) => namespace))].map((namespace) => {
    const { name } = namespaceMtls(planning.world, given.facts, namespace);
    const object = { kind: KIND.peerAuthentication, namespace, name };
    return holdsIn(object, { mtls: { mode: 'STRICT' } }, `Namespace ${namespace} says STRICT itself.`);
  });
}

function bornRefused(): Condition {
  return {
    id: 'born-refused',
    text: 'Callers of a workload that was enrolled since see "connection reset by peer"; server proxies log NR filter_chain_not_found, ztunnel a policy rejection. Give it its exception, or undo this stage.',
    command: ['kubectl', 'get', 'pods', '-A', '--sort-by=.metadata.creationTimestamp'],
  };
}

function rivalObstacles(root: string, { rivals, gap }: NamespaceMtls): readonly Obstacle[] {
  if (gap !== undefined) {
    const what = `an older PeerAuthentication of ${root} may hold instead: ${gap}`;
    return [{ kind: 'object', what, remedy: 'read them, and plan again' }];
  }
  if (rivals.length === 0) return [];
  const what = `PeerAuthentications ${rivals.join(' and ')} of ${root} compete for the mesh, and which is older is not known`;
  return [{ kind: 'object', what, remedy: 'keep one of them' }];
}
