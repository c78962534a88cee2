import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { Evidence } from '../../../world/evidence.ts';
import { detectProxy, proxyContainer, type ProxiedPod } from './detect-proxy.ts';

/** What the capture of a pod's traffic depends on besides the pod. */
export interface CaptureInput {
  readonly pod: ProxiedPod;
  readonly namespaceName: string;
  /** The CNI agent's `excludeNamespaces` (kube-system unless changed), or why they are not known. */
  readonly cniExcludedNamespaces: Fact<readonly string[]>;
}

/** Whether traffic of a pod goes through its proxy. A pod can carry a proxy and still be uncaptured. */
export interface Capture {
  readonly captured: Fact<boolean>;
  readonly decidedBy: Evidence;
}

/** The namespaces that the CNI chart excludes where nothing is overridden. */
export const DEFAULT_CNI_EXCLUDED_NAMESPACES: readonly string[] = ['kube-system'];

/** Inbound ports of the agent and the proxy that are never captured: health, readiness, metrics. */
export const UNCAPTURED_INBOUND_PORTS: readonly number[] = [15020, 15021, 15090];

const INJECT = 'sidecar.istio.io/inject';
const INTERCEPTION = 'sidecar.istio.io/interceptionMode';
const SOURCE = 'istio cni/pkg/plugin/plugin.go#doAddRun';

/**
 * Whether a pod's traffic is captured: by ztunnel, by the init container `istio-init`, or by the CNI plugin, which has
 * its own reasons to skip a pod.
 * Source: istio cni/pkg/plugin/plugin.go#doAddRun.
 */
export function trafficCapture(input: CaptureInput): Capture {
  const { pod } = input;
  const { proxy, injected } = detectProxy(pod);
  if (proxy === 'ambient') return decided(true, { rule: 'ztunnel captures the pod.' });
  if (proxy !== 'sidecar')
    return decided(false, { rule: `Nothing captures the traffic of a pod with proxy ${proxy}.` });
  if (pod.annotations[INTERCEPTION] === 'NONE') {
    const field = `metadata.annotations["${INTERCEPTION}"]`;
    return decided(false, { field, value: 'NONE', rule: 'Interception is switched off for the pod.' });
  }
  if (hasInitContainer(pod, 'istio-init')) {
    return decided(true, {
      field: 'spec.initContainers',
      value: 'istio-init',
      rule: 'istio-init sets up the capture.',
    });
  }
  const skipped = skippedByCni(input, injected);
  if (skipped !== undefined) return skipped;
  if (!hasInitContainer(pod, 'istio-validation')) {
    const rule = 'Neither istio-init nor istio-validation is there, so what sets up the capture is not known.';
    return { captured: unknown('the pod has neither istio-init nor istio-validation'), decidedBy: { rule } };
  }
  if (!input.cniExcludedNamespaces.known) {
    const { reason } = input.cniExcludedNamespaces;
    return { captured: unknown(reason), decidedBy: { rule: `The CNI plugin may skip the namespace: ${reason}.` } };
  }
  return decided(true, { field: 'spec.initContainers', value: 'istio-validation', rule: 'The CNI plugin captures.' });
}

function skippedByCni(
  { pod, namespaceName, cniExcludedNamespaces }: CaptureInput,
  injected: boolean,
): Capture | undefined {
  if (cniExcludedNamespaces.known && cniExcludedNamespaces.value.includes(namespaceName)) {
    return decided(false, {
      field: 'excludeNamespaces',
      value: namespaceName,
      rule: 'The CNI plugin skips the namespace.',
    });
  }
  if (!injected)
    return decided(false, { rule: 'The CNI plugin skips pods without annotation sidecar.istio.io/status.' });
  if (proxyContainer(pod)?.env.some(({ name }) => name === 'DISABLE_ENVOY') === true) {
    return decided(false, { field: 'env["DISABLE_ENVOY"]', rule: 'The CNI plugin skips pods that disable Envoy.' });
  }
  const inject = pod.labels[INJECT] ?? pod.annotations[INJECT];
  if (inject === 'false') {
    return decided(false, { field: INJECT, value: inject, rule: 'The CNI plugin skips pods that refuse injection.' });
  }
  return undefined;
}

function hasInitContainer(pod: ProxiedPod, container: string): boolean {
  return pod.initContainers.some(({ name }) => name === container);
}

function decided(captured: boolean, decidedBy: Omit<Evidence, 'source'>): Capture {
  return { captured: known(captured), decidedBy: { ...decidedBy, source: SOURCE } };
}
