import type { Container, Probe } from '../world/pod-shape.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { podsOf } from './find-workloads.ts';
import { fromOutsider, joinFound, stateCall, toPodPort, type FoundCalls } from './found-calls.ts';
import { isProxyContainer } from '../world/proxy-containers.ts';

/** Istio's agent answers these for the application; the kubelet never reaches its port. */
const REWRITTEN = /^\/app-health\//;

/** The kubelet's calls to pods: probes over HTTP, TCP and gRPC; a command that runs inside the pod is no call. */
export function declaredProbes(world: World): FoundCalls {
  return joinFound(workloadsOf(world).map(probesOf));
}

function probesOf(workload: Workload): FoundCalls {
  const containers = podsOf(workload).flatMap((pod) =>
    [...pod.initContainers, ...pod.containers].filter(({ name }) => !isProxyContainer(name, pod)),
  );
  return joinFound(
    containers.flatMap((container) => container.probes.map((probe) => fromProbe(workload, container, probe))),
  );
}

function fromProbe(workload: Workload, container: Container, probe: Probe): FoundCalls {
  if (probe.handler === 'exec' || REWRITTEN.test(probe.path ?? '')) return joinFound([]);
  const source = `${workload.kind} ${workload.namespace}/${workload.name} container ${container.name} ${probe.phase}Probe`;
  if (probe.port === undefined) {
    return {
      calls: [],
      unresolved: [{ source, reason: `${formatWorkload(workload)} has no container port of that name` }],
    };
  }
  const call = stateCall({
    from: fromOutsider('kubelet'),
    to: toPodPort(workload, probe.port),
    phase: 'probe',
    protocol: protocolOf(probe),
    request: probe.handler === 'http' ? { method: 'GET', path: probe.path ?? '/' } : undefined,
    evidence: { kind: 'declared', source, detail: `${probe.handler} probe of port ${String(probe.port)}` },
  });
  return { calls: [call], unresolved: [] };
}

function protocolOf(probe: Probe): string {
  return probe.scheme?.toUpperCase() === 'HTTPS' ? 'tls' : probe.handler;
}
