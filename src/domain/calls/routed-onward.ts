import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import { isKnownCall, type Call } from './call.ts';
import { findService } from './find-services.ts';
import { podsOf } from './find-workloads.ts';
import { joinFound, type FoundCalls } from './found-calls.ts';
import { onwardRoutes, type OnwardRoute } from './onward-routes.ts';

type ServiceCall = Call & {
  readonly from: Extract<Call['from'], { kind: 'workload' }>;
  readonly to: Extract<Call['to'], { kind: 'service-port' }>;
};

/**
 * The calls that mesh routes make of others: who calls a Service whose route leads to another one calls that too, as
 * soon as its pods are in the mesh. As sure as the call that is routed is known, and never more than declared.
 */
export function routedOnward(world: World, calls: readonly Call[]): FoundCalls {
  const routes = onwardRoutes(world);
  if (routes.size === 0) return joinFound([]);
  return joinFound(
    calls.filter(isServiceCall).flatMap((call) => {
      const own = routes.get(`${call.to.namespace}/${call.to.service}`) ?? [];
      return own.filter((route) => isFor(world, route, call)).map((route) => sentOn(world, route, call));
    }),
  );
}

function isServiceCall(call: Call): call is ServiceCall {
  return call.from.kind === 'workload' && call.to.kind === 'service-port';
}

function isFor(world: World, { port, clients }: OnwardRoute, { from, to }: ServiceCall): boolean {
  if (port !== undefined && port !== to.port) return false;
  if (clients === undefined) return true;
  const workload = findWorkload(world, from.workload);
  const pods = workload === undefined ? [] : podsOf(workload);
  return clients.some(
    ({ namespace, labels }) =>
      (namespace === undefined || namespace === from.workload.namespace) &&
      pods.some((pod) => Object.entries(labels).every(([key, value]) => pod.labels[key] === value)),
  );
}

/** A destination without a port is called at the one that was called, where it has that. */
function sentOn(world: World, { source, backends }: OnwardRoute, call: ServiceCall): FoundCalls {
  const { from, to, protocol } = call;
  const kind = isKnownCall(call) ? ('declared' as const) : ('inferred' as const);
  const evidence = { kind, source, detail: `sends on what is called ${to.namespace}/${to.service}` };
  return joinFound(
    backends.map((backend) => {
      const has = findService(world, backend.namespace, backend.service)?.ports.some(({ port }) => port === to.port);
      const port = backend.port ?? (has === true ? to.port : undefined);
      const use = { senders: [from], evidence, ...(protocol === undefined ? {} : { protocol }) };
      return callsToBackend(world, { ...backend, port }, use);
    }),
  );
}
