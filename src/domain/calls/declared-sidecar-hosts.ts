import { asNumber, asObjects, asTextMap, asTexts, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { Call, CallEvidence } from './call.ts';
import { externalPorts } from './external-ports.ts';
import { workloadsSelected } from './find-workloads.ts';
import { foundCalls, foundNothing, fromWorkload, joinFound, stateCall, type FoundCalls } from './found-calls.ts';
import { hostTarget } from './host-target.ts';
import { serversOf } from './resolve-target.ts';
import { istioSettings } from './istio-settings.ts';

/** Above this many workloads a list of hosts says too little of each of them. */
const MOST_CALLERS = 20;

/**
 * The calls that Istio's Sidecars name: to the hosts that a workload's egress lists one by one. Where the Sidecar is for
 * several workloads of its namespace each is only probable to call all of the hosts. Wildcards tell of no call.
 * Source: https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener.
 */
export function declaredSidecarHosts(world: World): FoundCalls {
  const { objects } = world.list(KIND.sidecar);
  if (objects.length === 0) return foundCalls([]);
  const roots = istioSettings(world).rootNamespaces;
  const sidecars = objects.filter(({ metadata }) => !roots.includes(metadata.namespace ?? ''));
  return joinFound(sidecars.map((sidecar) => fromSidecar(world, sidecar)));
}

function fromSidecar(world: World, sidecar: KubeObject): FoundCalls {
  const namespace = sidecar.metadata.namespace ?? '';
  const source = formatRef(refOf(sidecar));
  const matchLabels = asTextMap(at(sidecar.spec, 'workloadSelector', 'labels'));
  const hosts = asObjects(at(sidecar.spec, 'egress')).flatMap((listener) => {
    const port = asNumber(at(listener, 'port', 'number'));
    return asTexts(listener['hosts']).flatMap((text) => hostOf(text, port));
  });
  if (hosts.length === 0) return joinFound([]);
  const callers = workloadsSelected(world, namespace, { matchLabels, matchExpressions: [] }).map(
    (each) => each.workload,
  );
  if (callers.length > MOST_CALLERS) {
    const names = hosts.map(({ host }) => host).join(', ');
    return foundNothing(source, `some of ${String(callers.length)} workloads call ${names}; it is not told which`);
  }
  const isExact = callers.length === 1 || Object.keys(matchLabels).length > 0;
  return joinFound(
    callers.flatMap((caller) => hosts.map((host) => toHost(world, caller, { ...host, source, isExact }))),
  );
}

interface EgressHost {
  readonly host: string;
  readonly port: number | undefined;
}

/** The host of `NAMESPACE/HOST`, unless it is a pattern. */
function hostOf(text: string, port: number | undefined): readonly EgressHost[] {
  const host = text.slice(text.indexOf('/') + 1);
  return host === '' || host.includes('*') || host.includes('~') ? [] : [{ host, port }];
}

function toHost(
  world: World,
  caller: Workload,
  { host, port, source, isExact }: EgressHost & { readonly source: string; readonly isExact: boolean },
): FoundCalls {
  const registered = port === undefined ? externalPorts(world, host) : [];
  const asked = registered.length === 0 ? [{ port }] : registered;
  const evidence: CallEvidence = isExact
    ? { kind: 'declared', source, detail: `egress lists ${host}` }
    : { kind: 'inferred', source, detail: `egress lists ${host} for all of the namespace` };
  return joinFound(
    asked.map((each) => {
      const token = { source: 'egress', host, ...(each.port === undefined ? {} : { port: each.port }) };
      const { targets, protocol, reason } = hostTarget(world, token, caller.namespace);
      const spoken = 'protocol' in each ? each.protocol : protocol;
      const calls = targets
        .map((to): Call => stateCall({ from: fromWorkload(caller), to, protocol: spoken, evidence }))
        .filter((call) => !isOwn(world, call, caller));
      return reason === undefined
        ? foundCalls(calls)
        : { calls, unresolved: [{ source, reason: `${host}: ${reason}` }] };
    }),
  );
}

/** A list for a whole namespace names each member's own Service too. */
function isOwn(world: World, call: Call, caller: Workload): boolean {
  return serversOf(call, world).servers.some(({ workload }) => formatWorkload(workload) === formatWorkload(caller));
}
