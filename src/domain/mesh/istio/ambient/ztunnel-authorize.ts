import { refOf } from '../../../kubernetes/object.ts';
import { derivedFrom } from '../../../world/derived.ts';
import { known } from '../../../world/fact.ts';
import { selectsLabels, servicesIn } from '../../../world/service.ts';
import type { World } from '../../../world/world.ts';
import type { Authorization, AuthorizeQuestion, ServerEnd } from '../../mesh.ts';
import type { PolicySummary } from '../../policy-summary.ts';
import { attachedPolicies } from '../attached-policies.ts';
import type { EnforcingWorkload } from '../authorization/attachment.ts';
import { enforcementPoints } from '../authorization/enforcement-point.ts';
import { evaluateOnZtunnel } from '../authorization/ztunnel.ts';
import { defaultOf, toAuthorization, unopposed } from '../authorization-answer.ts';
import { connectionOf } from '../call-connection.ts';
import type { ProxyView } from '../proxy-view.ts';
import { waypointPolicies } from './waypoint-policies.ts';
import { waypointFor } from './waypoint.ts';
import type { ZtunnelPlace } from './ztunnel-server.ts';

/** Whether the policies that ztunnel is given for a server let the call through. */
export function ztunnelAuthorization(question: AuthorizeQuestion, place: ZtunnelPlace): Authorization {
  const { server, arrival } = question;
  if (place.kind === 'unknown') return { decision: 'unknown', by: 'none', why: place.why, evidence: [] };
  if (place.kind === 'uncaptured') return notEnforced(place.why);
  if (place.direct && arrival.wire !== 'hbone') return notEnforced('plaintext goes past ztunnel');
  if (arrival.sender === 'kubelet') return notEnforced('connections of the kubelet go past ztunnel');
  const attached = attachedPolicies(place.view, asEnforcing(server));
  if (attached.policies.length === 0) return derivedFrom(attached, unopposed);
  const connection = connectionOf({ ...question, port: known(server.port), token: known(undefined) });
  return toAuthorization(evaluateOnZtunnel(attached.policies, connection), attached.gap);
}

/**
 * The policies that hold for a server behind ztunnel: those that ztunnel enforces, and those of the waypoints of its
 * Services. What only a waypoint denies by default, calls past it may still do, so the default is then unknown.
 */
export function ztunnelPolicies(server: Omit<ServerEnd, 'port'>, place: ZtunnelPlace, world: World): PolicySummary {
  if (place.kind === 'uncaptured') return { default: 'allow', policies: [] };
  if (place.kind === 'unknown') return { default: 'unknown', policies: [], gap: place.why };
  const { policies, objects, gap } = attachedPolicies(place.view, asEnforcing(server));
  if (place.direct) return { default: 'allow', policies: objects };
  const destination = { dataplane: 'ambient', waypoint: false } as const;
  const own = defaultOf(policies.filter(({ policy }) => enforcementPoints(policy, destination).includes('ztunnel')));
  const before = ofWaypoints(server, place.view, world);
  const whole = before === undefined ? (gap ?? 'what its waypoints enforce is not known') : gap;
  const differs = before !== undefined && before.default === 'deny' && own === 'allow';
  return {
    default: whole !== undefined || differs ? 'unknown' : own,
    policies: [...objects, ...(before?.policies ?? []).filter((object) => !objects.includes(object))],
    ...(whole === undefined ? {} : { gap: whole }),
  };
}

function ofWaypoints(
  { workload, cohort }: Omit<ServerEnd, 'port'>,
  view: ProxyView,
  world: World,
): PolicySummary | undefined {
  const { namespace } = workload;
  const services = servicesIn(world, namespace).filter((service) => selectsLabels(service, cohort.pod.labels));
  const found = services.map((service) => {
    const { labels } = service.object.metadata;
    const gateway = waypointFor({ namespace, labels, traffic: 'service' }, world);
    if (!gateway.known) return undefined;
    if (gateway.value === undefined) return { policies: [], objects: [], gap: undefined };
    return waypointPolicies(view, refOf(gateway.value), service);
  });
  if (found.some((each) => each === undefined || each.gap !== undefined)) return undefined;
  const all = found.flatMap((each) => (each === undefined ? [] : [each]));
  const objects = [...new Set(all.flatMap((each) => each.objects))];
  const isDenied = all.some(({ policies }) => defaultOf(policies) === 'deny');
  return { default: isDenied ? 'deny' : 'allow', policies: objects };
}

function asEnforcing({ workload, cohort }: Omit<ServerEnd, 'port'>): EnforcingWorkload {
  return { namespace: workload.namespace, labels: cohort.pod.labels, waypoint: false, services: [] };
}

function notEnforced(why: string): Authorization {
  return { decision: 'allow', by: 'none', why: `no policy is enforced: ${why}`, evidence: [] };
}
