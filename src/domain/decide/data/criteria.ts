/**
 * P: primary source read; R: raw data recomputed; S: secondary citation; M: recalled, not checked; E: our own judgement.
 */
export type Mark = 'P' | 'R' | 'S' | 'M' | 'E';

export type NeedId =
  | 'mtls-identity'
  | 'l4-isolation'
  | 'l7-authz-jwt'
  | 'l7-traffic'
  | 'grpc-lb-resilience'
  | 'uniform-l7-metrics'
  | 'multicluster'
  | 'vm-workloads'
  | 'extensibility';

export type BurdenId = 'ops-simplicity' | 'resource-cost' | 'latency' | 'maturity' | 'adoption-effort';

export type ModifierId = 'scale' | 'upgrade-blast-radius' | 'polyglot' | 'in-house-alternative';

export type ConstraintId = 'licence-support' | 'fips';

export type CriterionId = NeedId | BurdenId | 'existing-fit' | ModifierId | ConstraintId;

/**
 * One thing that the decision rests on, on a scale from 0 to 1. `need`: how much it is wanted. `burden`: how much its
 * absence weighs. `fit`: what is there already. `modifier`: scales other weights. `constraint`: only drops options.
 */
export interface Criterion {
  readonly id: CriterionId;
  readonly title: string;
  readonly role: 'need' | 'burden' | 'fit' | 'modifier' | 'constraint';
  /** Swing weight before the world is looked at; 0 for what has none of its own. */
  readonly baseWeight: number;
  readonly mark: Mark;
  /** The highest value left possible when everything was read and no sign was found; 1 where use leaves no trace. */
  readonly withoutSign: number;
  readonly reads: string;
  readonly question: string;
}

/** When base weights and bounds were set; all are our judgement [E], fitted to nothing. */
export const CRITERIA_DATE = '2026-11-21';

function criterion(id: CriterionId, role: Criterion['role'], rest: Omit<Criterion, 'id' | 'role' | 'mark'>): Criterion {
  return { id, role, mark: 'E', ...rest };
}

