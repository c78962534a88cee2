import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import { asTextMap, at } from '../../../lib/json.ts';
import { derivedFrom } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { oncePerCohort } from '../../world/once-per-cohort.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Authorization, AuthorizeQuestion, ServerEnd } from '../mesh.ts';
import type { PolicySummary } from '../policy-summary.ts';
import { ztunnelAuthorization, ztunnelPolicies } from './ambient/ztunnel-authorize.ts';
import { ztunnelPlace } from './ambient/ztunnel-server.ts';
import { attachedPolicies } from './attached-policies.ts';
import { defaultOf, toAuthorization, unopposed } from './authorization-answer.ts';
import type { EnforcingWorkload } from './authorization/attachment.ts';
import type { Token } from './authorization/connection.ts';
import { evaluateOnEnvoy, type PortHandling } from './authorization/evaluate-on-envoy.ts';
import { connectionOf } from './call-connection.ts';
import { dataPlaneOf } from './data-plane.ts';
import { gatewayPolicies } from './gateway-policies.ts';
import { labelsInForce } from './labels-in-force.ts';
import { CONNECTS, connectsOnly, placeOf, probesPassBy } from './inbound.ts';
import type { MeshSettings } from './mesh-settings.ts';
import { scrapePassesBy } from './merged-scrapes.ts';
import { visibleIn, type ProxyView } from './proxy-view.ts';

/** Whether the policies that attach to the server let the call through, as its proxy evaluates them. */
export function authorizationOf(question: AuthorizeQuestion, world: World): Authorization {
  const { server, arrival } = question;
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  if (dataPlane?.mode === 'ambient') return ztunnelAuthorization(question, ztunnelPlace(server, dataPlane, world));
  const place = placeOf(server, world);
  if (place.kind === 'unknown') return { decision: 'unknown', by: 'none', why: place.why, evidence: [] };
  if (place.kind === 'uncaptured') return notEnforced(place.why);
  if (arrival.sender === 'kubelet') {
    const passBy = probesPassBy(server, { place, hook: arrival.hook === true }, world);
    if (!passBy.known) return { decision: 'unknown', by: 'none', why: passBy.reason, evidence: [] };
    if (passBy.value) return notEnforced('the rewritten probe does not pass the policies');
    if (connectsOnly(arrival)) return notEnforced(CONNECTS);
  }
  const scraped = scrapePassesBy(server, arrival, { world, revision: place.dataPlane.revision ?? 'default' });
  if (!scraped.known) return { decision: 'unknown', by: 'none', why: scraped.reason, evidence: [] };
  if (scraped.value) return notEnforced('the scrape of the agent does not pass the policies');
  const attached = attachedTo(server.workload, server.cohort, place.view);
  if (attached.policies.length === 0) return derivedFrom(attached, unopposed);
  const token = tokenOf(server.workload, server.cohort, place.view);
  const connection = connectionOf({ ...question, port: known(server.port), token });
  const decision = evaluateOnEnvoy(attached.policies, connection, {
    handling: handlingOf(question),
    trustDomains: derivedFrom(place.view.settings, trustDomainsOf),
  });
  return toAuthorization(decision, attached.gap);
}

/** Whether policies attach to the server; without any, all calls that arrive alike are answered alike. */
export function judgesCallers(server: ServerEnd, world: World): boolean {
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  const place = dataPlane?.mode === 'ambient' ? ztunnelPlace(server, dataPlane, world) : placeOf(server, world);
  if (place.kind !== 'captured') return false;
  const { namespace } = server.workload;
  const labels = dataPlane?.mode === 'ambient' ? server.cohort.pod.labels : asEnforcing(server).labels;
  return attachedPolicies(place.view, { namespace, labels, waypoint: false, services: [] }).policies.length > 0;
}

const attachedTo = oncePerCohort((workload: Workload, cohort: Cohort, view: ProxyView) =>
  attachedPolicies(view, asEnforcing({ workload, cohort })),
);

function trustDomainsOf({ trustDomain, trustDomainAliases }: MeshSettings): readonly string[] {
  return [trustDomain, ...trustDomainAliases];
}

/** The policies that attach to a server's proxy, and what becomes of a call that none of them names. */
export function policySummary(server: Omit<ServerEnd, 'port'>, world: World): PolicySummary {
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  if (dataPlane?.mode === 'ambient') return ztunnelPolicies(server, ztunnelPlace(server, dataPlane, world), world);
  if (dataPlane?.mode === 'gateway') return gatewayPolicies(server, dataPlane, world);
  const place = placeOf({ ...server, port: 0 }, world);
  if (place.kind === 'uncaptured') return { default: 'allow', policies: [] };
  if (place.kind === 'unknown') return { default: 'unknown', policies: [], gap: place.why };
  const { policies, objects, gap } = attachedPolicies(place.view, asEnforcing(server));
  return gap === undefined
    ? { default: defaultOf(policies), policies: objects }
    : { default: 'unknown', policies: objects, gap };
}

function asEnforcing({ workload, cohort }: Omit<ServerEnd, 'port'>): EnforcingWorkload {
  const { namespace } = workload;
  return { namespace, labels: labelsInForce(workload, cohort), waypoint: false, services: [] };
}

function notEnforced(why: string): Authorization {
  return { decision: 'allow', by: 'none', why: `no policy is enforced: ${why}`, evidence: [] };
}

/** As the inbound rules read the port; where they could not tell, both readings must agree. */
function handlingOf({ handledAs }: AuthorizeQuestion): PortHandling {
  return handledAs === 'unknown' ? 'auto' : handledAs;
}

/** Without a RequestAuthentication no token is ever accepted, so a rule that wants one cannot match. */
const tokenOf = oncePerCohort(findToken);

function findToken(workload: Workload, cohort: Cohort, view: ProxyView): Fact<Token | undefined> {
  const spaces = [view.settings.rootNamespace, workload.namespace];
  for (const space of new Set(spaces)) {
    const { objects, gap } = visibleIn(view, KIND.requestAuthentication, space);
    const applies = objects.find((object) => selects(object, labelsInForce(workload, cohort)));
    if (applies !== undefined)
      return unknown(`whether the request carries a token for ${refOf(applies).name} is not known`);
    if (gap !== undefined) return unknown(gap);
  }
  return known(undefined);
}

function selects(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = asTextMap(at(object.spec, 'selector', 'matchLabels'));
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
