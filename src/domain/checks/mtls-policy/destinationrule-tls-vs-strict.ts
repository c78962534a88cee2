import { asObject, asObjects, asText, at, type JsonObject } from '../../../lib/json.ts';
import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { formatSource, formatTarget } from '../../calls/call-id.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, keyOf, refOf, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import type { Change } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import { evidenceOf, shortList } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { strictCasualties, type Casualty } from '../strict-casualties.ts';

/** DestinationRules that make clients in the mesh send something else than its mutual TLS. */
export const destinationruleTlsVsStrict: Check = {
  id: 'destinationrule-tls-vs-strict',
  title: 'DestinationRule disables or replaces mutual TLS for a host in the mesh',
  category: 'mtls-policy',
  stages: ['permissive', 'strict'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'exact',
  why: 'An explicit tls.mode of DISABLE, SIMPLE or MUTUAL turns automatic mutual TLS off. STRICT servers answer such clients with resets (503 with UF or UC), though both ends are in the mesh.',
  detects:
    'A call between two workloads of the mesh is sent as a DestinationRule says, and is refused once its port is STRICT, or as soon as sidecars are injected.',
  falseAlarms: 'A server that ends TLS itself on a port that will stay PERMISSIVE.',
  remedy: {
    text: "Remove the tls block, so that clients send mutual TLS where the server has a sidecar, or write ISTIO_MUTUAL. A rule with SIMPLE or MUTUAL was written for a server that ends TLS itself: keep that server's port PERMISSIVE, or let the sidecar end TLS instead.",
  },
  sources: [
    'https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/',
    'https://kiali.io/docs/features/validations/',
  ],
  reads: [KIND.destinationRule, KIND.service, KIND.peerAuthentication],
  find,
};

function* find(context: CheckContext): Iterable<Issue | Undecided> {
  const { cut, undecided } = strictCasualties(context);
  const rows = cut
    .filter(({ cause }) => cause === 'destination-rule')
    .flatMap((casualty) => rulesOf(casualty).map((rule) => ({ rule, casualty })));
  for (const group of groupBy(rows, ({ rule }) => keyOf(rule)).values()) {
    const [first] = group;
    if (first === undefined) continue;
    yield issueFor(
      context.world,
      first.rule,
      group.map(({ casualty }) => casualty),
    );
  }
  for (const { cause, reason } of undecided) if (cause === 'destination-rule') yield { notAssessed: reason };
}

function rulesOf({ strict }: Casualty): readonly ObjectRef[] {
  return strict.decidedBy.flatMap(({ object }) => (object?.kind === KIND.destinationRule ? [object] : []));
}

function issueFor(world: World, rule: ObjectRef, casualties: readonly Casualty[]): Issue {
  const object = world.get(rule);
  const tls = object === undefined ? [] : tlsBlocks(object);
  const disables = tls.length > 0 && tls.every(({ mode }) => mode === 'DISABLE');
  const change = object !== undefined && disables ? withoutTls(object) : undefined;
  const callers = shortList(sortedUnique(casualties.map(({ call }) => formatSource(call.from))));
  const targets = shortList(sortedUnique(casualties.map(({ call }) => formatTarget(call.to))));
  const when = casualties.some(({ atEnrolment }) => atEnrolment)
    ? 'cut as soon as sidecars are injected'
    : 'refused once the server is STRICT';
  return {
    object: rule,
    field: tls[0]?.field ?? 'spec.trafficPolicy',
    value: sortedUnique(tls.map(({ mode }) => mode)).join(', '),
    message: `${formatRef(rule)} keeps ${callers} from sending mutual TLS to ${targets}: ${when}.`,
    evidence: evidenceOf(casualties, world),
    ...(change === undefined ? {} : { remedy: { change } }),
  };
}

interface TlsBlock {
  readonly field: string;
  readonly mode: string;
}

function tlsBlocks({ spec }: KubeObject): readonly TlsBlock[] {
  const subsets = asObjects(at(spec, 'subsets')).flatMap((subset, index) =>
    ofPolicy(subset['trafficPolicy'], `spec.subsets[${String(index)}].trafficPolicy`),
  );
  return [...ofPolicy(at(spec, 'trafficPolicy'), 'spec.trafficPolicy'), ...subsets];
}

function ofPolicy(policy: unknown, field: string): readonly TlsBlock[] {
  const own = asText(at(policy, 'tls', 'mode'));
  const ports = asObjects(at(policy, 'portLevelSettings')).flatMap((entry, index) => {
    const mode = asText(at(entry, 'tls', 'mode'));
    return mode === undefined ? [] : [{ field: `${field}.portLevelSettings[${String(index)}].tls.mode`, mode }];
  });
  return [...(own === undefined ? [] : [{ field: `${field}.tls.mode`, mode: own }]), ...ports];
}

/** Lists of a custom kind are replaced whole, so each is written again without its `tls`. */
function withoutTls(object: KubeObject): Change {
  const { spec } = object;
  const policy = asObject(at(spec, 'trafficPolicy'));
  const subsets = asObjects(at(spec, 'subsets'));
  const patch = {
    spec: {
      ...(policy === undefined ? {} : { trafficPolicy: { ...bare(policy), tls: null } }),
      ...(subsets.length === 0 ? {} : { subsets: subsets.map(bareSubset) }),
    },
  };
  const why = 'clients then send mutual TLS where the server has a sidecar';
  const id = `automatic-mtls-${object.metadata.namespace ?? ''}-${object.metadata.name}`;
  return { id, steps: [{ step: 'patch', target: refOf(object), patch, why }] };
}

function bareSubset(subset: JsonObject): JsonObject {
  const policy = asObject(subset['trafficPolicy']);
  return policy === undefined ? subset : { ...subset, trafficPolicy: bare(policy) };
}

function bare({ tls: _tls, portLevelSettings, ...rest }: JsonObject): JsonObject {
  const ports = asObjects(portLevelSettings).map(({ tls: _portTls, ...entry }) => entry);
  return ports.length === 0 ? rest : { ...rest, portLevelSettings: ports };
}
