import { isProxyContainer } from '../../world/proxy-containers.ts';
import type { Call } from '../../calls/call.ts';
import { nativeSidecars } from '../../mesh/istio/data-plane.ts';
import type { Container } from '../../world/pod-shape.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { onlyRevision, usesCni } from '../mesh-cni.ts';
import { sidecarsAhead, type Enrolled } from '../sidecars-ahead.ts';
import { whatIf } from '../what-if.ts';
import { workloadObject } from '../workload-object.ts';

/** Images that do little else than talk to somebody. */
const TALKS = /flyway|liquibase|migrat|wait-for|curl|wget|aws-cli|git-sync|vault|busybox-curl|netcat|k8s-wait/;
const PROXY_USER = 1337;

/** Init containers without network between the CNI plugin's redirection and the proxy's start. */
export const initContainerCniBlackhole: Check = {
  id: 'init-container-cni-blackhole',
  title: 'Init containers lose their network with the CNI plugin and ordinary sidecars',
  category: 'lifecycle',
  stages: ['inject'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'heuristic',
  why: 'The CNI plugin redirects traffic before any container runs, and an ordinary sidecar starts only after the init containers. Migrations, secret fetchers and wait-for scripts then hang, and the pod never starts.',
  detects:
    'Pods in scope with init containers of their own will be injected with an ordinary sidecar, and the CNI plugin sets up the redirection (or a namespace in scope enforces a Pod Security level that calls for it).',
  falseAlarms:
    'Init containers that touch only disk: where neither the image nor the configuration speaks of a call, the finding is medium.',
  remedy: {
    text: "Use native sidecars. Otherwise let the init container run as user 1337, or exclude the ports that it calls with traffic.sidecar.istio.io/excludeOutboundPorts; both send its calls in plaintext. Each changes the template and so belongs to the workload's enrolment stage.",
  },
  sources: ['https://istio.io/latest/docs/setup/additional-setup/cni/#compatibility-with-application-init-containers'],
  reads: [],
  find,
};

function* find(context: CheckContext): Iterable<Issue | Undecided> {
  for (const namespace of whatIf(context.world).scope) {
    for (const enrolled of sidecarsAhead(context.world, namespace)) yield* ofWorkload(context, enrolled);
  }
}

function* ofWorkload({ world, graph }: CheckContext, { workload, dataPlane }: Enrolled): Iterable<Issue | Undecided> {
  const containers = ownInitContainers(workload);
  if (containers.length === 0) return;
  const object = workloadObject(workload);
  if (dataPlane.mode === 'unknown') {
    yield { notAssessed: dataPlane.reason, object };
    return;
  }
  const revision = dataPlane.revision ?? onlyRevision(world);
  const cni = usesCni(world, revision);
  if (cni.known && !cni.value) return;
  const native = nativeSidecars(whatIf(world).enrolled, revision, workload.next.pod);
  if (native.known && native.value) return;
  if (!cni.known) yield { notAssessed: `whether the CNI plugin is in use is not known: ${cni.reason}`, object };
  else if (!native.known)
    yield { notAssessed: `whether its proxy is a native sidecar is not known: ${native.reason}`, object };
  else yield issueFor(workload, containers, callsAtStart(graph.calls, workload));
}

/** Those that are not the mesh's, do not run beside the pod, and are not left out of redirection by their user. */
function ownInitContainers({ template }: Workload): readonly Container[] {
  return template.initContainers.filter(
    ({ name, restartPolicy, runAsUser }) =>
      !isProxyContainer(name) && restartPolicy !== 'Always' && (runAsUser ?? template.runAsUser) !== PROXY_USER,
  );
}

function callsAtStart(calls: readonly Call[], workload: Workload): readonly Call[] {
  const name = formatWorkload(workload);
  return calls.filter(
    ({ from, phase }) => phase === 'start' && from.kind === 'workload' && formatWorkload(from.workload) === name,
  );
}

function issueFor(workload: Workload, containers: readonly Container[], calls: readonly Call[]): Issue {
  const object = workloadObject(workload);
  const talks = calls.length > 0 || containers.some(({ image }) => TALKS.test(image));
  const names = containers.map(({ name }) => name).join(', ');
  return {
    object,
    field: 'spec.template.spec.initContainers',
    value: names,
    message: `New pods of ${formatWorkload(workload)} ${talks ? 'hang' : 'may hang'} in init ${containers.length === 1 ? 'container' : 'containers'} ${names} after enrolment: traffic is redirected to a proxy that does not run yet.`,
    evidence: [
      {
        object,
        field: 'spec.template.spec.initContainers',
        value: names,
        rule: 'They run before an ordinary sidecar starts.',
      },
      ...calls.flatMap(({ evidence }) => evidence.map(({ source, detail }) => ({ rule: `${source}: ${detail}` }))),
    ],
    severity: talks ? 'blocker' : 'medium',
  };
}
