import { linkerd } from '../../mesh/linkerd/linkerd.ts';
import type { Enrolled } from '../enrolled.ts';
import { evidenceRule } from '../evidence-rule.ts';
import { reaches } from '../goals.ts';
import { isMeasured } from '../foundations/prometheus.ts';
import { unseenCallers } from '../obstacles/unseen-callers.ts';
import { outlineMeshDefault } from '../mesh-wide/plan-mesh-wide.ts';
import { stopsAtOtherMesh } from '../other-mesh/stop-at-other-mesh.ts';
import { holds, stateOf, type Planning } from '../planning.ts';
import { planPreflight } from '../preflight.ts';
import { scopeOf } from '../scope.ts';
import { afterAccountSplits, planAccountSplits } from '../service-accounts/plan-account-splits.ts';
import { NOBODY, outlineEnrolment, warnOfNothing } from '../waves/nothing-enrolled.ts';
import { planAuthorization } from './authorization.ts';
import { chooseLinkerd } from './choose-linkerd.ts';
import { CONTROL_PLANE_STAGE, planControlPlane } from './control-plane.ts';
import { planDefault } from './default-stage.ts';
import { planNamespaceAnnotations } from './enrol-namespace.ts';
import { planEnrolment } from './enrol-waves.ts';
import { linkerdFacts, ownNamespaces } from './linkerd-facts.ts';
import { planNetwork } from './network-stage.ts';
import { needsNodeAgent, NODE_AGENTS_STAGE, planNodeAgents } from './node-agents.ts';
import { planBreakGlass, planOperate, planScoping } from './pages.ts';
import { planServicePorts } from './ports-stage.ts';
import { planStrict } from './strict.ts';
import { planTelemetry } from './telemetry.ts';
import { planTrust } from './trust.ts';

/** Plans Linkerd into the given planning, from preflight to operate. */
export function planLinkerd(planning: Planning): void {
  const namespaces = namespacesOf(planning);
  if (stopsAtOtherMesh(planning, 'linkerd', namespaces)) return;
  warnOfNothing(planning, namespaces);
  planPreflight(planning, namespaces);
  planAccountSplits(planning, namespaces);
  planFoundation(planning, namespaces);
  if (holds(stateOf(planning, CONTROL_PLANE_STAGE))) planMesh(planning, namespaces);
  else planWithoutControlPlane(planning);
}

/** The namespaces of the plan; those of Linkerd itself and of its extensions are left out with the reason. */
function namespacesOf(planning: Planning): readonly string[] {
  const scope = scopeOf(planning.input, []);
  const own = ownNamespaces(planning.world);
  planning.leftOut.push(...scope.leftOut);
  return scope.namespaces.filter((namespace) => {
    const reason = own.get(namespace);
    if (reason !== undefined) planning.leftOut.push({ what: `namespace ${namespace}`, reason });
    return reason === undefined;
  });
}

function planFoundation(planning: Planning, namespaces: readonly string[]): void {
  const detection = linkerd.detect(planning.input.world);
  planTrust(planning, detection);
  const chosen = chooseLinkerd(planning.world, planning.input.meshVersion);
  if (chosen === undefined) return;
  const needsCni = needsNodeAgent(planning.world, namespaces);
  const { plane } = linkerdFacts(planning.world);
  if (needsCni && plane === undefined) planNodeAgents(planning, chosen);
  planControlPlane(planning, detection, { chosen, needsCni });
}

function planMesh(planning: Planning, namespaces: readonly string[]): void {
  const { input } = planning;
  const facts = linkerdFacts(planning.world);
  planTelemetry(planning, facts);
  planBreakGlass(planning);
  planScoping(planning, facts);
  const unseen = unseenCallers(input.world);
  const rule = evidenceRule(input, { namespaces, unseenCallers: unseen });
  const ports = planServicePorts(planning, facts, namespaces);
  const networks = new Map(
    namespaces.flatMap((namespace): [string, string][] => {
      const id = planNetwork(planning, facts, namespace);
      return id === undefined ? [] : [[namespace, id]];
    }),
  );
  const preparation = ['telemetry', 'break-glass', 'scoping', ...(ports === undefined ? [] : [ports])];
  const after = [CONTROL_PLANE_STAGE, NODE_AGENTS_STAGE, ...preparation];
  const waits = after.filter((id) => planning.stages.some((stage) => stage.id === id && stage.state !== 'done'));
  const waited = waits.length === 0 ? [CONTROL_PLANE_STAGE] : waits;
  const enrolled = planEnrolment(planning, facts, { namespaces, rule, after: waited, afterIn: networks });
  planNamespaceAnnotations(planning, enrolled);
  if (reaches(input.goal, 'strict')) planCutting(planning, { enrolled, rule });
  outlineMeshDefault(planning);
  afterAccountSplits(planning);
  planOperate(planning, enrolled);
}

interface Given {
  readonly enrolled: Enrolled;
  readonly rule: ReturnType<typeof evidenceRule>;
}

function planCutting(planning: Planning, given: Given): void {
  const measured = isMeasured(planning.input.world);
  for (const namespace of given.enrolled.namespaces) {
    const facts = linkerdFacts(planning.world);
    const cutting = { ...given, planning, facts, namespace, isMeasured: measured };
    planStrict(cutting);
    if (reaches(planning.input.goal, 'deny-by-default')) planAuthorization(cutting);
    planDefault(cutting);
  }
}

function planWithoutControlPlane(planning: Planning): void {
  outlineEnrolment(planning, {
    id: CONTROL_PLANE_STAGE,
    otherwise: CONTROL_PLANE_STAGE,
    why: 'Nothing can be planned on a control plane of which nobody knows what it does.',
  });
  planOperate(planning, NOBODY);
}
