import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { selectsLabels, servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { ServerEnd } from '../mesh.ts';
import { portProtocol } from './protocol/port-protocol.ts';
import type { ProxyView } from './proxy-view.ts';

/** A Service and the port of it that a listener stands for. */
export interface ServiceListener {
  readonly service: Service;
  readonly port: ServicePort;
}

/**
 * The headless Services for which clients' proxies have a listener at the server's own address and port: a port that is
 * not HTTP gives one for each pod, so that a call to the address is treated as a call to the Service. Unknown where
 * Services were not read, or one has endpoints that somebody writes by hand.
 * Source: istio pilot/pkg/networking/core/listener.go, buildSidecarOutboundListeners.
 */
export function headlessListeners(view: ProxyView, server: ServerEnd): Fact<readonly ServiceListener[]> {
  const { namespace } = server.workload;
  const { gap } = view.world.listIn(KIND.service, namespace);
  if (gap !== undefined) return unknown(gap);
  const listeners = servicesIn(view.world, namespace).flatMap((service) =>
    service.headless
      ? service.ports.filter((port) => listensAt(port, server.port)).map((port) => ({ service, port }))
      : [],
  );
  const byHand = listeners.find(({ service }) => service.selector === undefined);
  if (byHand !== undefined)
    return unknown(
      `whether the pod is an endpoint of headless Service ${byHand.service.name}, which has no selector, is not known`,
    );
  return known(listeners.filter(({ service }) => selectsLabels(service, server.cohort.pod.labels)));
}

function listensAt(port: ServicePort, called: number): boolean {
  const { declared } = portProtocol(port);
  return port.port === called && (declared === 'TCP' || declared === 'AUTO');
}
