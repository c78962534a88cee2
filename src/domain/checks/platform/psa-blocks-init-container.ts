import { KIND } from '../../kubernetes/kinds.ts';
import { formatWorkload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { shortList } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { enforcedLevel, onlyRevision, usesCni } from '../mesh-cni.ts';
import { sidecarsAhead } from '../sidecars-ahead.ts';
import { hasIstio, whatIf } from '../what-if.ts';

const FIELD = 'metadata.labels["pod-security.kubernetes.io/enforce"]';

/** Namespaces whose Pod Security level refuses the init container that redirects traffic. */
export const psaBlocksInitContainer: Check = {
  id: 'psa-blocks-init-container',
  title: 'Pod Security refuses the init container that redirects traffic',
  category: 'platform',
  stages: ['inject'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'istio-init adds NET_ADMIN and NET_RAW, which neither the baseline nor the restricted level allows. The API server refuses every new injected pod, so a rollout stalls and pods that go away are not replaced.',
  detects:
    'A namespace in scope enforces baseline or restricted by label, pods in it will be injected, and the CNI plugin is not in use (or no control plane is there yet that uses it).',
  falseAlarms:
    "istio.io says that baseline is enough; the Pod Security Standards do not allow the two capabilities there. Levels that the API server's own configuration enforces by default cannot be seen. Labels for warn and audit refuse nothing and are not reported.",
  remedy: {
    text: "Install the CNI plugin on every node before the first pod is injected, and switch the injector to it. The restricted level asks for more: see the chart's seccompProfile value.",
    commands: [
      ['helm', 'upgrade', '--install', 'istio-cni', 'istio/cni', '--namespace', 'istio-system', '--wait'],
      [
        'helm',
        'upgrade',
        'istiod',
        'istio/istiod',
        '--namespace',
        'istio-system',
        '--reuse-values',
        '--set',
        'pilot.cni.enabled=true',
      ],
    ],
  },
  sources: [
    'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
    'https://istio.io/latest/docs/setup/additional-setup/cni/',
    'https://istio.io/latest/docs/ops/deployment/application-requirements/',
  ],
  reads: [KIND.namespace],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  for (const namespace of whatIf(world).scope) {
    const level = enforcedLevel(world, namespace);
    if (level !== undefined) yield* ofNamespace(world, namespace, level);
  }
}

function* ofNamespace(world: World, namespace: string, level: string): Iterable<Issue | Undecided> {
  const enrolled = sidecarsAhead(world, namespace);
  const object = { kind: KIND.namespace, name: namespace };
  const unknown = enrolled.find(({ dataPlane }) => dataPlane.mode === 'unknown');
  if (unknown !== undefined) yield { notAssessed: unknown.dataPlane.reason, object };
  const injected = enrolled.filter(({ dataPlane }) => dataPlane.mode === 'sidecar');
  const [first] = injected;
  if (first === undefined) return;
  const cni = usesCni(world, first.dataPlane.revision ?? onlyRevision(world));
  if (!cni.known) yield { notAssessed: cni.reason, object };
  else if (!hasIstio(world) || !cni.value) {
    const names = shortList(injected.map(({ workload }) => formatWorkload(workload)));
    const already = hasIstio(world) ? '' : ', unless Istio is installed with its CNI plugin';
    yield {
      object,
      field: FIELD,
      value: level,
      message: `At enrolment the API server refuses every new pod of ${names}: level ${level} does not allow the init container istio-init${already}.`,
      evidence: [
        {
          object,
          field: FIELD,
          value: level,
          rule: 'The level allows neither NET_ADMIN nor NET_RAW, which istio-init adds.',
        },
      ],
    };
  }
}
