import { asBoolean, asNumber, asObjects, asText, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { matchesSelector, parseLabelSelector } from '../kubernetes/label-selector.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { PodShape } from '../world/pod-shape.ts';
import { servicesIn, type Service } from '../world/service.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { containerPorts, workloadsBehind } from './find-services.ts';
import { workloadsSelected } from './find-workloads.ts';
import { foundNothing, joinFound, type FoundCalls } from './found-calls.ts';
import { scrapeCalls } from './scraped-by.ts';

interface Monitored {
  readonly monitor: KubeObject;
  readonly endpoint: JsonObject;
  readonly workload: Workload;
  readonly ports: readonly number[];
}

/**
 * Scrapes that ServiceMonitors and PodMonitors ask for, at the container port that each endpoint names.
 * Source: https://prometheus-operator.dev/docs/api-reference/api/.
 */
export function declaredMonitors(world: World): FoundCalls {
  return joinFound([
    ...world.list(KIND.serviceMonitor).objects.map((monitor) => ofServiceMonitor(world, monitor)),
    ...world.list(KIND.podMonitor).objects.map((monitor) => ofPodMonitor(world, monitor)),
  ]);
}

function ofServiceMonitor(world: World, monitor: KubeObject): FoundCalls {
  const selector = parseLabelSelector(at(monitor.spec, 'selector'));
  const endpoints = asObjects(at(monitor.spec, 'endpoints'));
  const services = namespacesOf(world, monitor)
    .flatMap((namespace) => servicesIn(world, namespace))
    .filter((service) => matchesSelector(selector, service.object.metadata.labels));
  return joinFound(
    services.flatMap((service) =>
      workloadsBehind(world, service).flatMap(({ workload, pods }) =>
        endpoints.map((endpoint) =>
          toCalls(world, { monitor, endpoint, workload, ports: servicePorts(service, endpoint, pods) }),
        ),
      ),
    ),
  );
}

function ofPodMonitor(world: World, monitor: KubeObject): FoundCalls {
  const selector = parseLabelSelector(at(monitor.spec, 'selector'));
  const endpoints = asObjects(at(monitor.spec, 'podMetricsEndpoints'));
  return joinFound(
    namespacesOf(world, monitor).flatMap((namespace) =>
      workloadsSelected(world, namespace, selector).flatMap(({ workload, pods }) =>
        endpoints.map((endpoint) => toCalls(world, { monitor, endpoint, workload, ports: podPorts(endpoint, pods) })),
      ),
    ),
  );
}

function toCalls(world: World, { monitor, endpoint, workload, ports }: Monitored): FoundCalls {
  const source = `${monitor.kind} ${monitor.metadata.namespace ?? ''}/${monitor.metadata.name}`;
  const asked = [endpoint['port'], endpoint['portNumber'], endpoint['targetPort']].find((port) => port !== undefined);
  if (asked === undefined)
    return foundNothing(source, 'an endpoint names no port, so its relabelling decides what is scraped');
  const port = asText(asked) ?? String(asNumber(asked) ?? '');
  if (ports.length === 0) {
    return {
      calls: [],
      unresolved: [{ source, reason: `${workload.namespace}/${workload.kind}/${workload.name} has no port ${port}` }],
    };
  }
  const path = asText(endpoint['path']);
  const scheme = asText(endpoint['scheme']);
  return scrapeCalls(world, { workload, ports, path, scheme, source, detail: `endpoint port ${port}` });
}

function namespacesOf(world: World, monitor: KubeObject): readonly string[] {
  const selector = at(monitor.spec, 'namespaceSelector');
  if (asBoolean(at(selector, 'any')) === true) return world.namespaces();
  const names = asTexts(at(selector, 'matchNames'));
  return names.length > 0 ? names : [monitor.metadata.namespace ?? ''];
}

function servicePorts(service: Service, endpoint: JsonObject, pods: readonly PodShape[]): readonly number[] {
  const name = asText(endpoint['port']);
  if (name === undefined) return podPorts(endpoint, pods);
  return service.ports.filter((port) => port.name === name).flatMap((port) => containerPorts(port, pods));
}

function podPorts(endpoint: JsonObject, pods: readonly PodShape[]): readonly number[] {
  const number = asNumber(endpoint['portNumber']) ?? asNumber(endpoint['targetPort']);
  if (number !== undefined) return [number];
  const name = asText(endpoint['port']) ?? asText(endpoint['targetPort']);
  const named = pods.flatMap((pod) =>
    [...pod.containers, ...pod.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')].flatMap(
      ({ ports }) => ports.filter((port) => port.name === name),
    ),
  );
  return name === undefined ? [] : [...new Set(named.map(({ port }) => port))];
}
