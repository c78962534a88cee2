import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { formatSource } from '../../calls/call-id.ts';
import type { Call } from '../../calls/call.ts';
import { serversOf } from '../../calls/resolve-target.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, type ObjectRef } from '../../kubernetes/object.ts';
import type { PortMode } from '../../mesh/mesh.ts';
import { mayBeOf } from '../../mesh/claims.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { fateOf } from '../../simulate/fate-of.ts';
import { cutsCalls } from '../../simulate/verdict.ts';
import type { Change } from '../../world/step.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload, workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { shortList } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { whatIf } from '../what-if.ts';

/** STRICT that waits for the first sidecar of a namespace. */
export const strictWithoutFullEnrolment: Check = {
  id: 'strict-without-full-enrolment',
  title: 'STRICT is already set while pods are outside the mesh',
  category: 'mtls-policy',
  stages: ['inject', 'permissive'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'A PeerAuthentication does nothing to pods without a proxy. Where STRICT is in force already, the first server that restarts with a sidecar refuses every caller that has none yet.',
  detects:
    'A workload in scope has no sidecar today, would be STRICT with the PeerAuthentications that are there, and somebody who has no sidecar today calls it.',
  falseAlarms: 'Callers that are known from configuration only and do not call.',
  remedy: {
    text: 'Set the namespace to PERMISSIVE for the time of enrolment, and back to STRICT when all callers send mutual TLS. Where workloads of the namespace are in the mesh already, do not weaken them: enrol the callers first.',
  },
  sources: [
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
    'https://istio.io/latest/docs/reference/config/security/peer_authentication/',
  ],
  reads: [KIND.peerAuthentication, KIND.service],
  find,
};

interface Row {
  readonly call: Call;
  readonly server: Workload;
  readonly port: number;
  readonly mode: PortMode;
}

function* find({ world, graph }: CheckContext): Iterable<Issue | Undecided> {
  const { scope } = whatIf(world);
  const rows: Row[] = [];
  for (const call of graph.calls) {
    for (const { workload, port } of serversOf(call, world).servers) {
      if (!scope.includes(workload.namespace) || isMeshed(workload, world)) continue;
      const mode = modeAhead(workload, port, world);
      if (mode?.mode !== 'strict' || call.phase === 'probe') continue;
      const today = fateOf(call, world);
      if (today.wire === 'plaintext' && !cutsCalls(today.verdict)) rows.push({ call, server: workload, port, mode });
    }
  }
  for (const group of groupBy(rows, ({ server }) => server.namespace).values()) {
    const [first] = group;
    if (first !== undefined) yield issueFor(world, first, group);
  }
}

function isMeshed(workload: Workload, world: World): boolean {
  const cohorts = cohortsOf(workload);
  const live = cohorts.filter(({ state }) => state === 'live');
  return (live.length > 0 ? live : cohorts).every((cohort) =>
    mayBeOf('istio', dataPlaneOf(workload, cohort, world).dataPlane),
  );
}

/** The mode on the port of the pods that enrolment will make. */
function modeAhead(workload: Workload, port: number, world: World): PortMode | undefined {
  const { enrolled } = whatIf(world);
  const ahead = findWorkload(enrolled, workload);
  if (ahead === undefined) return undefined;
  const { mesh } = dataPlaneOf(ahead, ahead.next, enrolled);
  return mesh?.portMode({ workload: ahead, cohort: ahead.next, port }, enrolled);
}

function issueFor(world: World, { server, mode }: Row, rows: readonly Row[]): Issue {
  const { namespace } = server;
  const policy = mode.evidence.find(({ object }) => object !== undefined)?.object;
  const servers = shortList(sortedUnique(rows.map((row) => formatWorkload(row.server))));
  const callers = shortList(sortedUnique(rows.map(({ call }) => formatSource(call.from))));
  const change = permissive(world, namespace, policy);
  return {
    object: policy ?? { kind: KIND.namespace, name: namespace },
    field: 'spec.mtls.mode',
    value: 'STRICT',
    message: `STRICT waits in namespace ${namespace}${policy === undefined ? '' : ` (${formatRef(policy)})`}: when ${servers} restart with a sidecar, calls of ${callers}, which have none yet, are refused.`,
    evidence: [
      ...mode.evidence,
      ...rows.slice(0, 5).map(({ call }) => ({ rule: `Sent in plaintext today: ${call.id}` })),
    ],
    ...(change === undefined ? {} : { remedy: { change } }),
  };
}

/** Only where nobody in the namespace is in the mesh yet: otherwise it would weaken what they have. */
function permissive(world: World, namespace: string, policy: ObjectRef | undefined): Change | undefined {
  if (policy === undefined || workloadsIn(world, namespace).some((workload) => isMeshed(workload, world)))
    return undefined;
  const id = `permissive-${namespace}`;
  const spec = { mtls: { mode: 'PERMISSIVE' } };
  const why = 'callers have no sidecars yet';
  const object = world.get(policy);
  if (policy.namespace === namespace && object !== undefined)
    return { id, steps: [{ step: 'patch', target: policy, patch: { spec }, why }] };
  const manifest = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace },
    spec,
  };
  const taken = world.get({ kind: KIND.peerAuthentication, namespace, name: 'default' }) !== undefined;
  return taken ? undefined : { id, steps: [{ step: 'apply', manifest }] };
}
