import { istio } from '../../mesh/istio/istio.ts';
import { evidenceRule } from '../evidence-rule.ts';
import { planMeshWide } from '../mesh-wide/plan-mesh-wide.ts';
import { stopsAtOtherMesh } from '../other-mesh/stop-at-other-mesh.ts';
import { holds, stateOf, type Planning } from '../planning.ts';
import { planPreflight } from '../preflight.ts';
import { scopeOf } from '../scope.ts';
import { afterAccountSplits, planAccountSplits } from '../service-accounts/plan-account-splits.ts';
import { withExclusions } from '../waves/exclusions.ts';
import { NOBODY, outlineEnrolment, warnOfNothing } from '../waves/nothing-enrolled.ts';
import { CONTROL_PLANE_STAGE, planAmbientControlPlane } from '../istio/control-plane.ts';
import { NODE_AGENTS_STAGE } from '../istio/control-plane-agents.ts';
import { planCutting } from '../istio/cutting-stages.ts';
import { meshFacts } from '../istio/mesh-facts.ts';
import { planBreakGlass, planOperate, planTrust } from '../istio/pages.ts';
import { planTelemetry } from '../istio/telemetry.ts';
import { unseenCallers } from '../obstacles/unseen-callers.ts';
import { AMBIENT_PLANE } from './ambient-plane.ts';
import { ambientStanding } from './ambient-standing.ts';
import { planAmbientNamespaces } from './enrol-namespace.ts';
import { ambientMembers, planAmbientWaves } from './enrol-waves.ts';
import { planTunnels } from './tunnel-stages.ts';
import { planTunnelSidecars } from './tunnel-sidecars.ts';

/** Plans Istio in ambient mode into the given planning, from preflight to operate. */
export function planIstioAmbient(planning: Planning): void {
  const { input } = planning;
  const detection = istio.detect(input.world);
  const before = meshFacts(input.world);
  const { namespaces, leftOut } = scopeOf(input, [before.namespace, before.rootNamespace]);
  planning.leftOut.push(...leftOut);
  if (stopsAtOtherMesh(planning, 'istio', namespaces)) return;
  warnOfNothing(planning, namespaces);
  planPreflight(planning, namespaces);
  planAccountSplits(planning, namespaces);
  planTrust(planning, detection);
  planAmbientControlPlane(planning, detection);
  const missing = [CONTROL_PLANE_STAGE, NODE_AGENTS_STAGE].find((id) => !holds(stateOf(planning, id)));
  if (missing !== undefined) {
    planWithoutAgents(planning, missing);
    return;
  }
  planMembers(planning, namespaces);
}

function planMembers(planning: Planning, namespaces: readonly string[]): void {
  const { input } = planning;
  const facts = meshFacts(planning.world);
  planTelemetry(planning, facts);
  planBreakGlass(planning);
  const rule = evidenceRule(input, { namespaces, unseenCallers: unseenCallers(input.world) });
  const members = ambientMembers(planning, namespaces);
  const prepared = [...planTunnelSidecars(planning, members), ...planTunnels(planning, members)];
  const enrolled = planAmbientWaves({ planning, facts, rule }, members, [
    NODE_AGENTS_STAGE,
    ...['telemetry', 'break-glass'].filter((id) => stateOf(planning, id) !== 'done'),
    ...prepared,
  ]);
  planAmbientNamespaces(planning, enrolled);
  const standing = withExclusions(input.choices, ambientStanding);
  const cutting = { planning, facts, enrolled, rule, standing, plane: AMBIENT_PLANE };
  planCutting(cutting);
  planMeshWide(cutting);
  afterAccountSplits(planning);
  planOperate(planning, enrolled);
}

function planWithoutAgents(planning: Planning, missing: string): void {
  outlineEnrolment(planning, {
    id: missing,
    otherwise: CONTROL_PLANE_STAGE,
    why: 'A pod that asks for ambient mode where no agent takes it stands outside the mesh, and looks as if it did not.',
  });
  planOperate(planning, NOBODY);
}
