import { asObjects, asTextMap, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { resolveTargetPort, selectsLabels, servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { ServerEnd } from '../mesh.ts';
import { UNCAPTURED_INBOUND_PORTS } from './injection/traffic-capture.ts';
import type { DeclaredPort } from './mtls/inbound-filter-chain.ts';
import { ageOf } from './mtls/creation-order.ts';
import { portProtocol } from './protocol/port-protocol.ts';
import { targetPortProtocol, type ServicePortClaim } from './protocol/target-port-protocol.ts';
import { visibleIn, type ProxyView } from './proxy-view.ts';

/** Services that lead to the server's container port, with the port that does. */
export function servicesLeadingTo(
  view: ProxyView,
  server: ServerEnd,
): readonly { readonly service: Service; readonly port: ServicePort }[] {
  const { pod } = server.cohort;
  return servicesIn(view.world, server.workload.namespace)
    .filter((service) => selectsLabels(service, pod.labels))
    .flatMap((service) =>
      service.ports.filter((port) => resolveTargetPort(port, pod) === server.port).map((port) => ({ service, port })),
    );
}

/**
 * How the server's proxy treats the container port: as the oldest Service declares it, `none` where no Service names
 * it. Unknown where Services disagree and their ages are not known, or a Sidecar resource has its own ingress list.
 */
export function declaredPort(view: ProxyView, server: ServerEnd): Fact<DeclaredPort> {
  const ingress = ownIngress(view, server);
  if (ingress !== undefined) return unknown(ingress);
  const { gap } = view.world.listIn(KIND.service, server.workload.namespace);
  const claims = servicesLeadingTo(view, server).map(({ service, port }): ServicePortClaim => ({
    name: service.name,
    namespace: service.namespace,
    age: ageOf(service.object),
    protocol: portProtocol(port),
  }));
  if (gap !== undefined) return unknown(gap);
  const protocol = targetPortProtocol(claims);
  return protocol.known ? known(protocol.value?.declared ?? 'none') : protocol;
}

function ownIngress(view: ProxyView, server: ServerEnd): string | undefined {
  const { objects, gap } = visibleIn(view, KIND.sidecar, server.workload.namespace);
  const found = objects.find(({ spec }) => {
    const selector = asTextMap(at(spec, 'workloadSelector', 'labels'));
    const selects = Object.entries(selector).every(([key, value]) => server.cohort.pod.labels[key] === value);
    return selects && asObjects(at(spec, 'ingress')).length > 0;
  });
  if (found === undefined) return gap;
  return `Sidecar ${found.metadata.namespace ?? ''}/${found.metadata.name} lists its own ingress listeners, which are not modelled`;
}

const INCLUDE = 'traffic.sidecar.istio.io/includeInboundPorts';
const EXCLUDE = 'traffic.sidecar.istio.io/excludeInboundPorts';

/** Why calls to the container port do not pass the server's proxy; undefined where they do. */
export function whyNotCaptured(server: ServerEnd): string | undefined {
  const port = String(server.port);
  if (UNCAPTURED_INBOUND_PORTS.includes(server.port))
    return `port ${port} belongs to the proxy's own agent and is never captured`;
  const { annotations } = server.cohort.pod;
  const excluded = listed(annotations[EXCLUDE]);
  if (excluded.includes(port)) return `annotation ${EXCLUDE} leaves port ${port} out`;
  const include = annotations[INCLUDE];
  if (include === undefined || include === '*') return undefined;
  return listed(include).includes(port) ? undefined : `annotation ${INCLUDE} does not name port ${port}`;
}

function listed(value: string | undefined): readonly string[] {
  return (value ?? '').split(',').map((part) => part.trim());
}
