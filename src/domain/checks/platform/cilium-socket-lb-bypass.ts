import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';

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
    'The Cilium agent runs and its ConfigMap cilium-config has bpf-lb-sock "true" (or kube-proxy-replacement "strict" or "true") without bpf-lb-sock-hostns-only "true".',
  falseAlarms: 'Newer releases restrict socket load balancing to the host by themselves when kube-proxy is replaced.',
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
    'https://docs.cilium.io/en/latest/network/servicemesh/istio/',
    'https://github.com/istio/istio/blob/master/operator/pkg/apis/validation/validation.go',
  ],
  reads: [KIND.daemonSet],
  unfinished:
    "values of ConfigMaps other than the meshes' own are not kept when a world is read, so where Cilium runs the setting is not known",
  find,
};

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  const agent = workloadsOf(world).find(({ kind, name }) => kind === 'DaemonSet' && name === 'cilium');
  if (agent === undefined) return;
  const config = world.get({ kind: KIND.configMap, namespace: agent.namespace, name: 'cilium-config' });
  const setting = (key: string): string | undefined => asText(at(config?.data, key));
  if (config?.data === undefined) {
    yield {
      notAssessed: `Cilium runs and the values of its ConfigMap were not kept; look with: ${LOOK}`,
      object: refOf(agent.object),
    };
    return;
  }
  if (setting('bpf-lb-sock-hostns-only') === 'true') return;
  const replacement = setting('kube-proxy-replacement');
  const field =
    setting('bpf-lb-sock') === 'true' ? 'bpf-lb-sock' : replacement === 'strict' ? 'kube-proxy-replacement' : undefined;
  if (field !== undefined) yield issueFor(refOf(config), field, setting(field) ?? '');
  else if (replacement === 'true' && setting('bpf-lb-sock') === undefined) {
    const notAssessed =
      'kube-proxy is replaced and the default of bpf-lb-sock-hostns-only depends on the release of Cilium';
    yield { notAssessed, object: refOf(config) };
  }
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
