import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';

const SOCKET = 'bpf-lb-sock';
const HOST_ONLY = 'bpf-lb-sock-hostns-only';
const REPLACEMENT = 'kube-proxy-replacement';

const LOOK = 'kubectl get configmap cilium-config --namespace kube-system --output yaml';

/** Cilium resolving Services before the sidecar sees them. */
export const ciliumSocketLbBypass: Check = {
  id: 'cilium-socket-lb-bypass',
  title: 'Cilium socket load balancing resolves Services before the proxy sees them',
  category: 'platform',
  stages: ['install', 'permissive', 'strict'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: "With socket load balancing in pods, the application connects straight to a pod's address. The sidecar no longer sees which Service was meant: routing, policies of the client and mutual TLS are skipped, and STRICT servers refuse the plaintext.",
  detects:
    'The Cilium agent runs and its ConfigMap cilium-config has bpf-lb-sock "true", kube-proxy-replacement "strict", or kube-proxy-replacement "true" with bpf-lb-sock-hostns-only "false"; and nowhere bpf-lb-sock-hostns-only "true".',
  falseAlarms:
    'Agents that were started with flags that differ from the ConfigMap, or that were not restarted since it changed.',
  remedy: {
    text: 'Restrict socket load balancing to the host namespace and restart the Cilium agents, before the first pod is injected.',
    commands: [
      [
        'helm',
        'upgrade',
        'cilium',
        'cilium/cilium',
        '--namespace',
        'kube-system',
        '--reuse-values',
        '--set',
        'socketLB.hostNamespaceOnly=true',
      ],
      ['kubectl', 'rollout', 'restart', 'daemonset/cilium', '--namespace', 'kube-system'],
    ],
  },
  sources: [
    'https://docs.cilium.io/en/stable/network/servicemesh/istio/',
    'https://github.com/istio/istio/blob/master/operator/pkg/apis/validation/validation.go',
  ],
  reads: [KIND.daemonSet],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  const agent = workloadsOf(world).find(({ kind, name }) => kind === 'DaemonSet' && name === 'cilium');
  if (agent === undefined) return;
  const config = world.get({ kind: KIND.configMap, namespace: agent.namespace, name: 'cilium-config' });
  if (config?.data === undefined) {
    const notAssessed = `Cilium runs and its ConfigMap was not read, or holds none of the settings; look with: ${LOOK}`;
    yield { notAssessed, object: refOf(agent.object) };
    return;
  }
  const object = refOf(config);
  const answer = socketLoadBalancing((key) => asText(at(config.data, key)));
  if ('reason' in answer) yield { notAssessed: `${answer.reason}; look with: ${LOOK}`, object };
  else if (answer.key !== undefined) yield issueFor(object, answer.key, answer.value);
}

type Answer =
  { readonly key: string; readonly value: string } | { readonly key: undefined } | { readonly reason: string };

/**
 * The setting that lets pods' connections be resolved at their sockets; no key where none does. Kube-proxy's replacement
 * brings it along, and the value of a missing key depends on the release.
 * Source: https://docs.cilium.io/en/stable/network/servicemesh/istio/.
 */
function socketLoadBalancing(setting: (key: string) => string | undefined): Answer {
  const [socket, hostOnly, replacement] = [SOCKET, HOST_ONLY, REPLACEMENT].map(setting);
  if (hostOnly === 'true') return { key: undefined };
  if (socket === 'true') return { key: SOCKET, value: socket };
  if (replacement === 'strict') return { key: REPLACEMENT, value: replacement };
  if (replacement === 'true' && hostOnly === 'false') return { key: HOST_ONLY, value: hostOnly };
  if (replacement === 'true') {
    return { reason: `kube-proxy is replaced, and what no ${HOST_ONLY} means depends on the release of Cilium` };
  }
  const replaced = replacement !== 'false' && replacement !== 'disabled';
  if (socket === undefined && replaced) {
    return { reason: `${SOCKET} is not set, and what that means depends on ${REPLACEMENT} and the release of Cilium` };
  }
  return { key: undefined };
}

function issueFor(object: Issue['object'], key: string, value: string): Issue {
  return {
    object,
    field: `data["${key}"]`,
    value,
    message:
      "Once sidecars are injected, calls to Services leave the application with a pod's address: the proxy sends them as plaintext, and STRICT refuses them.",
    evidence: [
      { object, field: `data["${key}"]`, value, rule: 'Socket load balancing is on in pods, not only on the host.' },
    ],
  };
}
