import { knownLabel, type CountedSeries } from './metric-family.ts';

/** One end of a flow, as far as Hubble's labels name it. */
export interface HubbleEnd {
  readonly name: string;
  readonly namespace?: string;
  readonly kind?: string;
}

/** Labels that Hubble's metrics have for each end; which of them is for its configuration to say. */
export const END_LABELS: readonly string[] = ['source', 'destination'].flatMap((end) => [
  `${end}_workload`,
  `${end}_workload_kind`,
  `${end}_namespace`,
  `${end}_pod`,
  end,
]);

const RESERVED: ReadonlyMap<string, string> = new Map([
  ['reserved:host', 'node'],
  ['reserved:remote-node', 'node'],
  ['reserved:kube-apiserver', 'kube-apiserver'],
]);

/**
 * Who is at an end: the workload that the labels of `labelsContext` name, else the one that the name of the pod or the
 * context label tells. Source: https://docs.cilium.io/en/stable/observability/metrics/#context-options.
 */
export function hubbleEnd(series: CountedSeries, end: 'source' | 'destination'): HubbleEnd | undefined {
  const namespace = knownLabel(series, `${end}_namespace`);
  const workload = knownLabel(series, `${end}_workload`);
  const kind = knownLabel(series, `${end}_workload_kind`);
  if (workload !== undefined) return { name: workload, ...(kind === undefined ? {} : { kind }), ...inside(namespace) };
  const pod = knownLabel(series, `${end}_pod`);
  if (pod !== undefined) return ofPod(pod, namespace);
  const context = knownLabel(series, end);
  if (context === undefined) return undefined;
  const reserved = RESERVED.get(context);
  if (reserved !== undefined) return { name: reserved };
  return context.startsWith('reserved:') ? { name: 'unknown' } : ofPod(context, namespace);
}

function ofPod(text: string, namespace: string | undefined): HubbleEnd {
  const [first = '', second, surplus] = text.split('/');
  if (second === undefined || surplus !== undefined) return { name: ownerName(text), ...inside(namespace) };
  return { name: ownerName(second), namespace: first };
}

function inside(namespace: string | undefined): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

/**
 * The workload whose pod has the name, by how controllers name pods: a template's hash and five letters, five letters,
 * or a number. Source: https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go.
 */
function ownerName(pod: string): string {
  const [, owner] = /^(.+?)(?:-[bcdf-hj-np-tv-xz2456789]{6,10})?-[bcdf-hj-np-tv-xz2456789]{5}$/.exec(pod) ?? [];
  return owner ?? pod;
}
