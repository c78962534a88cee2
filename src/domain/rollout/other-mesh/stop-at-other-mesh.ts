import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { formatRef } from '../../kubernetes/object.ts';
import type { Detection, MeshState } from '../../mesh/mesh.ts';
import type { Evidence } from '../../world/evidence.ts';
import { formatWorkload } from '../../world/workload.ts';
import type { CoexistingMesh } from '../choices.ts';
import type { Obstacle } from '../plan.ts';
import { addStage, type Planning } from '../planning.ts';
import type { OwnMesh } from '../waves/leave.ts';
import { claimsOfOthers, otherMeshes, type Claim } from './claims.ts';

/** The one stage of a plan that another mesh stands in the way of. */
const OTHER_MESH_STAGE = 'other-mesh';

const SHOWN = 20;
const EVIDENCE_SHOWN = 5;

/**
 * Stops the plan where another mesh claims workloads of its namespaces, or may, and nobody chose to plan beside it: one
 * blocked stage says which mesh, what shows it and what can be done. Says whether it did; where not, the plan warns of
 * the meshes beside which it goes on.
 */
export function stopsAtOtherMesh(planning: Planning, own: OwnMesh, namespaces: readonly string[]): boolean {
  const { world, choices } = planning.input;
  const claims = claimsOfOthers(world, own, { namespaces, choices });
  const chosen = new Map(choices.coexist.map(({ mesh, reason }) => [mesh, reason]));
  const byMesh = groupBy(
    claims.filter(({ mesh }) => !chosen.has(mesh)),
    ({ mesh }) => mesh,
  );
  const inTheWay = otherMeshes(own).flatMap(({ id, mesh }): readonly Present[] => {
    const ofMesh = byMesh.get(id);
    return ofMesh === undefined ? [] : [{ id, name: mesh.displayName, detection: mesh.detect(world), claims: ofMesh }];
  });
  if (inTheWay.length > 0) addStop(planning, inTheWay);
  else planning.warnings.push(...besideOthers(planning, own, chosen));
  return inTheWay.length > 0;
}

interface Present {
  readonly id: CoexistingMesh;
  readonly name: string;
  readonly detection: Detection;
  readonly claims: readonly Claim[];
}

function addStop(planning: Planning, inTheWay: readonly Present[]): void {
  const claims = inTheWay.flatMap((present) => present.claims);
  const blockedBy = inTheWay.map(obstacleOf);
  planning.warnings.push(
    ...blockedBy.map(({ what, remedy }) => `the plan stops here: ${what}. What goes on: ${remedy}`),
  );
  const names = inTheWay.map(({ name }) => name).join(' and ');
  addStage(
    planning,
    {
      id: OTHER_MESH_STAGE,
      kind: 'preflight',
      title: `${names} in the way`,
      why: 'Two meshes that redirect the same traffic shut each other out, and between one and the other a call has no identity. So nothing is planned before people decide what becomes of the mesh that is here.',
      risk: 'Nothing is applied. Planned past, its workloads and those that call them would fall between two meshes.',
      scope: { namespaces: sortedUnique(claims.map(({ workload }) => workload.namespace)), workloads: [] },
      notes: inTheWay.flatMap(notesOf),
      blockedBy,
      exitGate: [
        {
          id: 'decided',
          text: 'No workload of the namespaces is in another mesh, or somebody chose to plan beside it; the plan is made anew then.',
          command: ['meshwise', 'inventory'],
        },
      ],
      evidence: inTheWay.flatMap(({ detection }) => detection.evidence),
    },
    'blocked',
  );
}

function obstacleOf(present: Present): Obstacle {
  const { id, name, claims } = present;
  return {
    kind: 'platform',
    what: `another mesh, ${name}, ${countOf(claims)} (${standingOf(present)})`,
    remedy: `decide about ${name}, and plan again: take these workloads out of it first; or leave them out of the plan (plan.exclude in meshwise.yaml, or -n with other namespaces); or plan beside it, with its workloads left where they are: plan.coexist: [{ mesh: ${id}, reason: ... }] in meshwise.yaml, or --coexist-with ${id}`,
  };
}

const STATES: Readonly<Record<MeshState, string>> = {
  absent: 'no control plane in the cluster',
  remnant: 'no control plane in the cluster, objects of it left over',
  'installed-unused': 'its control plane is here',
  active: 'its control plane is here',
  orphaned: 'its control plane is gone',
  external: 'its control plane is outside the cluster',
  unknown: 'whether its control plane is here is not known',
};

function standingOf({ detection: { state, version, evidence } }: Present): string {
  const planes = sortedUnique(
    evidence.flatMap(({ object, rule }) =>
      object !== undefined && /control plane|istiod/i.test(rule) ? [formatRef(object)] : [],
    ),
  );
  return [
    `${STATES[state]}${planes.length === 0 ? '' : `: ${planes.slice(0, EVIDENCE_SHOWN).join(', ')}`}`,
    ...(version.known ? [`version ${version.value}`] : []),
  ].join(', ');
}

function countOf(claims: readonly Claim[]): string {
  const sure = claims.filter(({ isSure }) => isSure);
  const maybe = claims.filter(({ isSure }) => !isSure);
  return [
    ...(sure.length === 0 ? [] : [`claims ${counted(sure)}`]),
    ...(maybe.length === 0
      ? []
      : [`may claim ${counted(maybe)}${sure.length === 0 ? '' : ' more'}, which is not known`]),
  ].join(', and ');
}

function counted(claims: readonly Claim[]): string {
  const namespaces = sortedUnique(claims.map(({ workload: { namespace } }) => namespace));
  const places = `${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${namespaces.join(', ')}`;
  return `${String(claims.length)} ${claims.length === 1 ? 'workload' : 'workloads'} of ${places}`;
}

function notesOf({ name, detection, claims }: Present): readonly string[] {
  const more = claims.length - SHOWN;
  return [
    ...detection.evidence
      .slice(0, EVIDENCE_SHOWN)
      .map((evidence) => `${name} is here: ${sentence(evidenceWords(evidence))}`),
    ...claims
      .slice(0, SHOWN)
      .map(
        ({ workload, isSure, why }) =>
          `${formatWorkload(workload)} ${isSure ? 'is' : 'may be'} ${name}'s: ${sentence(why)}`,
      ),
    ...(more > 0 ? [`And ${String(more)} workloads more of ${name}: meshwise inventory lists them all.`] : []),
  ];
}

function evidenceWords({ object, field, value, rule }: Evidence): string {
  const said = field === undefined ? '' : ` (${field}${value === undefined ? '' : `: ${value}`})`;
  return `${object === undefined ? '' : `${formatRef(object)}: `}${rule}${said}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Other meshes that are at work: what they have a claim on is left to them, workload by workload. */
function besideOthers(
  { input: { world } }: Planning,
  own: OwnMesh,
  chosen: ReadonlyMap<CoexistingMesh, string>,
): readonly string[] {
  return otherMeshes(own).flatMap(({ id, mesh }) => {
    const { state } = mesh.detect(world);
    if (!['active', 'orphaned', 'external'].includes(state) && !chosen.has(id)) return [];
    const reason = chosen.get(id);
    const word = reason === undefined ? '' : `, and the plan goes on beside it by choice (${reason})`;
    return [
      `${mesh.displayName} is here (${state})${word}: a pod cannot be in two meshes, so whatever it has a claim on is left out, with the reason; calls between the two are plaintext, and a port that such a workload calls stays an exception`,
    ];
  });
}
