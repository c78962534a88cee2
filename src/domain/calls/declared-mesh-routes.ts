import { asObject, asObjects, asText, asTextMap, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { externalPorts } from './external-ports.ts';
import { workloadsSelected } from './find-workloads.ts';
import { foundCalls, fromWorkload, joinFound, stateCall, type FoundCalls } from './found-calls.ts';
import { hostTarget } from './host-target.ts';

const PROTOCOLS = ['http', 'tls', 'tcp'] as const;

/**
 * The calls that VirtualServices of the mesh say by naming their callers: a route for pods with certain labels is there
 * because these call its host. Routes for everybody say nothing about who calls.
 * Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest.
 */
export function declaredMeshRoutes(world: World): FoundCalls {
  return joinFound(world.list(KIND.virtualService).objects.map((object) => fromVirtualService(world, object)));
}

function fromVirtualService(world: World, object: KubeObject): FoundCalls {
  const gateways = asTexts(at(object.spec, 'gateways'));
  const isOfMesh = gateways.length === 0 || gateways.includes('mesh');
  const hosts = asTexts(at(object.spec, 'hosts')).filter((host) => !host.includes('*'));
  const matches = PROTOCOLS.flatMap((protocol) =>
    asObjects(at(object.spec, protocol)).flatMap((route) =>
      asObjects(route['match']).map((match) => ({ protocol, match })),
    ),
  );
  return joinFound(
    matches.flatMap(({ protocol, match }) => {
      const own = asTexts(match['gateways']);
      if (own.length === 0 ? !isOfMesh : !own.includes('mesh')) return [];
      const callers = callersOf(world, match);
      return hosts.flatMap((host) => callers.map((caller) => toHost(world, caller, { object, host, match, protocol })));
    }),
  );
}

function callersOf(world: World, match: JsonObject): readonly Workload[] {
  const matchLabels = asTextMap(match['sourceLabels']);
  if (asObject(match['sourceLabels']) === undefined || Object.keys(matchLabels).length === 0) return [];
  const namespace = asText(match['sourceNamespace']);
  const namespaces = namespace === undefined || namespace === '' ? world.namespaces() : [namespace];
  return namespaces.flatMap((each) =>
    workloadsSelected(world, each, { matchLabels, matchExpressions: [] }).map(({ workload }) => workload),
  );
}

interface MatchedHost {
  readonly object: KubeObject;
  readonly host: string;
  readonly match: JsonObject;
  readonly protocol: string;
}

/** Short names are looked up from the VirtualService's namespace, not from the caller's. */
function toHost(world: World, caller: Workload, { object, host, match, protocol }: MatchedHost): FoundCalls {
  const source = formatRef(refOf(object));
  const port = typeof match['port'] === 'number' ? match['port'] : undefined;
  const registered = port === undefined ? externalPorts(world, host).map((each) => each.port) : [port];
  const asked = registered.length === 0 ? [undefined] : registered;
  return joinFound(
    asked.map((number) => {
      const token = { source: 'hosts', host, ...(number === undefined ? {} : { port: number }) };
      const { targets, reason } = hostTarget(world, token, object.metadata.namespace ?? '');
      const detail = `routes ${host} for pods with the labels of ${caller.name}`;
      const evidence = { kind: 'declared', source, detail } as const;
      const calls = targets.map((to): Call => stateCall({ from: fromWorkload(caller), to, protocol, evidence }));
      return reason === undefined
        ? foundCalls(calls)
        : { calls, unresolved: [{ source, reason: `${host}: ${reason}` }] };
    }),
  );
}
