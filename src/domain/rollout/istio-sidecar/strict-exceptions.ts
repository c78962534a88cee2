import { asObject, at } from '../../../lib/json.ts';
import { compareBy, compareText, groupBy, sortedUnique } from '../../../lib/order.ts';
import { formatSource } from '../../calls/call-id.ts';
import { strongestEvidence, type Call, type EvidenceKind } from '../../calls/call.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { parsePeerAuthentication } from '../../mesh/istio/mtls/peer-authentication.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { isAgentPort } from '../evidence-rule.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { WorseCall } from '../simulate-stage.ts';
import { alsoSelected, MANAGED_LABELS, nameFor, selectorLabels } from './generated-objects.ts';
import { takenNames } from './taken-names.ts';

/** A container port that has to keep taking plaintext, with the callers that it is for. */
export interface ExceptedPort {
  readonly workload: Workload;
  readonly port: number;
  /** One for each caller, as `shop/CronJob/report: plaintext (run), observed`. */
  readonly waitsFor: readonly string[];
}

/** The ports of a namespace's workloads behind the calls that STRICT would make worse; never those of the sidecar's agent, which it does not capture. */
export function portsToExcept(
  planning: Planning,
  namespace: string,
  worse: readonly WorseCall[],
): readonly ExceptedPort[] {
  const hits = worse.flatMap((each) =>
    (planning.index.servers.get(each.call.id) ?? [])
      .filter(({ workload, port }) => workload.namespace === namespace && !isAgentPort(port))
      .map(({ workload, port }) => ({ workload, port, worse: each })),
  );
  const groups = groupBy(hits, ({ workload, port }) => `${formatWorkload(workload)} ${String(port)}`);
  return [...groups.values()]
    .flatMap((group): readonly ExceptedPort[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { workload, port } = first;
      return [{ workload, port, waitsFor: waitsFor(group.map((hit) => hit.worse)) }];
    })
    .sort(
      compareBy(
        ({ workload }) => formatWorkload(workload),
        ({ port }) => String(port).padStart(5, '0'),
      ),
    );
}

/** One text for each caller, on the strongest evidence that any of its calls rests on. */
function waitsFor(worse: readonly WorseCall[]): readonly string[] {
  const callers = groupBy(worse, ({ call }) => formatSource(call.from));
  return [...callers]
    .map(([caller, group]) => {
      const wires = sortedUnique(group.map(({ after }) => after.wire)).join(' or ');
      const phases = sortedUnique(group.map(({ call }) => call.phase)).join(', ');
      return `${caller}: ${wires} (${phases}), ${strongestOf(group.map(({ call }) => call))}`;
    })
    .sort(compareText);
}

function strongestOf(calls: readonly Call[]): EvidenceKind {
  const kinds = new Set(calls.map(strongestEvidence));
  return (['exercised', 'observed', 'declared'] as const).find((kind) => kinds.has(kind)) ?? 'inferred';
}

/** The objects that keep these ports PERMISSIVE, and what is in their way. */
export interface ExceptionObjects {
  readonly steps: readonly ApplyStep[];
  readonly blockedBy: readonly Obstacle[];
  readonly notes: readonly string[];
}

/** One PeerAuthentication for each workload, with modes for ports only: the workload's own mode stays inherited. */
export function exceptionObjects(world: World, ports: readonly ExceptedPort[]): ExceptionObjects {
  const steps: ApplyStep[] = [];
  const blockedBy: Obstacle[] = [];
  const notes: string[] = [];
  for (const [, group] of groupBy(ports, ({ workload }) => formatWorkload(workload))) {
    const workload = group[0]?.workload;
    if (workload === undefined) continue;
    const name = nameFor(world, workload, 'exceptions');
    const step = exceptionObject(workload, name, group);
    const obstacle = whyNoException(world, workload, name) ?? takenNames(world, [step])[0];
    if (obstacle === undefined) steps.push(step);
    else blockedBy.push(obstacle);
    const others = alsoSelected(world, workload);
    if (others.length > 0) {
      notes.push(
        `${name} also holds for the pods of ${others.map(formatWorkload).join(', ')}, which carry the same labels.`,
      );
    }
  }
  return { steps, blockedBy, notes };
}

function exceptionObject(workload: Workload, name: string, ports: readonly ExceptedPort[]): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name, namespace: workload.namespace, labels: MANAGED_LABELS },
      spec: {
        selector: { matchLabels: selectorLabels(workload) },
        portLevelMtls: Object.fromEntries(ports.map(({ port }) => [String(port), { mode: 'PERMISSIVE' }])),
      },
    },
  };
}

/** Of several policies with a selector only the oldest counts, so ours would be in force only by chance. */
function whyNoException(world: World, workload: Workload, name: string): Obstacle | undefined {
  if (Object.keys(selectorLabels(workload)).length === 0) {
    return {
      kind: 'object',
      what: `${formatWorkload(workload)} has no labels by which a policy could select its pods`,
      remedy: 'give its pod template a label of its own',
    };
  }
  const rival = workloadPolicies(world, workload).find((policy) => policy.name !== name);
  if (rival === undefined) return undefined;
  return {
    kind: 'object',
    what: `PeerAuthentication ${workload.namespace}/${rival.name} selects the pods of ${formatWorkload(workload)} already`,
    remedy: 'add the ports there as portLevelMtls PERMISSIVE, because a second object would not count',
  };
}

function workloadPolicies(world: World, workload: Workload) {
  return world
    .listIn(KIND.peerAuthentication, workload.namespace)
    .objects.map(parsePeerAuthentication)
    .filter(
      ({ hasSelector, selector }) =>
        hasSelector && cohortsOf(workload).some(({ pod }) => matchesSelector(selector, pod.labels)),
    );
}

/** The ports as rows of the exception register. */
export function mtlsExceptions(ports: readonly ExceptedPort[]): readonly Exception[] {
  return ports.map(({ workload, port, waitsFor }) => ({
    workload: workloadRef(workload),
    layer: 'mtls' as const,
    ports: [port],
    reason: `it waits for ${waitsFor.join('; ')}`,
    owner: ownerToBeNamed(workload),
    expires: 'when these callers send mutual TLS',
  }));
}

/** Ports that the world's policies keep PERMISSIVE already, by formatted workload. */
export function portsExceptedAlready(world: World, namespace: string): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, ReadonlySet<number>>();
  for (const workload of workloadsIn(world, namespace)) {
    const ports = workloadPolicies(world, workload).flatMap(({ portModes }) =>
      Object.entries(portModes).flatMap(([port, mode]) =>
        mode === 'PERMISSIVE' || mode === 'DISABLE' ? [Number(port)] : [],
      ),
    );
    if (ports.length > 0) found.set(formatWorkload(workload), new Set(ports));
  }
  return found;
}

/** Workloads of the namespace with a policy that keeps the whole of them from turning STRICT. */
export function exemptWhole(world: World, namespace: string): readonly Workload[] {
  return workloadsIn(world, namespace).filter((workload) =>
    workloadPolicies(world, workload).some(({ mode }) => mode === 'PERMISSIVE' || mode === 'DISABLE'),
  );
}

/** Whether an earlier plan left exceptions in the namespace. */
export function hasOurExceptions(world: World, namespace: string): boolean {
  return world
    .listIn(KIND.peerAuthentication, namespace)
    .objects.some(
      ({ metadata, spec }) =>
        metadata.name.endsWith('-exceptions') && asObject(at(spec, 'portLevelMtls')) !== undefined,
    );
}
