import { KIND } from '../../kubernetes/kinds.ts';
import type { Enrolment } from '../../mesh/mesh.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { formatWorkload, type Cohort, type Workload } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { workloadObject } from '../workload-object.ts';

/** Pods that run without a proxy although pods like them would get one if they were made now. */
export const podsNotRestartedAfterLabel: Check = {
  id: 'pods-not-restarted-after-label',
  title: 'Injection is on, and pods that run have no proxy',
  category: 'injection',
  stages: ['inject', 'day2'],
  meshes: ['istio-sidecar'],
  severity: 'high',
  certainty: 'exact',
  why: 'Sidecars are injected when a pod is made, and never into one that runs. Pods from before the label send plaintext, take no part in policies, and are refused by STRICT peers, while labels and templates look as if all were done.',
  detects:
    'A pod that runs has no proxy of any mesh, and injection as it is set up now would give one to the pods that its workload makes next. Pods that opted out, pods on the host network and pods of Jobs are left out.',
  falseAlarms: 'Pods that were read while a restart was under way.',
  remedy: {
    text: 'Restart the workload (kubectl rollout restart) in the stage of the rollout that enrols it; a pod that nobody owns has to be deleted and made again. If it is to stay outside the mesh, say so: label sidecar.istio.io/inject: "false" on the template.',
  },
  sources: [
    'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
    'https://github.com/istio/istio/blob/master/pkg/config/analysis/analyzers/injection/injection.go',
  ],
  reads: [KIND.namespace, KIND.pod, KIND.mutatingWebhook],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  for (const workload of workloadsOf(world)) {
    // What runs to its end is made anew at the next run, and cannot be restarted.
    if (workload.kind === 'Job' || workload.kind === 'CronJob') continue;
    yield* ofWorkload(world, workload);
  }
}

function* ofWorkload(world: World, workload: Workload): Iterable<Issue | Undecided> {
  const live = workload.live.known ? workload.live.value : [];
  if (live.length === 0) return;
  const bare = live.filter((cohort) => modeOf(workload, cohort, world) === 'none');
  const unclear = live.filter((cohort) => modeOf(workload, cohort, world) === 'unknown');
  if (bare.length === 0 && unclear.length === 0) return;
  const enrolment = istio.enrolment(workload.namespace, workload.next.pod, world);
  const object = workloadObject(workload);
  if (enrolment.decision === 'unknown') {
    if (bare.length > 0 && !isCounted(world))
      yield { notAssessed: `whether its next pods get a proxy is not known (${enrolment.reason})`, object };
  } else if (enrolment.decision === 'inject') {
    if (bare.length > 0) yield issueFor(workload, bare, enrolment);
    else yield { notAssessed: 'whether its pods have a proxy is not known', object };
  }
}

/** Whether the engine counts the check as not assessed anyway, for kinds without which no workload can be decided. */
function isCounted(world: World): boolean {
  return [KIND.namespace, KIND.mutatingWebhook].some((kind) => world.list(kind).gap !== undefined);
}

function modeOf(workload: Workload, cohort: Cohort, world: World): string {
  return dataPlaneOf(workload, cohort, world).dataPlane.mode;
}

function issueFor(workload: Workload, bare: readonly Cohort[], { reason, revision, evidence }: Enrolment): Issue {
  const count = (cohorts: readonly Cohort[]): number => cohorts.reduce((sum, { pods }) => sum + pods, 0);
  const all = workload.live.known ? count(workload.live.value) : 0;
  const missing = count(bare);
  return {
    object: workloadObject(workload),
    field: 'pods without a proxy',
    value: `${String(missing)} of ${String(all)}`,
    message: `${String(missing)} of ${String(all)} running ${all === 1 ? 'pod' : 'pods'} of ${formatWorkload(workload)} ${missing === 1 ? 'has' : 'have'} no sidecar, and the next ${all === 1 ? 'one gets' : 'ones get'} one: ${missing === 1 ? 'it stays' : 'they stay'} outside the mesh until ${missing === 1 ? 'it is' : 'they are'} restarted.`,
    evidence: [
      { rule: `Injection${revision === undefined ? '' : ` by revision ${revision}`}: ${reason}` },
      ...evidence,
      ...bare.flatMap(({ example }) => (example === undefined ? [] : [{ rule: `Without a proxy: pod ${example}.` }])),
    ],
  };
}
