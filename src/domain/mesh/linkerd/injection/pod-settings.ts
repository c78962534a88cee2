import { known, type Fact } from '../../../world/fact.ts';
import type { Container } from '../../../world/pod-shape.ts';
import { INJECT } from '../names.ts';

type Annotations = Readonly<Record<string, string>>;

/** By precedence. Source: linkerd2 pkg/inject/inject.go#ApplyAnnotationOverrides. */
const NATIVE_SIDECAR = [
  'config.linkerd.io/proxy-enable-native-sidecar',
  'config.beta.linkerd.io/proxy-enable-native-sidecar',
  'config.alpha.linkerd.io/proxy-enable-native-sidecar',
] as const;

/**
 * Whether a pod with these annotations (those of its namespace taken over) gets a native sidecar: the first annotation
 * that is there decides, and where it is no truth value, or none is there, the chart value `proxy.nativeSidecar` does.
 */
export function isNativeSidecar(annotations: Annotations, chart: Fact<boolean>): Fact<boolean> {
  const written = NATIVE_SIDECAR.map((key) => annotations[key]).find((value) => value !== undefined);
  const truth = written === undefined ? undefined : goTruth(written);
  return truth === undefined ? chart : known(truth);
}

/** Whether the proxy runs in ingress mode, by the annotations of the pod as injection leaves them. */
export function isIngressMode(annotations: Annotations, chart: Fact<boolean>): Fact<boolean> {
  return annotations[INJECT] === 'ingress' ? known(true) : chart;
}

/** Whether `linkerd inject` warns of UDP, which the proxy never carries. Source: linkerd2 pkg/inject/report.go#checkUDPPorts. */
export function hasUdpPorts(pod: { readonly containers: readonly Pick<Container, 'ports'>[] }): boolean {
  return pod.containers.some(({ ports }) => ports.some(({ protocol }) => protocol === 'UDP'));
}

/** A text as Go's strconv.ParseBool takes it; undefined for any other. */
export function goTruth(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}
