import { istio } from '../../mesh/istio/istio.ts';
import { evidenceRule } from '../evidence-rule.ts';
import type { Goal } from '../plan.ts';
import { addStage, holds, stateOf, type Planning } from '../planning.ts';
import { planAuthorization } from './authorization.ts';
import { planControlPlane, CONTROL_PLANE_STAGE } from './control-plane.ts';
import { planNamespaceLabels } from './enrol-namespace.ts';
import { planWaves, type Enrolled } from './enrol-waves.ts';
import { gateByWorkload } from './gates-by-workload.ts';
import { meshFacts } from './mesh-facts.ts';
import { planBreakGlass, planOperate, planScoping, planTrust } from './pages.ts';
import { hasNodeAgent, refusesInitContainer } from './pod-security.ts';
import { planPreflight } from './preflight.ts';
import { scopeOf } from './scope.ts';
import { needsStage, type Cutting } from './cutting.ts';
import { planStrict } from './strict.ts';
import { isMeasured, planTelemetry } from './telemetry.ts';
import { unseenCallers } from './unseen-callers.ts';

const NOBODY: Enrolled = { namespaces: [], waves: new Map(), waveOf: new Map() };

const NOTHING_TO_ENROL = 'no namespace is left to the plan: it says what to install, and enrols nobody';

/** Plans Istio with sidecars into the given planning, from preflight to operate. */
export function planIstioSidecar(planning: Planning): void {
  const { input } = planning;
  const detection = istio.detect(input.world);
  const before = meshFacts(input.world);
  const scope = scopeOf(input, [before.namespace, before.rootNamespace]);
  planning.leftOut.push(...scope.leftOut);
  if (scope.namespaces.length === 0) planning.warnings.push(NOTHING_TO_ENROL);
  planPreflight(planning, scope.namespaces);
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
    unseenCallers: unseenCallers(input.world, facts),
  });
  const enrolled = planWaves(planning, facts, { namespaces: scope.namespaces, rule });
  enrolAfterPreparation(planning);
  planNamespaceLabels(planning, facts, enrolled);
  planCutting(planning, { facts, enrolled, rule });
  planOperate(planning, enrolled);
}

const PREPARATION: readonly string[] = ['telemetry', 'break-glass', 'scoping'];

/** The first wave waits for what measures and undoes it; those after it wait for the wave before them. */
function enrolAfterPreparation({ stages }: Planning): void {
  const isOpen = (id: string): boolean => stages.some((stage) => stage.id === id && stage.state !== 'done');
  const preparation = PREPARATION.filter(isOpen);
  const waves = new Set(stages.filter(({ kind, state }) => kind === 'enrol' && state !== 'done').map(({ id }) => id));
  for (const [index, stage] of stages.entries()) {
    if (!waves.has(stage.id) || stage.dependsOn.some((id) => waves.has(id))) continue;
    stages[index] = { ...stage, dependsOn: [...stage.dependsOn, ...preparation] };
  }
}

function planWithoutControlPlane(planning: Planning): void {
  addStage(
    planning,
    {
      id: 'enrol',
      kind: 'enrol',
      title: 'Enrol the workloads',
      why: 'Nothing can be planned on a control plane of which nobody knows what it does.',
      dependsOn: [CONTROL_PLANE_STAGE],
      blockedBy: [needsStage(CONTROL_PLANE_STAGE)],
    },
    'outline',
  );
  planOperate(planning, NOBODY);
}

function planCutting(planning: Planning, given: Pick<Cutting, 'facts' | 'enrolled' | 'rule'>): void {
  const { goal, world } = planning.input;
  if (!reaches(goal, 'strict')) return;
  const shared = { planning, ...given, isMeasured: isMeasured(world) };
  for (const namespace of given.enrolled.namespaces) {
    planStrict({ ...shared, namespace });
    if (reaches(goal, 'deny-by-default')) planAuthorization({ ...shared, namespace });
    gateByWorkload(planning, { namespace, windowSeconds: given.rule.minWindowSeconds });
  }
}

const GOALS: readonly Goal[] = ['enrol', 'permissive', 'strict', 'deny-by-default'];

function reaches(goal: Goal, step: Goal): boolean {
  return GOALS.indexOf(goal) >= GOALS.indexOf(step);
}
