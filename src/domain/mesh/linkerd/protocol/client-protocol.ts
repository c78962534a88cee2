import { known, mapFact, type Fact } from '../../../world/fact.ts';
import type { Service, ServicePort } from '../../../world/service.ts';
import { OPAQUE_PORTS } from '../names.ts';
import { opaquePortsOfService } from '../opaque-ports/effective.ts';
import { goPortRanges, holdsPort, rustPortRanges } from '../opaque-ports/port-lists.ts';

/** How a meshed client's proxy treats a connection; with `detect` it waits for the client's first bytes. */
export type ClientProtocol = 'detect' | 'HTTP/1' | 'HTTP/2' | 'opaque';

/** How long a proxy waits for the first bytes before it takes a connection as opaque. Source: linkerd2-proxy linkerd/app/src/env.rs. */
export const DETECT_SECONDS = 10;

/** A Service as far as its protocol goes. */
export interface CalledService extends Pick<Service, 'ports'> {
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * What a Service port's `appProtocol` means to meshed clients since 2.18: a value that Linkerd does not know, such as
 * `grpc` or `https`, makes the port opaque. Undefined where there is none.
 * Source: linkerd2 policy-controller/core/src/outbound.rs#AppProtocol::from_str.
 */
export function protocolByAppProtocol(appProtocol: string | undefined): ClientProtocol | undefined {
  if (appProtocol === undefined) return undefined;
  switch (appProtocol.toLowerCase()) {
    case 'http':
      return 'HTTP/1';
    case 'kubernetes.io/h2c':
      return 'HTTP/2';
    default:
      return 'opaque';
  }
}

/**
 * How a meshed client treats calls to a Service's cluster address: opaque where the destination controller says so, else
 * as `appProtocol` says, else opaque where the policy controller says so, else it detects. Unknown where the chart's
 * list would decide and is not known.
 * Source: linkerd2-proxy linkerd/app/outbound/src/sidecar.rs, linkerd2 policy-controller/k8s/index/src/outbound/index.rs.
 */
export function protocolToService(
  service: CalledService,
  port: Pick<ServicePort, 'port' | 'appProtocol'>,
  chartList: Fact<string>,
): Fact<ClientProtocol> {
  const byProfile = opaquePortsOfService(service, chartList);
  const written = protocolByAppProtocol(port.appProtocol);
  if (!byProfile.known) return written === 'opaque' ? known(written) : byProfile;
  if (holdsPort(byProfile.value, port.port)) return known('opaque');
  if (written !== undefined) return known(written);
  return mapFact(policyList(service, chartList), (list) =>
    holdsPort(rustPortRanges(list), port.port) ? 'opaque' : 'detect',
  );
}

/** How a meshed client treats calls to a pod's own address, where no `appProtocol` is read. */
export function protocolToEndpoint(opaque: boolean): ClientProtocol {
  return opaque ? 'opaque' : 'detect';
}

/** Whether an address that is no pod's and no Service's is on the chart's list of opaque ports. */
export function isOpaqueByChart(port: number, chartList: string): boolean {
  return holdsPort(goPortRanges(chartList), port);
}

function policyList(service: CalledService, chartList: Fact<string>): Fact<string> {
  const own = service.annotations[OPAQUE_PORTS];
  return own === undefined ? chartList : known(own);
}

/**
 * Whether a meshed client's call to a Service's cluster address goes anywhere: since 2.19 a port that the Service does
 * not define is refused. Source: linkerd2 pull request 14149.
 */
export function isDefinedPort(ports: readonly Pick<ServicePort, 'port'>[], called: number): boolean {
  return ports.some(({ port }) => port === called);
}
