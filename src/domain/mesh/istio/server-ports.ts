import { asObject, asObjects, asTextMap, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { resolveTargetPort, selectsLabels, servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { ServerEnd } from '../mesh.ts';
import { captureSetting, captureSettingName, listedPorts } from './capture-settings.ts';
import { labelsInForce } from './labels-in-force.ts';
import { UNCAPTURED_INBOUND_PORTS } from './injection/traffic-capture.ts';
import type { DeclaredPort } from './mtls/inbound-filter-chain.ts';
import { ageOf } from './mtls/creation-order.ts';
import { portProtocol } from './protocol/port-protocol.ts';
import { targetPortProtocol, type ServicePortClaim } from './protocol/target-port-protocol.ts';
import { discovers, visibleIn, type ProxyView } from './proxy-view.ts';

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
  const other = unseen(view, server) ?? ownIngress(view, server) ?? entryOver(view, server);
  if (other !== undefined) return unknown(other);
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

/** Where istiod does not see the namespace, it knows none of the ports of its Services. */
function unseen(view: ProxyView, { workload }: ServerEnd): string | undefined {
  const seen = discovers(view, workload.namespace);
  if (!seen.known) return seen.reason;
  return seen.value ? undefined : `istiod's discoverySelectors leave out namespace ${workload.namespace}`;
}

/** A ServiceEntry over the pods declares ports too, which are not followed here. */
function entryOver(view: ProxyView, server: ServerEnd): string | undefined {
  const { objects, gap } = visibleIn(view, KIND.serviceEntry, server.workload.namespace);
  const found = objects.find(({ spec }) => {
    const labels = asObject(at(spec, 'workloadSelector', 'labels'));
    return labels !== undefined && carries(server, asTextMap(labels));
  });
  if (found === undefined) return gap;
  return `ServiceEntry ${found.metadata.namespace ?? ''}/${found.metadata.name} declares ports of these pods, which is not modelled`;
}

function carries(server: ServerEnd, selector: Readonly<Record<string, string>>): boolean {
  const labels = labelsInForce(server.workload, server.cohort);
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function ownIngress(view: ProxyView, server: ServerEnd): string | undefined {
  const { objects, gap } = visibleIn(view, KIND.sidecar, server.workload.namespace);
  const found = objects.find(({ spec }) => {
    const selector = asTextMap(at(spec, 'workloadSelector', 'labels'));
    return carries(server, selector) && asObjects(at(spec, 'ingress')).length > 0;
  });
  if (found === undefined) return gap;
  return `Sidecar ${found.metadata.namespace ?? ''}/${found.metadata.name} lists its own ingress listeners, which are not modelled`;
}

/**
 * Why calls to the container port do not pass the server's proxy; known undefined where they do. A list of ports to
 * take in is all that counts: exclusions hold only where every port is taken in, those of the proxy's own agent too.
 * Source: istio tools/istio-iptables/pkg/capture/run.go, handleInboundPortsInclude.
 */
export function whyNotCaptured(server: ServerEnd, values: Fact<JsonObject>): Fact<string | undefined> {
  const port = String(server.port);
  const { pod } = server.cohort;
  const included = captureSetting(pod, 'includeInboundPorts', values);
  const isNamed = included.known && listedPorts(included.value).includes(port);
  if (UNCAPTURED_INBOUND_PORTS.includes(server.port) && !isNamed)
    return known(`port ${port} belongs to the proxy's own agent, which capture leaves out`);
  if (!included.known) return included;
  // The chart's empty value stands for all ports, an empty annotation for none.
  const isAll = included.value === '' ? pod.annotations[INCLUDE] === undefined : (included.value ?? '*') === '*';
  if (isNamed) return known(undefined);
  if (!isAll) return known(`${captureSettingName(pod, 'includeInboundPorts')} does not name port ${port}`);
  const excluded = captureSetting(pod, 'excludeInboundPorts', values);
  if (!excluded.known) return excluded;
  if (!listedPorts(excluded.value).includes(port)) return known(undefined);
  return known(`${captureSettingName(pod, 'excludeInboundPorts')} leaves port ${port} out`);
}

const INCLUDE = 'traffic.sidecar.istio.io/includeInboundPorts';
