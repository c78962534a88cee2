import { asObjects, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { servicesOf, type ServicePort } from '../../world/service.ts';
import type { AssessInput } from '../assessment.ts';
import { containersWhere } from './containers.ts';
import { joined, lookFor, type Evaluators, type Look, type Sign } from './signs.ts';

/** What the cluster shows of routing, balancing and telemetry. Strengths are our judgement. */
export const TRAFFIC: Evaluators = {
  'l7-traffic': routing,
  'grpc-lb-resilience': balancing,
  'uniform-l7-metrics': telemetry,
};

function routing({ world }: AssessInput): Look {
  return lookFor(world, [
    { kind: KIND.virtualService, strength: () => 0.7, rule: 'calls are routed by L7 rules' },
    {
      kind: KIND.rollout,
      strength: (object) => (at(object.spec, 'strategy', 'canary') === undefined ? undefined : 0.7),
      field: 'spec.strategy.canary',
      rule: 'versions are rolled out as canaries',
    },
    { kind: KIND.canary, strength: () => 0.7, rule: 'versions are rolled out as canaries' },
    { kind: KIND.httpRoute, strength: routeStrength, field: 'spec.rules', rule: 'routes split or match requests' },
    {
      kind: KIND.ingress,
      strength: (object) =>
        object.metadata.annotations['nginx.ingress.kubernetes.io/canary'] === 'true' ? 0.5 : undefined,
      field: 'metadata.annotations',
      rule: 'the edge splits traffic for a canary',
    },
  ]);
}

function routeStrength(object: KubeObject): number | undefined {
  const rules = asObjects(at(object.spec, 'rules'));
  const splits = rules.some((rule) => asObjects(rule['backendRefs']).length > 1);
  const matches = rules.some((rule) => asObjects(rule['matches']).some((match) => match['headers'] !== undefined));
  return splits || matches ? 0.6 : undefined;
}

function balancing({ world, calls }: AssessInput): Look {
  const ports = servicesOf(world).flatMap((service) => service.ports);
  const grpc = ports.filter(isGrpc).length;
  const gap = world.list(KIND.service).gap;
  const signs: Sign[] = [];
  if (grpc > 0) {
    const value = `${String(grpc)} of ${String(ports.length)}`;
    const rule = 'long-lived connections need balancing per request';
    const share = gap === undefined ? grpc / ports.length : 0;
    signs.push({ value: 0.4 + 0.6 * share, evidence: { field: 'Service ports with gRPC or HTTP/2', value, rule } });
  }
  if (calls !== undefined && calls.grpc > 0) {
    const evidence = { field: 'calls', value: String(calls.grpc), rule: 'calls speak gRPC' };
    signs.push({ value: 0.5, evidence });
  }
  return { signs, gaps: gap === undefined ? [] : [gap] };
}

function isGrpc(port: ServicePort): boolean {
  const protocol = port.appProtocol ?? port.name ?? '';
  return /^(grpc|http2|h2c|kubernetes\.io\/h2c)(-|$)/.test(protocol);
}

function telemetry({ world }: AssessInput): Look {
  const objects = lookFor(world, [
    { kind: 'opentelemetry.io/OpenTelemetryCollector', strength: () => 0.5, rule: 'traces are collected' },
    { kind: 'jaegertracing.io/Jaeger', strength: () => 0.5, rule: 'traces are kept' },
    { kind: KIND.serviceMonitor, strength: () => 0.3, rule: 'services are measured one by one' },
    { kind: KIND.podMonitor, strength: () => 0.3, rule: 'pods are measured one by one' },
  ]);
  const containers = containersWhere(world, (container) =>
    /(jaeger|opentelemetry-collector|tempo|zipkin)/.test(container.image)
      ? { value: 0.5, rule: 'traces are collected' }
      : undefined,
  );
  return joined([objects, containers]);
}
