import { istio } from '../../mesh/istio/istio.ts';
import { evidenceRule } from '../evidence-rule.ts';
import { holds, stateOf, type Planning } from '../planning.ts';
import { planControlPlane, CONTROL_PLANE_STAGE } from '../istio/control-plane.ts';
import { planNamespaceLabels } from './enrol-namespace.ts';
import type { Standing } from '../enrolled.ts';
import type { Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { eligibilityOf } from './eligible.ts';
import { planSidecarWaves } from './enrol-waves.ts';
import { meshFacts } from '../istio/mesh-facts.ts';
import { planBreakGlass, planOperate, planScoping, planTrust } from '../istio/pages.ts';
import { hasNodeAgent, refusesInitContainer } from './pod-security.ts';
import { planPortDeclarations, portStages } from '../ports/plan-port-declarations.ts';
import { planMeshWide } from '../mesh-wide/plan-mesh-wide.ts';
import { stopsAtOtherMesh } from '../other-mesh/stop-at-other-mesh.ts';
import { planPreflight } from '../preflight.ts';
import { scopeOf } from '../scope.ts';
import { afterAccountSplits, planAccountSplits } from '../service-accounts/plan-account-splits.ts';
import { planCutting } from '../istio/cutting-stages.ts';
import { withExclusions } from '../waves/exclusions.ts';
import { NOBODY, outlineEnrolment, warnOfNothing } from '../waves/nothing-enrolled.ts';
import { planTelemetry } from '../istio/telemetry.ts';
import { unseenCallers } from '../obstacles/unseen-callers.ts';

/** Plans Istio with sidecars into the given planning, from preflight to operate. */
export function planIstioSidecar(planning: Planning): void {
  const { input } = planning;
  const detection = istio.detect(input.world);
  const before = meshFacts(input.world);
  const scope = scopeOf(input, [before.namespace, before.rootNamespace]);
  planning.leftOut.push(...scope.leftOut);
  if (stopsAtOtherMesh(planning, 'istio', scope.namespaces)) return;
  warnOfNothing(planning, scope.namespaces);
  planPreflight(planning, scope.namespaces);
  planAccountSplits(planning, scope.namespaces);
  planPortDeclarations(planning, scope.namespaces);
  planTrust(planning, detection);
  const needsCni =
    !hasNodeAgent(input.world) &&
    scope.namespaces.some((name) => refusesInitContainer(input.world, name) !== undefined);
  planControlPlane(planning, detection, needsCni);
  if (!holds(stateOf(planning, CONTROL_PLANE_STAGE))) {
    planWithoutControlPlane(planning);
    return;
  }
  const facts = meshFacts(planning.world);
  planTelemetry(planning, facts);
  planBreakGlass(planning);
  planScoping(planning);
  const rule = evidenceRule(input, {
    namespaces: scope.namespaces,
    unseenCallers: unseenCallers(input.world),
  });
  const enrolled = planSidecarWaves(planning, facts, { namespaces: scope.namespaces, rule });
  enrolAfterPreparation(planning);
  planNamespaceLabels(planning, facts, enrolled);
  const standing = withExclusions(input.choices, (world: World, workload: Workload): Standing =>
    eligibilityOf(world, facts, workload),
  );
  const cutting = { planning, facts, enrolled, rule, standing };
  planCutting(cutting);
  planMeshWide(cutting);
  afterAccountSplits(planning);
  planOperate(planning, enrolled);
}

const PREPARATION: readonly string[] = ['telemetry', 'break-glass', 'scoping'];

/** The first wave waits for what measures and undoes it; those after it wait for the wave before them. */
function enrolAfterPreparation(planning: Planning): void {
  const { stages } = planning;
  const isOpen = (id: string): boolean => stages.some((stage) => stage.id === id && stage.state !== 'done');
  const preparation = [...PREPARATION.filter(isOpen), ...portStages(planning)];
  const waves = new Set(stages.filter(({ kind, state }) => kind === 'enrol' && state !== 'done').map(({ id }) => id));
  for (const [index, stage] of stages.entries()) {
    if (!waves.has(stage.id) || stage.dependsOn.some((id) => waves.has(id))) continue;
    stages[index] = { ...stage, dependsOn: [...stage.dependsOn, ...preparation] };
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
