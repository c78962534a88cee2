import { asText, at } from '../../lib/json.ts';
import { formatRef, refOf } from '../kubernetes/object.ts';
import { providerOf } from '../world/platform/distribution.ts';
import { servicesOf, type Service, type ServicePort } from '../world/service.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { workloadsBehind } from './find-services.ts';
import { foundCalls, fromOutsider, stateCall, toPodPort, type FoundCalls } from './found-calls.ts';

const AWS = 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-';
const AWS_TARGETS = 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type';
const AWS_TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type';
const AZURE = 'service.beta.kubernetes.io/azure-load-balancer-health-probe-';
const AZURE_PORT = 'service.beta.kubernetes.io/port_';

/** What a load balancer asks a Service to learn whether it works. */
interface Check {
  readonly port: ServicePort;
  /** A port of the pods that is asked instead. */
  readonly podPort?: number;
  readonly protocol: string;
  readonly path?: string;
  readonly detail: string;
}

/**
 * The health checks of the load balancers before Services of type LoadBalancer that ask over HTTP, or at another port
 * than the traffic's: as annotations for AWS and Azure say, and on Azure as the port's `appProtocol` does. With
 * `externalTrafficPolicy: Local` the node is asked (`healthCheckNodePort`) and no pod is.
 * Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#health-check,
 * https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/#custom-load-balancer-health-probe.
 */
export function declaredBalancerProbes(world: World): FoundCalls {
  const balanced = servicesOf(world).filter(({ type }) => type === 'LoadBalancer');
  if (balanced.length === 0) return foundCalls([]);
  const provider = providerOf(world);
  const onAzure = provider.known && provider.value.name === 'azure';
  return foundCalls(
    balanced.flatMap((service) =>
      [...byAws(service), ...byAzure(service, onAzure)].flatMap((check) => toCalls(world, service, check)),
    ),
  );
}

function byAws(service: Service): readonly Check[] {
  const { annotations } = service.object.metadata;
  const setting = (name: string): string | undefined => annotations[AWS + name];
  const asked = ['protocol', 'port', 'path'].some((name) => setting(name) !== undefined);
  const [first] = service.ports;
  if (!asked || first === undefined) return [];
  const protocol = setting('protocol')?.toLowerCase() ?? (setting('path') === undefined ? 'tcp' : 'http');
  const number = Number(setting('port'));
  if (number === at(service.object.spec, 'healthCheckNodePort')) return [];
  const named = service.ports.find(({ nodePort }) => nodePort === number);
  const isOwn = Number.isInteger(number) && number > 0 && named === undefined;
  if (isOwn && !asksPods(annotations)) return [];
  // Asked for at the traffic's port, a node that keeps traffic to itself answers for its pods.
  if (!isOwn && named === undefined && isLocal(service)) return [];
  const ports = named !== undefined ? [named] : isOwn ? [first] : service.ports;
  return ports.map((port) => ({
    port,
    ...(isOwn ? { podPort: number } : {}),
    ...spoken(protocol, setting('path')),
    detail: `health check of an AWS load balancer, port ${setting('port') ?? 'traffic-port'}`,
  }));
}

function byAzure(service: Service, onAzure: boolean): readonly Check[] {
  const { annotations } = service.object.metadata;
  const isAsked = Object.keys(annotations).some((key) => key.startsWith(AZURE) || key.includes('_health-probe_'));
  if ((!isAsked && !onAzure) || isLocal(service)) return [];
  return service.ports.flatMap((port): readonly Check[] => {
    const own = (name: string): string | undefined => annotations[`${AZURE_PORT}${String(port.port)}_${name}`];
    if (port.protocol !== 'TCP' || own('no_probe_rule') === 'true') return [];
    const protocol = own('health-probe_protocol') ?? annotations[`${AZURE}protocol`] ?? port.appProtocol ?? 'tcp';
    const path = own('health-probe_request-path') ?? annotations[`${AZURE}request-path`];
    const askedPort = own('health-probe_port') ?? annotations[`${AZURE}port`];
    const target = service.ports.find(({ port: number, name }) => askedPort === String(number) || askedPort === name);
    const detail = `health probe of an Azure load balancer, port ${askedPort ?? String(port.port)}`;
    const node = service.ports.find(({ nodePort }) => nodePort !== undefined && askedPort === String(nodePort));
    return [{ port: target ?? node ?? port, ...spoken(protocol.toLowerCase(), path), detail }];
  });
}

function spoken(protocol: string, path: string | undefined): Pick<Check, 'protocol' | 'path'> {
  if (protocol !== 'http' && protocol !== 'https') return { protocol: 'tcp' };
  return { protocol: protocol === 'https' ? 'tls' : 'http', path: path ?? '/' };
}

/** Else nodes are asked, and a port that is none of the Service's own is somebody else's. */
function asksPods(annotations: Readonly<Record<string, string>>): boolean {
  return annotations[AWS_TARGETS] === 'ip' || annotations[AWS_TYPE] === 'nlb-ip';
}

function isLocal({ object }: Service): boolean {
  return asText(at(object.spec, 'externalTrafficPolicy')) === 'Local';
}

/** A check that only connects at the traffic's port does what the traffic does. */
function toCalls(world: World, service: Service, check: Check): readonly Call[] {
  const { port, podPort, protocol, path, detail } = check;
  if (path === undefined && podPort === undefined) return [];
  const { namespace, name } = service;
  const targets =
    podPort === undefined
      ? [{ kind: 'service-port', namespace, service: name, port: port.port } as const]
      : workloadsBehind(world, service).map(({ workload }) => toPodPort(workload, podPort));
  return targets.map((to) =>
    stateCall({
      from: fromOutsider('load-balancer', 'health check'),
      to,
      protocol,
      request: path === undefined ? undefined : { method: 'GET', path },
      evidence: { kind: 'declared', source: formatRef(refOf(service.object)), detail },
    }),
  );
}
