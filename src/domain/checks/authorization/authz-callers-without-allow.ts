import { asText, at } from '../../../lib/json.ts';
import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { formatSource, formatTarget } from '../../calls/call-id.ts';
import { isKnownCall, type Call } from '../../calls/call.ts';
import { serversOf } from '../../calls/resolve-target.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { fateOf } from '../../simulate/fate-of.ts';
import { cutsCalls, type Fate } from '../../simulate/verdict.ts';
import type { Change } from '../../world/step.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { firstOf, shortList } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { ownLabels } from '../plaintext-exception.ts';
import { withoutEnds } from '../strict-casualties.ts';
import { whatIf } from '../what-if.ts';
import { workloadObject } from '../workload-object.ts';

/** Callers that the AuthorizationPolicies of their servers do not name. */
export const authzCallersWithoutAllow: Check = {
  id: 'authz-callers-without-allow',
  title: 'Callers that no ALLOW policy of their server names',
  category: 'authorization',
  stages: ['authz'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'heuristic',
  why: 'The first enforced ALLOW that attaches to a workload refuses every caller that no rule names. Policies written before a workload has its sidecar do nothing, and act all at once when it gets one.',
  detects:
    'A known or probable call to a workload in scope is refused by authorization once all namespaces in scope are enrolled, because no ALLOW policy of the server names the caller. What a DENY policy refuses is taken as meant. Workloads to which no ALLOW attaches are left to the rollout, which writes their policies from the same calls.',
  falseAlarms: 'Hosts in configuration that nobody calls any more, and callers that are meant to be kept out.',
  remedy: {
    text: 'Name the callers in an ALLOW policy of the server, by principal and container port. Callers outside the mesh have no principal: bring them in, or allow the port alone for them.',
  },
  sources: [
    'https://istio.io/latest/docs/ops/best-practices/security/#use-default-deny-patterns',
    'https://istio.io/latest/docs/concepts/security/#implicit-enablement',
  ],
  reads: [KIND.authorizationPolicy, KIND.service],
  find,
};

interface Refused {
  readonly call: Call;
  readonly server: Workload;
  readonly port: number;
  readonly fate: Fate;
}

function* find({ world, graph }: CheckContext): Iterable<Issue | Undecided> {
  const { lax } = whatIf(world);
  const refused: Refused[] = [];
  for (const call of graph.calls) {
    const fate = fateOf(call, lax);
    const { servers } = serversOf(call, lax);
    if (fate.authorization === 'unknown' && fate.wire !== 'unknown' && hasPolicies(lax, servers[0]?.workload)) {
      for (const { workload } of servers)
        yield { notAssessed: withoutEnds(fate.why), object: workloadObject(workload) };
    }
    if (fate.authorization !== 'deny' || !cutsCalls(fate.verdict) || isMeant(fate, lax)) continue;
    refused.push(...servers.map(({ workload, port }) => ({ call, server: workload, port, fate })));
  }
  for (const group of groupBy(refused, ({ server }) => formatWorkload(server)).values()) {
    const [first] = group;
    const server = first === undefined ? undefined : findWorkload(world, first.server);
    if (server !== undefined) yield issueFor(world, server, group);
  }
}

function hasPolicies(world: World, server: Workload | undefined): boolean {
  if (server === undefined) return false;
  return world.listIn(KIND.authorizationPolicy, server.namespace).objects.length > 0;
}

function isMeant({ decidedBy }: Fate, world: World): boolean {
  return decidedBy.some(({ object }) => {
    if (object?.kind !== KIND.authorizationPolicy) return false;
    return asText(at(world.get(object)?.spec, 'action')) === 'DENY';
  });
}

function issueFor(world: World, server: Workload, refused: readonly Refused[]): Issue {
  const callers = sortedUnique(refused.map(({ call }) => formatSource(call.from)));
  const change = allowCallers(world, server, refused);
  const known = refused.some(({ call }) => isKnownCall(call));
  return {
    object: workloadObject(server),
    field: 'callers',
    value: shortList(callers),
    message: `${shortList(callers)} ${callers.length === 1 ? 'calls' : 'call'} ${formatWorkload(server)}${known ? '' : ' (inferred from configuration)'}, and no ALLOW policy of it names them: refused (403, or the connection is closed) as soon as the server has a sidecar.`,
    evidence: firstOf(
      refused.flatMap(({ call, fate }) => [
        ...call.evidence.map(({ kind, source, detail }) => ({
          value: `${formatSource(call.from)} to ${formatTarget(call.to)}`,
          rule: `${kind} by ${source}: ${detail}`,
        })),
        { rule: fate.why },
      ]),
    ),
    ...(known ? {} : { severity: 'high' as const }),
    ...(change === undefined ? {} : { remedy: { change } }),
  };
}

const SPIFFE = 'spiffe://';

/**
 * Only where every caller has an identity and the calls are known, as a guess must not let anybody in; and only where
 * they are let in today, as what is refused today may be meant.
 */
function allowCallers(world: World, server: Workload, refused: readonly Refused[]): Change | undefined {
  const matchLabels = ownLabels(server, world);
  const identified = refused.every(({ call, fate }) => isKnownCall(call) && fate.identity.startsWith(SPIFFE));
  const works = refused.every(({ call }) => !cutsCalls(fateOf(call, world).verdict));
  const name = `${server.name}-missing-callers`;
  const { namespace } = server;
  const taken = world.get({ kind: KIND.authorizationPolicy, namespace, name }) !== undefined;
  if (matchLabels === undefined || !identified || !works || taken) return undefined;
  const rules = [...groupBy(refused, ({ port }) => port)].map(([port, rows]) => ({
    from: [{ source: { principals: sortedUnique(rows.map(({ fate }) => fate.identity.slice(SPIFFE.length))) } }],
    to: [{ operation: { ports: [String(port)] } }],
  }));
  const manifest = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace },
    spec: { selector: { matchLabels }, action: 'ALLOW', rules },
  };
  return { id: `allow-${namespace}-${server.name}`, steps: [{ step: 'apply', manifest }] };
}
