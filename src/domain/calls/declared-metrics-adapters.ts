import { asText, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { Workload } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { configuredHosts } from './configured-hosts.ts';
import { findService, workloadsBehind } from './find-services.ts';
import { podsOf } from './find-workloads.ts';
import { foundCalls, foundNothing, fromWorkload, joinFound, stateCall, type FoundCalls } from './found-calls.ts';
import { callablePorts, targetsAtPodPort } from './pod-port-targets.ts';
import { scrapersOf } from './scraped-by.ts';

const SERVED = /^(custom|external)\.metrics\.k8s\.io$/;
const ADAPTER = /prometheus-adapter/;

/**
 * The calls of metrics adapters: the Prometheus adapter, which answers for an aggregated API of metrics, asks Prometheus.
 * Probable alone, as it is told by its image, where its configuration does not name whom it asks; what KEDA asks for a
 * ScaledObject is not kept and is named in `unresolved`.
 * Source: https://github.com/kubernetes-sigs/prometheus-adapter.
 */
export function declaredMetricsAdapters(world: World): FoundCalls {
  const byApi = world.list(KIND.apiService).objects.filter(({ spec }) => SERVED.test(asText(at(spec, 'group')) ?? ''));
  const adapters = byApi.map((api) =>
    joinFound(workloadsServing(world, api).map((each) => ofAdapter(world, each, api))),
  );
  const scaled = world
    .list(KIND.scaledObject)
    .objects.map((object) =>
      foundNothing(formatRef(refOf(object)), 'KEDA asks the sources of its triggers, which are not kept'),
    );
  return joinFound([...adapters, ...scaled]);
}

function workloadsServing(world: World, api: KubeObject): readonly Workload[] {
  const service = at(api.spec, 'service');
  const found = findService(world, asText(at(service, 'namespace')) ?? '', asText(at(service, 'name')) ?? '');
  return found === undefined ? [] : workloadsBehind(world, found).map(({ workload }) => workload);
}

function ofAdapter(world: World, adapter: Workload, api: KubeObject): FoundCalls {
  const isAdapter = podsOf(adapter).some((pod) => pod.containers.some(({ image }) => ADAPTER.test(image)));
  if (!isAdapter || configuredHosts(world, adapter).length > 0) return joinFound([]);
  const source = formatRef(refOf(api));
  const servers = scrapersOf(world).flatMap((from) => {
    const workload = from.kind === 'workload' ? findWorkload(world, from.workload) : undefined;
    return workload === undefined ? [] : [{ workload, pods: podsOf(workload) }];
  });
  if (servers.length === 0) return foundNothing(source, 'its adapter asks a Prometheus that is not here');
  const evidence = { kind: 'inferred', source, detail: `${adapter.name} asks Prometheus for the metrics` } as const;
  return foundCalls(
    servers.flatMap((server) =>
      callablePorts(world, server)
        .flatMap((port) => targetsAtPodPort(world, server, { port, protocol: 'TCP' }))
        .map((to): Call => stateCall({ from: fromWorkload(adapter), to, protocol: 'http', evidence })),
    ),
  );
}
