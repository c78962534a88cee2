import { asNumber, asObject, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { kindOf } from '../kubernetes/object.ts';
import { podSpecOf } from '../world/admit-template.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { foundNothing, fromOutsider, joinFound, foundCalls, stateCall, toPodPort } from './found-calls.ts';
import type { FoundCalls } from './found-calls.ts';
import { isProxyContainer } from '../world/proxy-containers.ts';

/** Istio's agent runs these for the application; the kubelet never reaches its port. */
const REWRITTEN = /^\/app-(health|lifecycle)\//;

const HOOKS = [
  { name: 'postStart', phase: 'start' },
  { name: 'preStop', phase: 'stop' },
] as const;

/**
 * The kubelet's calls to containers that start or stop, over HTTP and TCP, as templates and lone pods say: where a
 * `postStart` hook fails, the container is killed.
 */
export function declaredHooks(world: World): FoundCalls {
  return joinFound(workloadsOf(world).map(hooksOf));
}

function hooksOf(workload: Workload): FoundCalls {
  const { object } = workload;
  const containers = asObjects(at(podSpecOf(kindOf(object), object), 'containers'));
  return joinFound(
    containers
      .filter((container) => !isProxyContainer(asText(container['name']) ?? '', workload.template))
      .flatMap((container) => HOOKS.map((hook) => fromHook(workload, container, hook))),
  );
}

function fromHook(workload: Workload, container: JsonObject, hook: (typeof HOOKS)[number]): FoundCalls {
  const handler = at(container, 'lifecycle', hook.name);
  const http = asObject(at(handler, 'httpGet'));
  const asked = http ?? asObject(at(handler, 'tcpSocket'));
  const path = asText(at(http, 'path')) ?? '/';
  // A hook may name another host than the pod's own.
  if (asked === undefined || asText(asked['host']) !== undefined || REWRITTEN.test(path)) return joinFound([]);
  const name = asText(container['name']) ?? '';
  const source = `${workload.kind} ${workload.namespace}/${workload.name} container ${name} ${hook.name}`;
  const port = portOf(asked['port'], container);
  if (port === undefined) return foundNothing(source, `${formatWorkload(workload)} has no container port of that name`);
  const tls = asText(asked['scheme'])?.toUpperCase() === 'HTTPS';
  const call = stateCall({
    from: fromOutsider('kubelet'),
    to: toPodPort(workload, port),
    phase: hook.phase,
    protocol: tls ? 'tls' : http === undefined ? 'tcp' : 'http',
    request: http === undefined ? undefined : { method: 'GET', path },
    evidence: { kind: 'declared', source, detail: `${hook.name} hook of port ${String(port)}` },
  });
  return foundCalls([call]);
}

function portOf(port: unknown, container: JsonObject): number | undefined {
  const named = asObjects(container['ports']).find(({ name }) => name === port && port !== undefined);
  return asNumber(port) ?? asNumber(named?.['containerPort']);
}
