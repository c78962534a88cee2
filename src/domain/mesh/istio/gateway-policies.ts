import { KIND } from '../../kubernetes/kinds.ts';
import { keyOf, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { servicesOf } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, ServerEnd } from '../mesh.ts';
import type { PolicySummary } from '../policy-summary.ts';
import { GATEWAY_NAME } from './ambient/relay-for.ts';
import { waypointFor } from './ambient/waypoint.ts';
import { attachedPolicies } from './attached-policies.ts';
import { defaultOf } from './authorization-answer.ts';
import type { EnforcingWorkload, ServedService } from './authorization/attachment.ts';
import { detectProxy } from './injection/detect-proxy.ts';
import { proxyView } from './proxy-view.ts';

/**
 * The policies that attach to the pods of a gateway or a waypoint: the former are selected like any others and may be
 * targeted by their Gateway, the latter only targeted, also by the Services that they stand before.
 * Source: istio pilot/pkg/model/policyattachment.go, ShouldAttachPolicy.
 */
export function gatewayPolicies(server: Omit<ServerEnd, 'port'>, dataPlane: DataPlane, world: World): PolicySummary {
  const view = proxyView(world, dataPlane.revision ?? 'default');
  if (!view.known) return { default: 'unknown', policies: [], gap: view.reason };
  const { workload, cohort } = server;
  const { labels } = cohort.pod;
  const { namespace } = workload;
  const waypoint = detectProxy(cohort.pod).proxy === 'waypoint';
  const served = waypoint ? servedBy({ namespace, name: labels[GATEWAY_NAME] ?? '' }, world) : { services: [] };
  const enforcing: EnforcingWorkload = { namespace, labels, waypoint, services: served.services };
  const { policies, objects, gap } = attachedPolicies(view.value, enforcing);
  const whole = gap ?? served.gap;
  return whole === undefined
    ? { default: defaultOf(policies), policies: objects }
    : { default: 'unknown', policies: objects, gap: whole };
}

interface Served {
  readonly services: readonly ServedService[];
  readonly gap?: string;
}

/** Everything that names the waypoint as its own. */
function servedBy(gateway: { readonly namespace: string; readonly name: string }, world: World): Served {
  const key = keyOf({ kind: KIND.kubernetesGateway, ...gateway });
  const entries = world.list(KIND.serviceEntry);
  const objects = [...servicesOf(world).map(({ object }) => object), ...entries.objects];
  const asked = objects.map((object) => ({ object, found: waypointOf(object, world) }));
  const gap =
    world.list(KIND.service).gap ?? entries.gap ?? asked.find(({ found }) => found.gap !== undefined)?.found.gap;
  const services = asked
    .filter(({ found }) => found.gateway !== undefined && keyOf(refOf(found.gateway)) === key)
    .map(({ object }) => asServed(object));
  return gap === undefined ? { services } : { services, gap };
}

function waypointOf({ metadata }: KubeObject, world: World): { readonly gateway?: KubeObject; readonly gap?: string } {
  const question = { namespace: metadata.namespace ?? '', labels: metadata.labels, traffic: 'service' } as const;
  const gateway = waypointFor(question, world);
  if (!gateway.known) return { gap: gateway.reason };
  return gateway.value === undefined ? {} : { gateway: gateway.value };
}

function asServed({ kind, metadata }: KubeObject): ServedService {
  return {
    kind: kind === 'ServiceEntry' ? 'ServiceEntry' : 'Service',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  };
}
