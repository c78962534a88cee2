import { asText, at } from '../../../../lib/json.ts';
import { KIND } from '../../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../../kubernetes/label-selector.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import type { World } from '../../../world/world.ts';

/** One port of a pod. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: Pick<PodShape, 'labels' | 'containers' | 'initContainers'>;
  readonly port: number;
}

/**
 * Whether any Server over the pod's port says `proxyProtocol: opaque`, which clients that call the pod itself follow,
 * whichever Server decides for the pod's own proxy.
 * Source: linkerd2 controller/api/destination/watcher/endpoints_watcher.go#SetToServerProtocol.
 */
export function isOpaqueByServer(world: World, { namespace, pod, port }: PodPort): Fact<boolean> {
  const { objects, gap } = world.listIn(KIND.linkerdServer, namespace);
  const isOpaque = objects.some(
    ({ spec }) =>
      asText(at(spec, 'proxyProtocol')) === 'opaque' &&
      at(spec, 'podSelector') !== undefined &&
      matchesSelector(parseLabelSelector(at(spec, 'podSelector')), pod.labels) &&
      isOnPort(at(spec, 'port'), pod, port),
  );
  if (isOpaque) return known(true);
  return gap === undefined ? known(false) : unknown(gap);
}

function isOnPort(written: unknown, pod: PodPort['pod'], port: number): boolean {
  if (typeof written === 'number') return written === port;
  return [...pod.initContainers, ...pod.containers].some(({ ports }) =>
    ports.some((one) => one.name === written && (one.port === port || one.hostPort === port)),
  );
}
