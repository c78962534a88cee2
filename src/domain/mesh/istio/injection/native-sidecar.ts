import { derivedFrom } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';

/** What decides whether a sidecar is injected as a native one. */
export interface NativeSidecarInput {
  /** istiod's environment variable ENABLE_NATIVE_SIDECARS: `auto`, `true`, `false`; any other text counts as false. */
  readonly mode: Fact<string>;
  /** Kubelet versions by node name, as `v1.33.2`. */
  readonly kubelets: Fact<ReadonlyMap<string, string>>;
  /** The node that the pod is bound to when it is created (DaemonSets do not bind it yet at that time). */
  readonly podNodeName?: string;
  /** Value of the pod annotation `sidecar.istio.io/nativeSidecar`. */
  readonly podAnnotation?: string;
}

const FIRST_KUBELET_MINOR = 33;
const FIRST_AUTO_MINOR = 27;

/**
 * Whether the injector makes the proxy a native sidecar. No node at all counts as "not every node is new enough".
 * Source: istio pkg/kube/inject/webhook.go#DetectNativeSidecar, inject_test.go#TestNativeSidecarAnnotationOverride.
 */
export function isNativeSidecar(input: NativeSidecarInput): Fact<boolean> {
  if (input.podAnnotation !== undefined && input.podAnnotation !== '') return known(input.podAnnotation !== 'false');
  if (!input.mode.known) return input.mode;
  if (input.mode.value !== 'auto') return known(input.mode.value === 'true');
  if (!input.kubelets.known) return unknown(input.kubelets.reason);
  const kubelets = input.kubelets.value;
  const own = input.podNodeName === undefined ? undefined : kubelets.get(input.podNodeName);
  if (own !== undefined) return known(isNewEnough(own));
  return known(derivedFrom(kubelets, areAllNewEnough));
}

/**
 * The mode of an istiod whose environment does not set ENABLE_NATIVE_SIDECARS, by its minor version (27 for 1.27).
 * Source: istio pilot/pkg/features/pilot.go.
 */
export function defaultNativeSidecarMode(istioMinor: number): 'auto' | 'false' {
  return istioMinor >= FIRST_AUTO_MINOR ? 'auto' : 'false';
}

function areAllNewEnough(kubelets: ReadonlyMap<string, string>): boolean {
  return kubelets.size > 0 && [...kubelets.values()].every(isNewEnough);
}

function isNewEnough(kubeletVersion: string): boolean {
  const match = /^v?\d+(?:\.(\d+))?(?:\.\d+)*(?:[-+~A-Za-z].*)?$/.exec(kubeletVersion);
  return match !== null && Number(match[1] ?? '0') >= FIRST_KUBELET_MINOR;
}
