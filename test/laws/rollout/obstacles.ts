import type fc from 'fast-check';
import type { Target } from '../../../src/domain/rollout/plan.ts';
import { calmRollout, type RolloutWorld, type WorkloadFacts } from './rollout-world.ts';

/** What stands in the way of one workload of a cluster that is calm otherwise. */
export const OBSTACLES = [
  'a caller on the network of its node',
  'a caller that is left alone',
  'a call by address',
  'a server whose calls nobody watched',
  'a server whose calls are only inferred',
  'a port in which the server speaks first and which nobody declares',
  'a load balancer in front',
  'a policy of theirs that lets some in',
  'two policies of theirs for one namespace',
  'a rule of theirs by which nobody sends mutual TLS',
] as const;
export type Obstacle = (typeof OBSTACLES)[number];

const OF_ISTIO: ReadonlySet<Obstacle> = new Set(OBSTACLES.slice(-3));

/** The obstacles that a target can meet; the few that show most, or all. */
export function obstaclesFor(target: Target, all: boolean): readonly Obstacle[] {
  if (!all) return ['a caller on the network of its node', 'a server whose calls are only inferred'];
  return OBSTACLES.filter((obstacle) => target !== 'linkerd' || !OF_ISTIO.has(obstacle));
}

/** A cluster with one obstacle; whom it touches, and what the plan must name as the reason. */
export interface PlantedWorld {
  readonly facts: RolloutWorld;
  readonly obstacle: Obstacle;
  /** Workloads that need not reach the goal: `red/Deployment/alpha`. */
  readonly touched: ReadonlySet<string>;
  /** One of these must be in the reasons. */
  readonly names: readonly string[];
}

/** Calm clusters with an obstacle at their first workload. */
export function plantedRollout(target: Target, obstacle: Obstacle): fc.Arbitrary<PlantedWorld> {
  return calmRollout(target).map((calm) => plant(calm, obstacle));
}

function plant(calm: RolloutWorld, obstacle: Obstacle): PlantedWorld {
  const facts = changed(calm, obstacle);
  const [first] = facts.workloads;
  const own = first === undefined ? '' : named(first);
  const called = facts.calls.filter(({ from }) => from === 0).flatMap(({ to }) => facts.workloads.slice(to, to + 1));
  const neighbours = facts.workloads.filter(({ namespace }) => namespace === first?.namespace);
  switch (obstacle) {
    case 'a caller on the network of its node':
    case 'a caller that is left alone':
      return { facts, obstacle, touched: new Set([own, ...called.map(named)]), names: [own] };
    case 'a call by address':
      return { facts, obstacle, touched: new Set(called.slice(0, 1).map(named)), names: [own] };
    case 'a port in which the server speaks first and which nobody declares':
      // Its pods stay outside, so that whom it calls hears plaintext from it.
      return { facts, obstacle, touched: new Set([own, ...called.map(named)]), names: [own] };
    case 'a server whose calls nobody watched':
    case 'a server whose calls are only inferred':
      // STRICT and deny are decided for a namespace.
      return { facts, obstacle, touched: new Set(neighbours.map(named)), names: [own] };
    case 'two policies of theirs for one namespace':
      return { facts, obstacle, touched: new Set(), names: [own] };
    case 'a rule of theirs by which nobody sends mutual TLS':
      return { facts, obstacle, touched: new Set([own]), names: [own] };
    case 'a load balancer in front':
    case 'a policy of theirs that lets some in':
      return { facts, obstacle, touched: new Set(neighbours.map(named)), names: [own, 'theirs', 'load-balancer'] };
  }
}

function named({ namespace, kind, name }: WorkloadFacts): string {
  return `${namespace}/${kind}/${name}`;
}

function changed(calm: RolloutWorld, obstacle: Obstacle): RolloutWorld {
  const first = (change: Partial<WorkloadFacts>): RolloutWorld => ({
    ...calm,
    enrolled: [],
    workloads: calm.workloads.map((one, index) => (index === 0 ? { ...one, ...change } : one)),
  });
  switch (obstacle) {
    case 'a caller on the network of its node':
      return first({ hostNetwork: true });
    case 'a caller that is left alone':
      return first({ optedOut: true });
    case 'a call by address':
      return {
        ...calm,
        calls: [{ from: 0, to: 1, by: 'address', evidence: 'observed', metrics: false }, ...calm.calls],
      };
    case 'a server whose calls nobody watched':
      return { ...calm, calls: calm.calls.filter(({ to }) => to !== 0) };
    case 'a server whose calls are only inferred':
      return {
        ...calm,
        calls: calm.calls.map((one) => (one.to === 0 ? { ...one, evidence: 'inferred' as const } : one)),
      };
    case 'a port in which the server speaks first and which nobody declares':
      return first({ speaks: 'server-first', portName: undefined });
    case 'a load balancer in front':
      return first({ balanced: true });
    case 'a policy of theirs that lets some in':
      return { ...first({}), installed: true, policies: theirs(calm) };
    case 'two policies of theirs for one namespace':
      return { ...first({}), installed: true, policies: [modeOf(calm, 'theirs-b'), modeOf(calm, 'theirs-a')] };
    case 'a rule of theirs by which nobody sends mutual TLS':
      return { ...first({}), installed: true, policies: [plaintextTo(calm)] };
  }
}

/** Of two the older counts, whatever their names. */
function modeOf({ workloads }: RolloutWorld, name: string): RolloutWorld['policies'][number] {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name, namespace: workloads[0]?.namespace },
    spec: { mtls: { mode: 'PERMISSIVE' } },
  };
}

function plaintextTo({ workloads }: RolloutWorld): RolloutWorld['policies'][number] {
  const { name = '', namespace = '' } = workloads[0] ?? {};
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'theirs', namespace },
    spec: { host: `${name}.${namespace}.svc.cluster.local`, trafficPolicy: { tls: { mode: 'DISABLE' } } },
  };
}

function theirs({ workloads }: RolloutWorld): RolloutWorld['policies'] {
  return workloads.slice(0, 1).map(({ namespace, name }) => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'theirs', namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      action: 'ALLOW',
      rules: [{ to: [{ operation: { ports: ['8080'] } }] }],
    },
  }));
}
