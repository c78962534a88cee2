import type { World } from '../world/world.ts';
import type { CallGraph, CallsFile, ObservationWindow } from './call.ts';
import { declaredAuthorizationPolicies } from './declared-authorization-policies.ts';
import { declaredBalancerProbes } from './declared-balancer-probes.ts';
import { declaredExposure } from './declared-exposure.ts';
import { declaredHealthChecks } from './declared-health-checks.ts';
import { declaredHooks } from './declared-hooks.ts';
import { declaredIngress } from './declared-ingress.ts';
import { declaredIntentions } from './declared-intentions.ts';
import { declaredLinkerdPolicies } from './declared-linkerd-policies.ts';
import { declaredMeshRoutes } from './declared-mesh-routes.ts';
import { declaredMetricsAdapters } from './declared-metrics-adapters.ts';
import { declaredMonitors } from './declared-monitors.ts';
import { declaredNetworkPolicies } from './declared-network-policy.ts';
import { declaredProbeObjects } from './declared-probe-objects.ts';
import { declaredProbes } from './declared-probes.ts';
import { declaredRoutes } from './declared-routes.ts';
import { declaredScrapes } from './declared-scrapes.ts';
import { declaredSidecarHosts } from './declared-sidecar-hosts.ts';
import { declaredVirtualServices } from './declared-virtual-services.ts';
import { declaredWebhooks } from './declared-webhooks.ts';
import { joinFound, type FoundCalls, type UnresolvedCall } from './found-calls.ts';
import { inferredHosts } from './inferred-hosts.ts';
import { inferredPeers } from './inferred-peers.ts';
import { mergeCalls } from './merge-calls.ts';
import { observedCalls } from './observed-calls.ts';
import { routedOnward } from './routed-onward.ts';
import { uncalledEntries } from './uncalled-entries.ts';

/** What objects of the world say of calls, each source on its own. */
const SOURCES: readonly ((world: World) => FoundCalls)[] = [
  declaredExposure,
  declaredBalancerProbes,
  declaredIngress,
  declaredHealthChecks,
  declaredRoutes,
  declaredVirtualServices,
  declaredMeshRoutes,
  declaredSidecarHosts,
  declaredWebhooks,
  declaredProbes,
  declaredHooks,
  declaredScrapes,
  declaredMonitors,
  declaredProbeObjects,
  declaredMetricsAdapters,
  declaredNetworkPolicies,
  declaredAuthorizationPolicies,
  declaredLinkerdPolicies,
  declaredIntentions,
  inferredHosts,
  inferredPeers,
];

/**
 * Who calls whom in the world: what the calls files saw, what objects declare and what configuration names. An observed
 * row whose client or service cannot be told is both in `unresolved` and a call: of an unknown caller, or to a Service
 * that is not there.
 */
export function buildCallGraph(world: World, observed: readonly CallsFile[]): CallGraph {
  const told = joinFound([observedCalls(world, observed), ...SOURCES.map((source) => source(world))]);
  const found = joinFound([told, routedOnward(world, told.calls)]);
  return {
    calls: mergeCalls(found.calls),
    windows: observed.map(toWindow),
    unresolved: eachOnce([...found.unresolved, ...uncalledEntries(world, found.calls)]),
  };
}

/** The calls of several graphs over the same sightings: what one world no longer tells of stays known from the other. */
export function joinGraphs(graphs: readonly CallGraph[]): CallGraph {
  return {
    calls: mergeCalls(graphs.flatMap(({ calls }) => calls)),
    windows: graphs[0]?.windows ?? [],
    unresolved: eachOnce(graphs.flatMap(({ unresolved }) => unresolved)),
  };
}

function toWindow({ rows: _rows, window, ...watcher }: CallsFile): ObservationWindow {
  return { ...watcher, ...window };
}

function eachOnce(unresolved: readonly UnresolvedCall[]): readonly UnresolvedCall[] {
  return [...new Map(unresolved.map((each) => [JSON.stringify([each.source, each.reason]), each])).values()];
}
