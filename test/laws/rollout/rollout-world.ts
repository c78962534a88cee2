import fc from 'fast-check';
import type { Target } from '../../../src/domain/rollout/plan.ts';
import { rarely } from '../rich-draft.ts';
import { asObject } from '../../../src/lib/json.ts';
import { nameOf, type Raw } from './raw-cluster.ts';
import { policyFor } from './rollout-policies.ts';

export const SPACES = ['red', 'blue', 'green'] as const;
export type Space = (typeof SPACES)[number];

/** A workload in plain words: it listens on 8080, or on 4222 where it speaks first; its Service has its name. */
export interface WorkloadFacts {
  readonly namespace: Space;
  readonly name: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';
  readonly account: string;
  readonly speaks: 'http' | 'tcp' | 'server-first';
  /** What its Service says of the port. */
  readonly portName: string | undefined;
  readonly headless: boolean;
  readonly hostNetwork: boolean;
  /** Its template asks to be left alone by Istio and Linkerd. */
  readonly optedOut: boolean;
  readonly balanced: boolean;
  /** Listens on 9090 as well, behind no Service. */
  readonly metrics: boolean;
}

export interface CallFacts {
  readonly from: number;
  readonly to: number;
  readonly by: 'service' | 'address';
  readonly evidence: 'observed' | 'declared' | 'inferred';
  /** The metrics port instead of the Service's. */
  readonly metrics: boolean;
}

/** A generated cluster that a rollout starts from. */
export interface RolloutWorld {
  readonly target: Target;
  readonly installed: boolean;
  /** Namespaces whose pods are in the mesh already. */
  readonly enrolled: readonly Space[];
  readonly workloads: readonly WorkloadFacts[];
  readonly calls: readonly CallFacts[];
  readonly policies: readonly Raw[];
}

const NAMES = ['alpha', 'beta', 'gamma', 'delta', 'omega'] as const;

const spoken = fc.constantFrom<readonly [WorkloadFacts['speaks'], string | undefined]>(
  ['http', 'http'],
  ['http', 'http'],
  ['http', 'http'],
  ['http', undefined],
  ['tcp', 'tcp'],
  ['tcp', undefined],
  ['server-first', 'tcp-nats'],
  ['server-first', undefined],
);

const shape = fc
  .record({
    namespace: fc.constantFrom(...SPACES),
    kind: fc.constantFrom('Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'),
    isShared: rarely(5),
    spoken,
    headless: rarely(6),
    hostNetwork: rarely(8),
    optedOut: rarely(10),
    balanced: rarely(12),
    metrics: rarely(5),
  })
  .map(({ spoken: [speaks, portName], isShared, ...rest }) => ({ ...rest, speaks, portName, isShared }));

const call = fc.record({
  from: fc.nat(4),
  to: fc.nat(4),
  by: fc.constantFrom<CallFacts['by']>('service', 'service', 'service', 'service', 'address'),
  evidence: fc.constantFrom<CallFacts['evidence']>(
    'observed',
    'observed',
    'observed',
    'observed',
    'declared',
    'inferred',
  ),
  metrics: rarely(5),
});

/** Clusters of three to five workloads with all that may be in the way of that target. */
export function rolloutWorld(target: Target): fc.Arbitrary<RolloutWorld> {
  return fc
    .record({
      installed: fc.boolean(),
      enrolled: fc.subarray([...SPACES], { maxLength: 2 }),
      shapes: fc.array(shape, { minLength: 3, maxLength: 5 }),
      calls: fc.array(call, { minLength: 3, maxLength: 9 }),
      policies: fc.array(policyFor(target), { maxLength: 3 }),
    })
    .map(({ installed, enrolled, shapes, calls, policies }) => {
      const workloads = shapes.map(({ isShared, ...one }, index) => ({
        ...one,
        name: NAMES[index] ?? '',
        account: isShared ? 'shared' : (NAMES[index] ?? ''),
        // A job serves nobody; a pod of the node's network is no headless member and has no account of the mesh.
        ...(one.kind === 'CronJob' ? { hostNetwork: false, metrics: false, balanced: false } : {}),
      }));
      return {
        target,
        installed,
        enrolled: installed ? enrolled : [],
        workloads,
        calls: possible(workloads, calls),
        policies: policies
          .filter(({ apiVersion }) => installed || String(apiVersion).startsWith('networking.k8s.io'))
          .map((one, index) => named(one, String(index))),
      };
    });
}

/** A policy with a name of its own, so that several of a kind stand beside each other. */
function named(policy: Raw, suffix: string): Raw {
  return { ...policy, metadata: { ...asObject(policy['metadata']), name: `${nameOf(policy)}-${suffix}` } };
}

/** Calls between two that are there, each once, to one that listens. */
function possible(workloads: readonly WorkloadFacts[], calls: readonly CallFacts[]): readonly CallFacts[] {
  const found = calls
    .map((one) => ({ ...one, from: one.from % workloads.length, to: one.to % workloads.length }))
    .filter(({ from, to, metrics }) => {
      const server = workloads[to];
      return from !== to && server !== undefined && server.kind !== 'CronJob' && (!metrics || server.metrics);
    })
    .map((one) => (one.metrics ? { ...one, by: 'address' as const } : one))
    // What a proxy makes of the address of a pod that a headless Service gives out is not for these worlds.
    .filter(({ to, by }) => by === 'service' || workloads[to]?.headless !== true);
  return [
    ...new Map(
      found.map((one) => [`${String(one.from)} ${String(one.to)} ${one.by} ${String(one.metrics)}`, one]),
    ).values(),
  ];
}

/** Clusters with nothing in the way: everything can be in the mesh, and each server's calls were watched. */
export function calmRollout(target: Target): fc.Arbitrary<RolloutWorld> {
  return rolloutWorld(target).map((facts) => {
    const workloads = facts.workloads.map((one) => ({
      ...one,
      kind: one.kind === 'CronJob' ? ('Deployment' as const) : one.kind,
      account: one.name,
      ...(one.speaks === 'http' ? { portName: 'http' } : { speaks: 'tcp' as const, portName: 'tcp' }),
      headless: false,
      hostNetwork: false,
      optedOut: false,
      balanced: false,
      metrics: false,
    }));
    const ring = workloads.map((_one, index) => ({
      from: index,
      to: (index + 1) % workloads.length,
      by: 'service' as const,
      evidence: 'observed' as const,
      metrics: false,
    }));
    const drawn = facts.calls.map((one) => ({
      ...one,
      by: 'service' as const,
      evidence: 'observed' as const,
      metrics: false,
    }));
    return { ...facts, workloads, calls: possible(workloads, [...ring, ...drawn]), policies: [] };
  });
}
