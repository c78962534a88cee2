import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { cohortsOf, type Cohort, type Workload } from '../../world/workload.ts';
import { known } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, Detection, Mesh } from '../mesh.ts';
import { detectBySigns } from '../recognised/detect.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { imageName, runningContainers, runsImage, type ProxySign, type Signature } from '../recognised/signature.ts';
import { firstGap, signsOf } from '../recognised/signs.ts';
import { SUPPORT } from '../recognised/support-status.ts';
import { POD_WEBHOOKS } from '../webhook-names.ts';
import { consulInjection } from './injection.ts';
import { consulPolicies } from './intentions.ts';
import { consulPortMode } from './mutual-tls.ts';
import { transparentProxy } from './transparent-proxy.ts';

const STATUS = 'consul.hashicorp.com/connect-inject-status';
const GATEWAYS = /^(mesh|terminating|ingress|api)-gateway$/;

const signature: Signature = {
  id: 'consul',
  displayName: 'Consul',
  groups: ['consul.hashicorp.com', 'auth.consul.hashicorp.com'],
  kinds: [KIND.consulMesh, KIND.consulProxyDefaults, KIND.consulServiceDefaults, KIND.consulServiceIntentions],
  ...(POD_WEBHOOKS.consul === undefined ? {} : { webhook: POD_WEBHOOKS.consul }),
  namespaceLabels: ['consul.hashicorp.com/transparent-proxy'],
  isControlPlane,
  proxyIn,
  support: SUPPORT.consul,
};

const base = recognisedMesh({
  signature,
  detect,
  injection: consulInjection,
  injected: { name: 'consul-dataplane', image: 'consul-dataplane', annotations: { [STATUS]: 'injected' } },
  captured: transparentProxy,
  answers: { portMode: consulPortMode, policies: consulPolicies },
});

/**
 * Consul on Kubernetes: who is in it, the mTLS mode of its pods and its intentions' default. What becomes of calls is
 * not resolved. Source: https://github.com/hashicorp/consul-k8s.
 */
export const consul: Mesh = { ...base, dataPlane };

/** Its servers, and the injector; not its gateways, which are proxies. */
function isControlPlane(workload: Workload): boolean {
  const { labels } = workload.template;
  const component = labels['app'] === 'consul' ? labels['component'] : undefined;
  if (component === 'server' || component === 'connect-injector') return true;
  return runsImage(workload, /^consul-k8s-control-plane$/) && workload.name.endsWith('-connect-injector');
}

function proxyIn(pod: PodShape): ProxySign | undefined {
  const container = runningContainers(pod).find(
    ({ name, image }) =>
      /^consul-dataplane(-|$)/.test(name) ||
      imageName(image) === 'consul-dataplane' ||
      (name === 'envoy-sidecar' && pod.annotations[STATUS] !== undefined),
  );
  if (container === undefined) return undefined;
  const gateway =
    GATEWAYS.test(pod.labels['component'] ?? '') || pod.labels['gateway.consul.hashicorp.com/managed'] !== undefined;
  return { mode: gateway ? 'gateway' : 'sidecar', container, rule: `the pod runs ${container.name}, Consul's proxy` };
}

function isDrifted(pod: PodShape): boolean {
  return pod.annotations[STATUS] === 'injected' && proxyIn(pod) === undefined;
}

/** A pod that is marked and has no proxy looks meshed and is not: the injector passes it over. */
function dataPlane(workload: Workload, cohort: Cohort, world: World): DataPlane | undefined {
  if (!isDrifted(cohort.pod)) return base.dataPlane(workload, cohort, world);
  const reason = 'the pod is marked as injected by Consul and has no container consul-dataplane, so no proxy takes it';
  return { mesh: 'none', mode: 'none', captured: known(false), native: false, reason };
}

/** Servers outside the cluster show only by their absence beside an injector. */
function detect(world: World): Detection {
  const found = detectBySigns(signature, world);
  const { planes } = signsOf(signature, world);
  const drifted = workloadsOf(world).filter((workload) => cohortsOf(workload).some(({ pod }) => isDrifted(pod)));
  const drift = drifted.map(({ object }): Evidence => ({
    object: refOf(object),
    rule: 'its pods are marked as injected and have no consul-dataplane container',
  }));
  const withDrift = { ...found, evidence: [...found.evidence, ...drift] };
  const servers = planes.some(({ ref }) => ref.kind === KIND.statefulSet);
  if (servers || !planes.some(({ ready }) => ready)) return withDrift;
  const gap = firstGap(world, [KIND.statefulSet]);
  if (gap !== undefined) return { ...withDrift, state: 'unknown', evidence: [...withDrift.evidence, { rule: gap }] };
  const rule = 'An injector without servers in the cluster: they are outside, and so is what they say about ACLs.';
  return { ...withDrift, state: 'external', evidence: [...withDrift.evidence, { rule }] };
}
