import { KIND } from '../../kubernetes/kinds.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import { nativeSidecars } from '../../mesh/istio/data-plane.ts';
import { kubeletVersionsOf } from '../../world/platform/kubernetes-versions.ts';
import type { Change } from '../../world/step.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { onlyRevision } from '../mesh-cni.ts';
import { sidecarsAhead, type Enrolled } from '../sidecars-ahead.ts';
import { whatIf } from '../what-if.ts';
import { workloadObject } from '../workload-object.ts';

const NATIVE = 'sidecar.istio.io/nativeSidecar';
/** Sidecar containers are on by default since Kubernetes 1.29. */
const FIRST_KUBELET_MINOR = 29;

/** Jobs that would get a sidecar that outlives them. */
export const jobNeverCompletes: Check = {
  id: 'job-never-completes',
  title: 'Jobs and CronJobs keep running because the proxy never exits',
  category: 'lifecycle',
  stages: ['inject'],
  meshes: ['istio-sidecar'],
  severity: 'high',
  certainty: 'exact',
  why: "A sidecar that is an ordinary container outlives the job's own one. Jobs hang, CronJobs pile up or skip their runs, and quotas fill.",
  detects:
    "The pods of a Job or CronJob in scope will be injected, and the proxy will not be a native sidecar: the injector's mode, the kubelets' versions and the pod's annotation decide.",
  falseAlarms: 'Images that end the proxy themselves through /quitquitquit.',
  remedy: {
    text: 'Use native sidecars (kubelets of 1.29 or later; the default from Istio 1.27 where every kubelet is 1.33 or later). Otherwise let the job end the proxy, or opt it out with the pod label sidecar.istio.io/inject: "false"; then it is a caller outside the mesh, and its servers must keep taking plaintext.',
  },
  sources: [
    'https://github.com/istio/istio/blob/master/pkg/kube/inject/webhook.go',
    'https://istio.io/latest/blog/2023/native-sidecars/',
    'https://github.com/istio/istio/issues/11045',
  ],
  reads: [KIND.job, KIND.cronJob],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  for (const namespace of whatIf(world).scope) {
    for (const enrolled of sidecarsAhead(world, namespace)) {
      const { kind } = enrolled.workload;
      if (kind === 'Job' || kind === 'CronJob') yield* ofJob(world, enrolled);
    }
  }
}

function* ofJob(world: World, { workload, dataPlane }: Enrolled): Iterable<Issue | Undecided> {
  const object = workloadObject(workload);
  if (dataPlane.mode === 'unknown') {
    yield { notAssessed: dataPlane.reason, object };
    return;
  }
  const revision = dataPlane.revision ?? onlyRevision(world);
  const native = nativeSidecars(whatIf(world).enrolled, revision, workload.next.pod);
  if (!native.known)
    yield { notAssessed: `whether its proxy is a native sidecar is not known: ${native.reason}`, object };
  else if (!native.value) yield issueFor(world, workload, revision);
}

function issueFor(world: World, workload: Workload, revision: string): Issue {
  const object = workloadObject(workload);
  const change = workload.kind === 'CronJob' ? asNative(world, workload) : undefined;
  return {
    object,
    field: `${workload.kind === 'CronJob' ? 'spec.jobTemplate.spec' : 'spec'}.template.metadata.annotations["${NATIVE}"]`,
    value: workload.template.annotations[NATIVE] ?? '(none)',
    message: `Runs of ${formatWorkload(workload)} that begin after enrolment never complete: the proxy is an ordinary container and keeps running.`,
    evidence: [{ object, rule: `Revision ${revision} injects pods of this template, and not with a native sidecar.` }],
    ...(change === undefined ? {} : { remedy: { change } }),
  };
}

/** A CronJob's template acts on its next run only; a Job's cannot be changed. Older kubelets refuse native sidecars. */
function asNative(world: World, { namespace, name }: Workload): Change | undefined {
  const kubeletVersions = kubeletVersionsOf(world);
  if (!kubeletVersions.known) return undefined;
  const minors = kubeletVersions.value.map((version) => parseVersion(version)?.minor ?? 0);
  if (minors.some((minor) => minor < FIRST_KUBELET_MINOR)) return undefined;
  const template = { metadata: { annotations: { [NATIVE]: 'true' } } };
  const target = { kind: KIND.cronJob, namespace, name };
  const why = 'the proxy must end with the job';
  return {
    id: `native-sidecar-${namespace}-${name}`,
    steps: [{ step: 'patch', target, patch: { spec: { jobTemplate: { spec: { template } } } }, why }],
  };
}
