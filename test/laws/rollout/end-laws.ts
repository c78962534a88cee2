import { asList, asObject, asText, asTexts, asTextMap, at } from '../../../src/lib/json.ts';
import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { controllersOf, livePodsOf, podsOf, templateOf, type WorkloadName } from './naive-pods.ts';
import { nameOfWorkload, strangersAt, workloadsIn } from './naive-rollout-judge.ts';
import {
  keyOf,
  kindOfRaw,
  labelsOf,
  listed,
  nameOf,
  namespaceOf,
  selects,
  type Raw,
  type RawCluster,
} from './raw-cluster.ts';
import type { Faults } from './rollout-laws.ts';
import { SPACES } from './rollout-world.ts';
import type { WalkedStage } from './walk-plan.ts';

const PLAINTEXT = { namespace: 'elsewhere', meshed: false };
const IDENTIFIED = { namespace: 'elsewhere', meshed: true };

/** Workloads that still let strangers in somewhere, as `workload: mtls` or `workload: authorization`. */
export function looseEnds(cluster: RawCluster): readonly (readonly [WorkloadName, 'mtls' | 'authorization'])[] {
  const modesOnly = withoutAuthorization(cluster);
  return workloadsIn(cluster, SPACES)
    .filter(({ kind }) => kind !== 'CronJob')
    .flatMap((workload): readonly (readonly [WorkloadName, 'mtls' | 'authorization'])[] => {
      const ports = [...new Set(podsOf(cluster, workload).flatMap((pod) => pod.ports.map(({ number }) => number)))];
      const isOpenTo = (stranger: typeof PLAINTEXT, at_: RawCluster): boolean =>
        ports.some((port) => strangersAt(at_, [workload, port], stranger) !== 'none');
      return [
        ...(isOpenTo(PLAINTEXT, modesOnly) ? [[workload, 'mtls'] as const] : []),
        ...(isOpenTo(IDENTIFIED, cluster) ? [[workload, 'authorization'] as const] : []),
      ];
    });
}

/** The cluster without what asks for identities, which refuses plaintext as well and would hide a mode that does not. */
function withoutAuthorization(cluster: RawCluster): RawCluster {
  const kept = [...cluster.objects].filter(([, raw]) => kindOfRaw(raw) !== 'security.istio.io/AuthorizationPolicy');
  return { ...cluster, objects: new Map(kept) };
}

/** At the end each workload takes mutual TLS from named callers only, or the plan says why not. */
export function unlistedEnds(plan: RolloutPlan, end: RawCluster): Faults {
  return looseEnds(end)
    .filter(([workload]) => reasonsFor(plan, workload).length === 0)
    .map(([workload, layer]) => `${nameOfWorkload(workload)} ends open (${layer}) and is listed nowhere`);
}

/** Everything that the plan says of why a workload does not reach the goal. */
export function reasonsFor(plan: RolloutPlan, workload: WorkloadName): readonly string[] {
  const name = nameOfWorkload(workload);
  const isMeant = (text: string): boolean => text.includes(name) || text === `namespace ${workload.namespace}`;
  return [
    ...plan.leftOut.filter(({ what }) => isMeant(what)).map(({ reason }) => reason),
    ...plan.exceptions.filter((row) => nameOfWorkload(row.workload) === name).map(({ reason }) => reason),
    ...plan.stages
      .filter((stage) => (stage.state === 'blocked' || stage.state === 'outline') && isAbout(stage, workload))
      .flatMap(({ blockedBy }) => blockedBy.map(({ what }) => what)),
  ];
}

/** Whether the stage is for the workload: it names it, or it is for the whole of its namespace. */
function isAbout({ scope, blockedBy }: Stage, workload: WorkloadName): boolean {
  const name = nameOfWorkload(workload);
  if (blockedBy.some(({ what }) => what.includes(name))) return true;
  return scope.workloads.length > 0
    ? scope.workloads.some((one) => nameOfWorkload(one) === name)
    : scope.namespaces.includes(workload.namespace);
}

/** Whatever a stage writes is about something that is there. */
export function danglingObjects(walked: readonly WalkedStage[], ports: ReadonlySet<number>): Faults {
  return walked.flatMap(({ stage, after }) =>
    stage.steps.flatMap((step) => {
      if (step.step !== 'apply') return [];
      const raw = JSON.parse(JSON.stringify(step.manifest)) as Raw;
      return wrongsOf(raw, after, ports).map((wrong) => `${stage.id}: ${String(raw['kind'])} ${nameOf(raw)} ${wrong}`);
    }),
  );
}

