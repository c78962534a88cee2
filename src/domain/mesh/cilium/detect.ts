import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Detection, MeshState } from '../mesh.ts';
import { firstGap } from '../recognised/signs.ts';
import { SUPPORT } from '../recognised/support-status.ts';
import { ciliumAgents } from './agents.ts';
import { ZTUNNEL_LABEL } from './claim.ts';
import { proxiedRules, type ProxiedRule } from './policies.ts';
import { ciliumFeatures, type CiliumFeatures } from './protection.ts';

const POLICIES = [KIND.ciliumNetworkPolicy, KIND.ciliumClusterwideNetworkPolicy];

/**
 * Whether Cilium serves as a mesh. As the cluster's network alone, with or without encryption between nodes, it is
 * none and counts as absent; `details` say what it does all the same.
 */
export function detectCilium(world: World): Detection {
  const agents = ciliumAgents(world);
  const base = { mesh: 'cilium', revisions: [], support: SUPPORT.cilium } as const;
  if (!agents.known) {
    const evidence = [{ rule: agents.reason }];
    return { ...base, state: 'unknown', version: unknown(agents.reason), evidence };
  }
  if (agents.value === undefined) return withoutAgents(world);
  const features = ciliumFeatures(world);
  const used = inUse(world, features);
  const { ref, version } = agents.value;
  return {
    ...base,
    state: stateOf(world, features, used),
    version: version === undefined ? unknown("no image of Cilium's agents names a version") : known(version),
    evidence: [{ object: ref, rule: 'agents of Cilium, the network of the cluster' }, ...used],
    details: detailsOf(features),
  };
}

/** Policies of Cilium without anybody who enforces them are left over. */
function withoutAgents(world: World): Detection {
  const left = POLICIES.flatMap((kind) => world.list(kind).objects);
  const gap = firstGap(world, POLICIES);
  const state = left.length > 0 ? 'remnant' : gap === undefined ? 'absent' : 'unknown';
  const evidence = left.slice(0, 3).map((object): Evidence => ({ object: refOf(object), rule: 'nobody enforces it' }));
  const why = gap === undefined || left.length > 0 ? [] : [{ rule: gap }];
  return {
    mesh: 'cilium',
    state,
    version: unknown('no agent of Cilium is here'),
    revisions: [],
    evidence: [...evidence, ...why],
    support: SUPPORT.cilium,
  };
}

/** What makes Cilium a mesh in this cluster, one entry each. */
function inUse(world: World, { ztunnel }: CiliumFeatures): readonly Evidence[] {
  const rules = POLICIES.flatMap((kind) => proxiedRules(world.list(kind).objects));
  const enrolled = world
    .list(KIND.namespace)
    .objects.filter(({ metadata }) => metadata.labels[ZTUNNEL_LABEL] === 'true');
  const behind = ztunnel.known && ztunnel.value ? enrolled : [];
  return [
    ...behind.map((object): Evidence => ({
      object: refOf(object),
      field: 'metadata.labels',
      value: ZTUNNEL_LABEL,
      rule: "is behind Cilium's ztunnel",
    })),
    ...rules.slice(0, 3).map(({ policy, asks }): Evidence => ({ object: refOf(policy), rule: WHAT[asks] })),
    ...routed(world).map((object): Evidence => ({ object: refOf(object), rule: "is served by Cilium's proxy" })),
  ];
}

const WHAT: Readonly<Record<ProxiedRule['asks'], string>> = {
  authentication: 'requires mutual authentication',
  http: 'judges HTTP requests in a proxy on the node',
};

/** Gateways and Ingresses of Cilium's classes. */
function routed(world: World): readonly KubeObject[] {
  const classes = world
    .list(KIND.gatewayClass)
    .objects.filter(({ spec }) => at(spec, 'controllerName') === 'io.cilium/gateway-controller')
    .map(({ metadata }) => metadata.name);
  const gateways = world
    .list(KIND.kubernetesGateway)
    .objects.filter(({ spec }) => classes.includes(asText(at(spec, 'gatewayClassName')) ?? ''));
  const ingresses = world.list(KIND.ingress).objects.filter(({ spec }) => at(spec, 'ingressClassName') === 'cilium');
  return [...gateways, ...ingresses].slice(0, 3);
}

/** What is switched on and not used is installed; what nobody could read may be either. */
function stateOf(world: World, features: CiliumFeatures, used: readonly Evidence[]): MeshState {
  if (used.length > 0) return 'active';
  const switches = [features.ztunnel, features.mutualAuthentication, features.gatewayApi, features.ingressController];
  const gap = firstGap(world, [...POLICIES, KIND.namespace, KIND.gatewayClass, KIND.kubernetesGateway, KIND.ingress]);
  if (gap !== undefined || switches.some((fact) => !fact.known)) return 'unknown';
  return switches.some((fact) => fact.known && fact.value) ? 'installed-unused' : 'absent';
}

function detailsOf(features: CiliumFeatures): Readonly<Record<string, Fact<string>>> {
  const word = (fact: Fact<boolean>): Fact<string> => mapFact(fact, (value) => (value ? 'on' : 'off'));
  return {
    encryption: features.encryption,
    strictEncryption: word(features.strictEncryption),
    mutualAuthentication: word(features.mutualAuthentication),
    ztunnel: word(features.ztunnel),
    gatewayApi: word(features.gatewayApi),
    ingressController: word(features.ingressController),
    policyAudit: word(features.audit),
  };
}
