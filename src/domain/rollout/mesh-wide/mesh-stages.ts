import { KIND } from '../../kubernetes/kinds.ts';
import type { ObjectRef } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';
import type { CuttingGiven } from '../istio/cutting-stages.ts';
import type { CuttingPlane } from '../istio/cutting.ts';
import { SIDECAR_PLANE } from '../istio/sidecar-plane.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import type { Condition, Obstacle } from '../plan.ts';
import { stateOf, type Planning } from '../planning.ts';
import { rootNamespace } from './root-namespaces.ts';

/** Ids of the stages for the whole mesh, in their order. */
export const MESH_STAGES = ['default-mesh-strict', 'default-mesh-deny'] as const;

/** Id of the page of Linkerd's default for the whole mesh. */
export const LINKERD_MESH_STAGE = 'default-mesh';

/** What the stages for the whole mesh are planned from. */
export interface MeshWide {
  readonly planning: Planning;
  readonly given: CuttingGiven;
  readonly plane: CuttingPlane;
  /** Where their objects stand. */
  readonly root: string;
}

/** Binds what the namespaces were planned from to the root namespace. */
export function meshWide(given: CuttingGiven): MeshWide {
  const { planning, facts } = given;
  const root = rootNamespace(planning.world);
  return {
    planning,
    given,
    plane: given.plane ?? SIDECAR_PLANE,
    root: root.known ? root.value : facts.rootNamespace,
  };
}

/** Without knowing the root namespace an object there holds for that namespace alone. */
export function rootObstacles(world: World): readonly Obstacle[] {
  const root = rootNamespace(world);
  if (root.known) return [];
  const names = controlPlanes(world).map(({ namespace, revision }) => `${namespace} (revision ${revision})`);
  return [
    {
      kind: 'platform',
      what: `the root namespace of the mesh is not known: ${root.reason}`,
      remedy: `read the ConfigMap of the mesh${names.length === 0 ? '' : ` in ${names.join(', ')}`}, and plan again`,
    },
  ];
}

/** The stages of that beginning which the plan has for namespaces, so far as anything is left to do or to undo in them. */
export function namespaceStages({ planning, given }: MeshWide, part: 'strict' | 'deny'): readonly string[] {
  return given.enrolled.namespaces
    .map((namespace) => `${part}-${namespace}`)
    .filter((id) => stateOf(planning, id) !== undefined);
}

/** Whether one of these stages was written on weaker evidence than the default. */
export function restsOnWaived({ planning }: MeshWide, ids: readonly string[]): boolean {
  return ids.some((id) => stateOf(planning, id) === 'waived');
}

/** That an object says these things, before the stage or after it. */
export function holdsIn(object: ObjectRef, spec: Readonly<Record<string, unknown>>, text: string): Condition {
  return {
    id: `holds-${object.namespace ?? ''}-${object.name}`,
    text,
    command: ['kubectl', 'get', resourceOf(object), object.name, '-n', object.namespace ?? '', '-o', 'yaml'],
    state: { check: 'holds', object, fields: { spec } },
  };
}

function resourceOf({ kind }: ObjectRef): string {
  return kind === KIND.peerAuthentication
    ? 'peerauthentications.security.istio.io'
    : 'authorizationpolicies.security.istio.io';
}
