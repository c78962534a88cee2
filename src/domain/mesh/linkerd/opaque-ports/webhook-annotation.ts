import { OPAQUE_PORTS } from '../names.ts';
import type { PortsOfPod } from './effective.ts';

type Annotations = Readonly<Record<string, string>>;

/** A port of a Service as it was written: `targetPort` is absent where nothing was said. */
export interface WrittenServicePort {
  readonly port: number;
  readonly targetPort?: number | string;
}

/**
 * The annotation `config.linkerd.io/opaque-ports` that the webhook writes on a pod at its creation, injected or not:
 * nothing where the pod has one, the namespace's as it is, else the declared container ports that are on the chart's
 * list, init containers first. Undefined where it writes none.
 * Source: linkerd2 pkg/inject/inject.go#CreateOpaquePortsPatch, #FilterPodOpaquePorts.
 */
export function opaquePortsWrittenOnPod(
  pod: PortsOfPod,
  namespace: Annotations,
  chartList: string,
): string | undefined {
  const declared = [...pod.initContainers, ...pod.containers].flatMap(({ ports }) => ports.map(({ port }) => port));
  const isListed = listedBy(chartList);
  return written(pod.annotations, namespace, declared.filter(isListed));
}

/**
 * The same for a Service: its ports whose numeric targetPort is on the chart's list, or that have no targetPort and are
 * on it themselves. Source: linkerd2 pkg/inject/inject.go#CreateOpaquePortsPatch.
 */
export function opaquePortsWrittenOnService(
  service: { readonly annotations: Annotations; readonly ports: readonly WrittenServicePort[] },
  namespace: Annotations,
  chartList: string,
): string | undefined {
  const isListed = listedBy(chartList);
  const opaque = service.ports.filter(({ port, targetPort }) => {
    if (targetPort === undefined || targetPort === 0) return isListed(port);
    return isListed(typeof targetPort === 'number' ? targetPort : 0);
  });
  return written(
    service.annotations,
    namespace,
    opaque.map(({ port }) => port),
  );
}

function written(own: Annotations, namespace: Annotations, ports: readonly number[]): string | undefined {
  if (own[OPAQUE_PORTS] !== undefined) return undefined;
  const inherited = namespace[OPAQUE_PORTS];
  if (inherited !== undefined) return inherited;
  return ports.length === 0 ? undefined : ports.map(String).join(',');
}

/** The injector compares texts: a range or a blank in the chart's list matches no port. */
function listedBy(chartList: string): (port: number) => boolean {
  const entries = new Set(chartList.split(','));
  return (port) => entries.has(String(port));
}
