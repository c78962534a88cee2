import { workloadRef, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { ObjectRef } from '../../kubernetes/object.ts';
import type { RestartMethod, Step } from '../../world/step.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Restart } from '../plan.ts';
import { optOut, templateLabels } from '../rollback-steps.ts';
import type { Planning } from '../planning.ts';
import { policiesTowardsIstiod } from '../istio/egress-policies.ts';
import { eligibilityOf, type Eligibility } from './eligible.ts';
import type { OptOut } from '../waves/opt-out.ts';
import { restartOf, type RestartReasons } from '../waves/restart-of.ts';
import { whyPatch } from '../waves/wave-frame.ts';
import { objectRefOf } from '../workload-object.ts';
import type { MeshFacts } from '../istio/mesh-facts.ts';
import { namespaceMtls, setNamespaceMode } from '../istio/namespace-mtls.ts';

/** A workload of a wave with what is done to it. */
export interface Member {
  readonly workload: Workload;
  readonly eligibility: Eligibility;
}

/** All steps of a wave: the mode written out, the way to the control plane, then each member's own. */
export function waveSteps(planning: Planning, facts: MeshFacts, members: readonly Member[]): readonly Step[] {
  const active = members.filter(({ eligibility }) => eligibility.kind === 'enrol');
  const own = members.flatMap(memberSteps);
  const [first] = members;
  if (first === undefined || own.length === 0) return [];
  const { namespace } = first.workload;
  const mtls = namespaceMtls(planning.world, facts, namespace);
  const isEnrolled = workloadsIn(planning.world, namespace).some(
    (workload) => eligibilityOf(planning.world, facts, workload).kind === 'enrolled',
  );
  const needsMode = active.length > 0 && mtls.own === undefined && (mtls.effective === 'PERMISSIVE' || !isEnrolled);
  return [
    ...(needsMode ? [setNamespaceMode(namespace, mtls, 'PERMISSIVE')] : []),
    ...policiesTowardsIstiod(
      planning.world,
      facts,
      active.map(({ workload }) => workload),
    ),
    ...own,
  ];
}

/** The label and the restart of one workload; nothing for one that is enrolled or opted out already. */
function memberSteps({ workload, eligibility }: Member): readonly Step[] {
  const target = objectRefOf(workload);
  if (eligibility.kind === 'opt-out') return [optOut(target), ...restartStep(target, eligibility.restart)];
  if (eligibility.kind !== 'enrol') return [];
  const steps: Step[] = [];
  if (eligibility.label !== undefined) {
    const [key, value] = eligibility.label.pod;
    steps.push({
      step: 'patch',
      target,
      patch: templateLabels(target, { [key]: value }),
      why: whyPatch(workload, `asks for a sidecar in new pods of this ${workload.kind}`),
    });
  }
  return [...steps, ...restartStep(target, eligibility.restart)];
}

function restartStep(workload: ObjectRef, method: RestartMethod | undefined): readonly Step[] {
  return method === undefined ? [] : [{ step: 'restart', workload, method }];
}

const BY_RESTART: RestartReasons = {
  nextRun: 'the next run carries the sidecar',
  deleted: 'are made new',
  rolled: 'injection acts on new pods only',
};

const BY_TEMPLATE: RestartReasons = {
  ...BY_RESTART,
  rolled: 'the change of the template rolls the pods by itself; the command makes sure that it did',
};

/** How and in which order the members' pods are made new. */
export function restartsOf(
  members: readonly Member[],
  after: (server: Workload) => readonly Workload[],
): readonly Restart[] {
  return members.flatMap(({ workload, eligibility }): readonly Restart[] => {
    if (eligibility.kind === 'opt-out') return optedOut(workload, eligibility);
    if (eligibility.kind !== 'enrol') return [];
    const method = eligibility.restart ?? 'next-run';
    const reasons = eligibility.label === undefined ? BY_RESTART : BY_TEMPLATE;
    return [restartOf(workload, { method, after: after(workload), reasons })];
  });
}

function optedOut(workload: Workload, { restart }: OptOut): readonly Restart[] {
  return restart === undefined ? [] : [restartOf(workload, { method: restart, after: [], reasons: BY_TEMPLATE })];
}

/** What stays out of the mesh by label, as rows of the register. */
export function enrolmentExceptions(members: readonly Member[]): readonly Exception[] {
  return members.flatMap(({ workload, eligibility }): readonly Exception[] =>
    eligibility.kind === 'opt-out' || eligibility.kind === 'opted-out'
      ? [
          {
            workload: workloadRef(workload),
            layer: 'enrolment',
            ports: [],
            reason: eligibility.reason,
            owner: ownerToBeNamed(workload),
            expires: eligibility.kind === 'opt-out' ? eligibility.expires : 'to be named',
          },
        ]
      : [],
  );
}