/** The criteria in the order in which tables show them. */
export const CRITERIA: readonly Criterion[] = [
  criterion('mtls-identity', 'need', {
    title: 'Mutual TLS with workload identity',
    baseWeight: 14,
    withoutSign: 1,
    reads: 'mesh authentication policies, client certificates, node encryption in cilium-config, compliance labels',
    question: 'Who requires mutual TLS (PCI, HIPAA, FedRAMP, internal), and is encryption enough or is identity too?',
  }),
  criterion('l4-isolation', 'need', {
    title: 'Isolation at L4, deny by default',
    baseWeight: 8,
    withoutSign: 1,
    reads: 'share of namespaces with NetworkPolicies',
    question: 'What is the target for isolation: none, per namespace, or per identity?',
  }),
  criterion('l7-authz-jwt', 'need', {
    title: 'L7 authorization and JWT in the mesh',
    baseWeight: 8,
    withoutSign: 1,
    reads: 'RequestAuthentications, oauth2-proxy, OPA sidecars, external authentication on Ingresses',
    question: 'Must requests or JWTs be checked at each service?',
  }),
  criterion('l7-traffic', 'need', {
    title: 'L7 traffic management',
    baseWeight: 10,
    withoutSign: 0.5,
    reads: 'Rollouts, Canaries, HTTPRoutes, VirtualServices, canary annotations',
    question: 'Are canaries, header routing, mirroring or fault injection between services wanted?',
  }),
  criterion('grpc-lb-resilience', 'need', {
    title: 'Balancing of gRPC and HTTP/2, retries, timeouts',
    baseWeight: 8,
    withoutSign: 0.5,
    reads: 'port names, appProtocol and the protocols of calls',
    question: 'Are there hot pods behind long-lived connections, and do libraries already retry and balance?',
  }),
  criterion('uniform-l7-metrics', 'need', {
    title: 'Uniform L7 metrics and traces',
    baseWeight: 9,
    withoutSign: 1,
    reads: 'collectors, tracing back ends, ServiceMonitors and PodMonitors',
    question: 'Is finding the failing service slow today?',
  }),
  criterion('multicluster', 'need', {
    title: 'Several clusters as one',
    baseWeight: 8,
    withoutSign: 0.5,
    reads: 'ServiceImports, ServiceExports, Links, Submariner, network labels',
    question: 'Must services fail over to other clusters, within which time, and is the network flat?',
  }),
  criterion('vm-workloads', 'need', {
    title: 'Workloads outside Kubernetes',
    baseWeight: 6,
    withoutSign: 0.5,
    reads: 'WorkloadEntries, ExternalWorkloads, Services without selector',
    question: 'How many machines outside Kubernetes must be in the mesh?',
  }),
  criterion('extensibility', 'need', {
    title: 'Custom filters in the proxy',
    baseWeight: 4,
    withoutSign: 0.5,
    reads: 'EnvoyFilters, WasmPlugins, TrafficExtensions',
    question: 'Are custom proxy filters planned?',
  }),
  criterion('ops-simplicity', 'burden', {
    title: 'Simplicity of operation (1: a small team)',
    baseWeight: 12,
    withoutSign: 1,
    reads: 'nothing: a cluster does not show its team',
    question: 'How thin is the platform team (0: many with mesh experience, 1: hardly anybody, no on-call)?',
  }),
  criterion('resource-cost', 'burden', {
    title: 'Cost of resources (1: every core counts)',
    baseWeight: 7,
    withoutSign: 1,
    reads: 'ResourceQuotas',
    question: 'How tight is the budget for additional cores and memory, and at which price?',
  }),
  criterion('latency', 'burden', {
    title: 'Added latency (1: every millisecond counts)',
    baseWeight: 6,
    withoutSign: 1,
    reads: 'nothing: needs latencies and objectives',
    question: 'What is the latency objective per journey, and how far is today’s p99 from it?',
  }),
  criterion('maturity', 'burden', {
    title: 'Maturity of what is needed (1: no beta)',
    baseWeight: 8,
    withoutSign: 1,
    reads: 'nothing: a cluster does not show how much beta is tolerated',
    question: 'Are beta features acceptable in production?',
  }),
  criterion('adoption-effort', 'burden', {
    title: 'Effort of adoption (1: soon, or many obstacles)',
    baseWeight: 6,
    withoutSign: 1,
    reads: 'hostNetwork, StatefulSets, UDP and server-first ports, restricted namespaces',
    question: 'Is there a deadline, and how close is it?',
  }),
  criterion('existing-fit', 'fit', {
    title: 'What is there already',
    baseWeight: 8,
    withoutSign: 0,
    reads: 'meshes found, the CNI',
    question: 'Are there contracts or managed add-ons that favour one mesh?',
  }),
  criterion('scale', 'modifier', {
    title: 'Number of services',
    baseWeight: 0,
    withoutSign: 1,
    reads: 'Services with a selector',
    question: 'How much will the number of services grow in twelve months?',
  }),
  criterion('upgrade-blast-radius', 'modifier', {
    title: 'Blast radius of restarts',
    baseWeight: 0,
    withoutSign: 1,
    reads: 'workloads with one replica',
    question: 'Is there a window in which every workload may be restarted?',
  }),
  criterion('polyglot', 'modifier', {
    title: 'Number of languages',
    baseWeight: 0,
    withoutSign: 1,
    reads: 'nothing: images do not name their language',
    question: 'How many languages do the services use (0: one, 1: many)?',
  }),
  criterion('in-house-alternative', 'modifier', {
    title: 'An alternative of your own',
    baseWeight: 0,
    withoutSign: 0.5,
    reads: 'GRPC_XDS_BOOTSTRAP in containers',
    question: 'Do libraries of your own already give certificates, retries and metrics?',
  }),
  criterion('licence-support', 'constraint', {
    title: 'Only open-source stable releases (1: required)',
    baseWeight: 0,
    withoutSign: 1,
    reads: 'nothing: a contract is not an object',
    question: 'Must every component be an open-source stable release, without a paid vendor?',
  }),
  criterion('fips', 'constraint', {
    title: 'Validated cryptography (1: required)',
    baseWeight: 0,
    withoutSign: 1,
    reads: 'node labels that name FIPS; it cannot be proven from the API',
    question: 'Is a FIPS validated module required?',
  }),
];
