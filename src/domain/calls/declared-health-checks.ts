import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { PodShape } from '../world/pod-shape.ts';
import type { ServicePort } from '../world/service.ts';
import type { World } from '../world/world.ts';
import { callsToBackend, type Backend } from './backend-targets.ts';
import type { Call } from './call.ts';
import { containerPorts, findService, workloadsBehind } from './find-services.ts';
import {
  foundCalls,
  foundNothing,
  fromOutsider,
  joinFound,
  stateCall,
  toPodPort,
  type FoundCalls,
} from './found-calls.ts';
import { ingressBackends } from './ingress-backends.ts';
import { ingressFamily } from './ingress-controllers.ts';

const ALB = 'alb.ingress.kubernetes.io/healthcheck-';
const BACKEND_CONFIG = /^(beta\.)?cloud\.google\.com\/backend-config$/;

/**
 * The health checks of cloud load balancers that stand before Ingresses: an ALB asks each backend at the traffic's port
 * for `/` unless annotations of the Service or the Ingress say otherwise; GKE's asks what the readiness probe of that
 * port asks, else `/`.
 * Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#health-check,
 * https://cloud.google.com/kubernetes-engine/docs/concepts/ingress#health_checks.
 */
export function declaredHealthChecks(world: World): FoundCalls {
  return joinFound(world.list(KIND.ingress).objects.map((ingress) => checksOf(world, ingress)));
}

function checksOf(world: World, ingress: KubeObject): FoundCalls {
  const family = ingressFamily(world, ingress);
  const backends = ingressBackends(ingress).map(({ backend }) => backend);
  if (family === 'alb') return joinFound(backends.map((backend) => byAlb(world, ingress, backend)));
  if (family === 'gce') return joinFound(backends.map((backend) => byGoogle(world, ingress, backend)));
  return joinFound([]);
}

function byAlb(world: World, ingress: KubeObject, backend: Backend): FoundCalls {
  const service = findService(world, backend.namespace, backend.service);
  const setting = (name: string): string | undefined =>
    service?.object.metadata.annotations[ALB + name] ?? ingress.metadata.annotations[ALB + name];
  const protocol = setting('protocol')?.toUpperCase() === 'HTTPS' ? 'tls' : 'http';
  const request = { method: 'GET', path: setting('path') ?? '/' };
  const port = setting('port') ?? 'traffic-port';
  const check = { ingress, protocol, request, detail: `health check of an ALB, port ${port}` };
  if (service === undefined || port === 'traffic-port') return toBackend(world, backend, check);
  const number = Number(port);
  if (!Number.isInteger(number))
    return foundNothing(formatRef(refOf(ingress)), `health check port ${port} is not followed`);
  const node = service.ports.find(({ nodePort }) => nodePort === number);
  if (node !== undefined) return toBackend(world, { ...backend, port: node.port }, check);
  const servers = workloadsBehind(world, service).map(({ workload }) => workload);
  return foundCalls(servers.map((workload) => stateCall({ ...statementOf(check), to: toPodPort(workload, number) })));
}

function byGoogle(world: World, ingress: KubeObject, backend: Backend): FoundCalls {
  const service = findService(world, backend.namespace, backend.service);
  if (service === undefined) return joinFound([]);
  const configured = Object.keys(service.object.metadata.annotations).some((key) => BACKEND_CONFIG.test(key));
  const named = service.ports.filter(({ port, name }) => backend.port === port || backend.port === name);
  const pods = workloadsBehind(world, service).flatMap((each) => each.pods);
  return joinFound(
    named.map((port) => {
      const path = readinessPath(port, pods) ?? '/';
      const detail = configured
        ? 'health check of a Google load balancer, as a BackendConfig says that is not read'
        : 'health check of a Google load balancer';
      const request = configured ? undefined : { method: 'GET', path };
      return toBackend(world, { ...backend, port: port.port }, { ingress, protocol: 'http', request, detail });
    }),
  );
}

/** What the readiness probe of the container behind a Service port asks for. */
function readinessPath(port: ServicePort, pods: readonly PodShape[]): string | undefined {
  const numbers = containerPorts(port, pods);
  const probes = pods.flatMap((pod) => pod.containers.flatMap((container) => container.probes));
  return probes.find(
    (probe) =>
      probe.phase === 'readiness' &&
      probe.handler === 'http' &&
      probe.port !== undefined &&
      numbers.includes(probe.port),
  )?.path;
}

interface Check {
  readonly ingress: KubeObject;
  readonly protocol: string;
  readonly request: Call['request'];
  readonly detail: string;
}

function toBackend(world: World, backend: Backend, check: Check): FoundCalls {
  const { from, evidence, protocol, request } = statementOf(check);
  const { calls, unresolved } = callsToBackend(world, backend, { senders: [from], evidence, protocol });
  return { calls: calls.map(({ to }) => stateCall({ from, to, evidence, protocol, request })), unresolved };
}

function statementOf({ ingress, protocol, request, detail }: Check) {
  const source = formatRef(refOf(ingress));
  return {
    from: fromOutsider('load-balancer', 'health check'),
    evidence: { kind: 'declared', source, detail },
    protocol,
    request,
  } as const;
}
