import type { Call } from './call.ts';
import type { PodShape } from '../world/pod-shape.ts';
import { servicesOf, type Service } from '../world/service.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { podsOf } from './find-workloads.ts';
import { containerPorts, workloadsBehind } from './find-services.ts';
import { foundCalls, joinFound, type FoundCalls } from './found-calls.ts';
import { scrapeCalls } from './scraped-by.ts';

type Annotations = Readonly<Record<string, string>>;

const ANNOTATION = 'prometheus.io/';

/**
 * Scrapes that `prometheus.io/scrape` annotations of pods and Services ask for. A pod without `prometheus.io/port` is
 * scraped at each declared TCP port, a Service at the ports behind its own.
 * Source: https://github.com/prometheus-community/helm-charts, prometheus/values.yaml, kubernetes-pods and
 * kubernetes-service-endpoints.
 */
export function declaredScrapes(world: World): FoundCalls {
  const byPods = workloadsOf(world).flatMap((workload) => podsOf(workload).map((pod) => ofPod(world, workload, pod)));
  const byServices = servicesOf(world).map((service) => ofService(world, service));
  return joinFound([...byPods, ...byServices]);
}

const OF_POD = ' pod annotation prometheus.io/scrape';

/** Whether nothing but annotations of its pods asks for the call: injection may rewrite them, and so where it goes. */
export function isAnnotatedScrape({ evidence }: Pick<Call, 'evidence'>): boolean {
  return evidence.length > 0 && evidence.every(({ source }) => source.endsWith(OF_POD));
}

function ofPod(world: World, workload: Workload, pod: PodShape): FoundCalls {
  if (!isScraped(pod.annotations)) return foundCalls([]);
  const asked = portAsked(pod.annotations);
  const declared = pod.containers.flatMap(({ ports }) => ports.filter(({ protocol }) => protocol === 'TCP'));
  return scrapeCalls(world, {
    workload,
    ports: asked === undefined ? declared.map(({ port }) => port).filter((port) => port > 0) : [asked],
    path: pod.annotations[`${ANNOTATION}path`],
    scheme: pod.annotations[`${ANNOTATION}scheme`],
    source: `${workload.kind} ${workload.namespace}/${workload.name}${OF_POD}`,
    detail: asked === undefined ? 'no port given: each declared port' : `port ${String(asked)}`,
  });
}

function ofService(world: World, service: Service): FoundCalls {
  const { annotations } = service.object.metadata;
  if (!isScraped(annotations)) return foundCalls([]);
  const asked = portAsked(annotations);
  return joinFound(
    workloadsBehind(world, service).map(({ workload, pods }) =>
      scrapeCalls(world, {
        workload,
        ports: asked === undefined ? service.ports.flatMap((port) => containerPorts(port, pods)) : [asked],
        path: annotations[`${ANNOTATION}path`],
        scheme: annotations[`${ANNOTATION}scheme`],
        source: `Service ${service.namespace}/${service.name} annotation prometheus.io/scrape`,
        detail: asked === undefined ? 'no port given: each port' : `port ${String(asked)}`,
      }),
    ),
  );
}

function isScraped(annotations: Annotations): boolean {
  return annotations[`${ANNOTATION}scrape`] === 'true';
}

function portAsked(annotations: Annotations): number | undefined {
  const text = annotations[`${ANNOTATION}port`];
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}