function wrongsOf(raw: Raw, cluster: RawCluster, ports: ReadonlySet<number>): readonly string[] {
  const namespace = namespaceOf(raw);
  if (namespace === undefined) return [];
  if (!cluster.objects.has(keyOf('Namespace', undefined, namespace))) return [`is in ${namespace}, which is not there`];
  const selector = at(raw, 'spec', 'selector') ?? at(raw, 'spec', 'podSelector');
  const isSelecting = raw['kind'] !== 'Service' && selector !== undefined;
  const missing = isSelecting && !isAnybody(cluster, namespace, selector) ? ['selects nobody'] : [];
  return [
    ...missing,
    ...portsNamed(raw)
      .filter((port) => !ports.has(port))
      .map((port) => `names port ${String(port)}, which nobody knows`),
    ...principalsNamed(raw)
      .filter((principal) => !isAccount(cluster, principal))
      .map((principal) => `names ${principal}, which no workload has`),
    ...targetsNamed(raw)
      .filter((key) => !cluster.objects.has(key))
      .map((key) => `refers to ${key}, which is not there`),
  ];
}

function isAnybody(cluster: RawCluster, namespace: string, selector: unknown): boolean {
  return controllersOf(cluster)
    .filter((controller) => namespaceOf(controller) === namespace)
    .flatMap((controller) => [templateOf(controller), ...livePodsOf(cluster, controller)])
    .some((pod) => selects(selector, labelsOf(pod)));
}

/** Container ports in policies of Istio and Linkerd. */
function portsNamed(raw: Raw): readonly number[] {
  const kind = raw['kind'];
  if (kind === 'PeerAuthentication') return Object.keys(asObject(at(raw, 'spec', 'portLevelMtls')) ?? {}).map(Number);
  if (kind === 'Server') return typeof at(raw, 'spec', 'port') === 'number' ? [Number(at(raw, 'spec', 'port'))] : [];
  if (kind !== 'AuthorizationPolicy') return [];
  return asList(at(raw, 'spec', 'rules'))
    .flatMap((rule) => asList(at(rule, 'to')))
    .flatMap((to) => asTexts(at(to, 'operation', 'ports')))
    .map(Number);
}

/** Namespace and account of everybody whom a policy lets in by name. */
function principalsNamed(raw: Raw): readonly string[] {
  const istio = asList(at(raw, 'spec', 'rules'))
    .flatMap((rule) => asList(at(rule, 'from')))
    .flatMap((from) => asTexts(at(from, 'source', 'principals')))
    .map((principal) => principal.replace(/^.*\/ns\/(.*)\/sa\/(.*)$/, '$1/$2'));
  const linkerd = asTexts(at(raw, 'spec', 'identities'))
    .filter((identity) => !identity.startsWith('*'))
    .map((identity) => identity.split('.').slice(0, 2).reverse().join('/'));
  const refs = asList(at(raw, 'spec', 'identityRefs')).map((ref) => asTextMap(ref));
  const accounts = refs.filter(({ kind }) => kind === 'ServiceAccount');
  return [
    ...istio,
    ...linkerd,
    ...accounts.map(({ namespace, name = '' }) => `${namespace ?? namespaceOf(raw) ?? ''}/${name}`),
  ];
}

function isAccount(cluster: RawCluster, principal: string): boolean {
  return controllersOf(cluster).some((controller) => {
    const account = asText(at(templateOf(controller), 'spec', 'serviceAccountName')) ?? 'default';
    return `${namespaceOf(controller) ?? ''}/${account}` === principal;
  });
}

/** What Linkerd's policies refer to in their own namespace. */
function targetsNamed(raw: Raw): readonly string[] {
  if (raw['apiVersion'] !== 'policy.linkerd.io/v1alpha1' || raw['kind'] !== 'AuthorizationPolicy') return [];
  const refs = [at(raw, 'spec', 'targetRef'), ...asList(at(raw, 'spec', 'requiredAuthenticationRefs'))];
  return refs.map((ref) => {
    const { kind = '', name = '', namespace, group = '' } = asTextMap(ref);
    const key = group === '' || group === 'core' ? kind : `${group}/${kind}`;
    return keyOf(key, kind === 'Namespace' ? undefined : (namespace ?? namespaceOf(raw)), name);
  });
}

/** Every container port of the cluster, by templates and by Services. */
export function knownPorts(cluster: RawCluster): ReadonlySet<number> {
  const own = workloadsIn(cluster, SPACES).flatMap((one) => podsOf(cluster, one).flatMap(({ ports }) => ports));
  const served = listed(cluster, 'Service').flatMap((raw) => asList(at(raw, 'spec', 'ports')));
  return new Set([...own.map(({ number }) => number), ...served.map((port) => Number(at(port, 'targetPort')))]);
}
