import { asObject, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../kubernetes/label-selector.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import { targetsKind, targetsObject } from '../mesh/linkerd/policy/target-kind.ts';
import type { World } from '../world/world.ts';
import { admittedCalls, type AdmittedTarget } from './admitted-calls.ts';
import { workloadsSelected } from './find-workloads.ts';
import { foundNothing, joinFound, type FoundCalls } from './found-calls.ts';
import { ofAuthentications, ofServerClient, type LinkerdCallers } from './linkerd-callers.ts';
import { targetsAtPodPort } from './pod-port-targets.ts';

const ROUTES = [KIND.linkerdHttpRoute, KIND.httpRoute, KIND.grpcRoute] as const;

/**
 * The calls that Linkerd's AuthorizationPolicies and ServerAuthorizations were written for: from the accounts and
 * networks that they name to the ports of the Servers that they are about. What they admit for anybody is named in
 * `unresolved`.
 * Source: https://linkerd.io/2/reference/authorization-policy/.
 */
export function declaredLinkerdPolicies(world: World): FoundCalls {
  const policies = world.list(KIND.linkerdAuthorizationPolicy).objects.map((policy) => fromPolicy(world, policy));
  const older = world.list(KIND.serverAuthorization).objects.map((object) => fromServerAuthorization(world, object));
  return joinFound([...policies, ...older]);
}

function fromPolicy(world: World, policy: KubeObject): FoundCalls {
  const source = formatRef(refOf(policy));
  const target = asObject(at(policy.spec, 'targetRef')) ?? {};
  const servers = serversMeant(world, policy, target);
  if (servers.length === 0) {
    const reason = `no Server here is ${asText(target['kind']) ?? 'what'} ${asText(target['name']) ?? 'it targets'} or under it`;
    return foundNothing(source, reason);
  }
  const callers = ofAuthentications(world, policy);
  return admittedTo(world, servers, { source, callers });
}

function fromServerAuthorization(world: World, object: KubeObject): FoundCalls {
  const name = asText(at(object.spec, 'server', 'name'));
  const selector = parseLabelSelector(at(object.spec, 'server', 'selector'));
  const servers = serversIn(world, object.metadata.namespace ?? '').filter(({ metadata }) =>
    name === undefined ? matchesSelector(selector, metadata.labels) : metadata.name === name,
  );
  const source = formatRef(refOf(object));
  if (servers.length === 0) return foundNothing(source, 'it is about no Server here');
  return admittedTo(world, servers, { source, callers: ofServerClient(world, object) });
}

function admittedTo(
  world: World,
  servers: readonly KubeObject[],
  { source, callers }: { readonly source: string; readonly callers: LinkerdCallers },
): FoundCalls {
  const parts = servers.map((server) => {
    const rule = `Server ${server.metadata.name}`;
    return admittedCalls({ source, rule, classes: callers.classes, targets: targetsOf(world, server) });
  });
  return joinFound([...parts, ...callers.reasons.map((reason) => foundNothing(source, reason))]);
}

/** A policy is about a Server, about all of its namespace, or about a route of one. */
function serversMeant(world: World, policy: KubeObject, target: JsonObject): readonly KubeObject[] {
  const own = serversIn(world, policy.metadata.namespace ?? '');
  if (targetsKind(target, KIND.namespace)) return own;
  if (targetsKind(target, KIND.linkerdServer)) return own.filter((server) => targetsObject(target, server));
  const routes = ROUTES.flatMap((kind) => world.listIn(kind, policy.metadata.namespace ?? '').objects);
  const parents = routes
    .filter((route) => targetsObject(target, route))
    .flatMap((route) => asObjects(at(route.spec, 'parentRefs')));
  return own.filter((server) => parents.some((parent) => targetsObject(parent, server)));
}

function serversIn(world: World, namespace: string): readonly KubeObject[] {
  return world.listIn(KIND.linkerdServer, namespace).objects;
}

function targetsOf(world: World, { spec, metadata }: KubeObject): readonly AdmittedTarget[] {
  const port = at(spec, 'port');
  const selector = at(spec, 'podSelector');
  if (selector === undefined || (typeof port !== 'number' && typeof port !== 'string')) return [];
  return workloadsSelected(world, metadata.namespace ?? '', parseLabelSelector(selector)).flatMap((selected) =>
    targetsAtPodPort(world, selected, { port, protocol: 'TCP' }).map((to): AdmittedTarget => {
      return { to, workload: selected.workload };
    }),
  );
}
