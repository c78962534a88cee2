import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import type { Kind } from '../../../../src/domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../../../src/domain/world/coverage.ts';
import { factsOf, makeWorld } from '../../../../src/domain/world/object-world.ts';
import { platformOf } from '../../../../src/domain/world/platform/platform.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { asList, asObject, at, type JsonObject } from '../../../../src/lib/json.ts';
import { platform as schema } from '../../../../src/schema/parts/platform.ts';
import { namespace, service, workload, worldFrom } from '../../../support/build-world.ts';
import { asking, controller, definition, nodeWith, object, podWith } from './platform-world.ts';

const target = { kind: 'Deployment', name: 'cart' };
const rules = [{ apiGroups: ['*'], resources: ['pods'], operations: ['CREATE'] }];
const clientConfig = { service: { namespace: 'shop', name: 'kyverno' } };

/** Something of everything that the platform is read from. */
const EVERYTHING: readonly JsonObject[] = [
  namespace('shop', { 'pod-security.kubernetes.io/enforce': 'baseline' }),
  nodeWith('a', { kubelet: 'v1.33.1-eks-1', providerId: 'aws:///a/i-1' }),
  nodeWith('f', { kubelet: 'v1.34.2-eks-1', labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }),
  controller('DaemonSet', 'calico-node', 'calico/node:v3.31.0'),
  controller('DaemonSet', 'kube-proxy', 'kube-proxy:v1.34.2'),
  { apiVersion: 'crd.projectcalico.org/v1', kind: 'FelixConfiguration', metadata: { name: 'default' }, spec: {} },
  definition('gateways', 'gateway.networking.k8s.io', { kind: 'Gateway' }),
  definition('certificates', 'cert-manager.io'),
  workload('shop', 'kyverno', { container: { image: 'ghcr.io/kyverno/kyverno:v1.16.0' } }),
  workload('shop', 'cart'),
  service('shop', 'kyverno'),
  podWith('waiting', { containers: [asking('1', '1Gi')] }),
  podWith('running', { containers: [asking('1', '1Gi')], nodeName: 'a' }),
  object('v1', 'ResourceQuota', { spec: { hard: { pods: '4' } } }),
  object('v1', 'LimitRange', { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } }),
  object('autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { scaleTargetRef: target, maxReplicas: 3 } }),
  object('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', { spec: { targetRef: target } }),
  object('keda.sh/v1alpha1', 'ScaledObject', { spec: { scaleTargetRef: target } }),
  object('policy/v1', 'PodDisruptionBudget', { spec: { maxUnavailable: 0 } }),
  webhook('MutatingWebhookConfiguration'),
  webhook('ValidatingWebhookConfiguration'),
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec: {},
  },
];

const CILIUM_CONFIG = { 'kube-proxy-replacement': 'true' };
const STATIC_PROXY = podWith(
  'kube-proxy-a',
  { containers: [asking('1', '1Gi')], nodeName: 'a' },
  {
    metadata: { name: 'kube-proxy-a', namespace: 'kube-system', labels: { component: 'kube-proxy' } },
  },
);
/** Other network plugins in place of Calico. */
const NETWORKS: readonly (readonly JsonObject[])[] = [
  [controller('DaemonSet', 'ovnkube-node', 'ovn:v1')],
  [controller('DaemonSet', 'ovnkube-node', 'ovn:v1'), STATIC_PROXY],
  [controller('DaemonSet', 'kube-flannel-ds', 'flannel:v1'), controller('DaemonSet', 'kube-proxy', 'kube-proxy:v1')],
  [
    controller('DaemonSet', 'cilium', 'cilium:v1.18.0'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cilium-config', namespace: 'kube-system' },
      data: CILIUM_CONFIG,
    },
  ],
];

function webhook(kind: string): JsonObject {
  const webhooks = [{ name: 'w.example.com', rules, clientConfig }];
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'w' }, webhooks };
}

/** The world as somebody sees it who may not read these kinds. */
function without(world: World, forbidden: readonly Kind[]): World {
  const entries = world.coverage.entries.map((entry): CoverageEntry =>
    forbidden.includes(entry.kind) ? { kind: entry.kind, state: 'forbidden', objects: 0 } : entry,
  );
  const kept = world.kinds().filter((kind) => !forbidden.includes(kind));
  const objects = kept.flatMap((kind) => world.list(kind).objects);
  return makeWorld({ ...factsOf(world), coverage: { ...world.coverage, entries } }, objects);
}

/** Paths at which `after` claims to know something else than `before` did. */
function newClaims(before: unknown, after: unknown, path: string): string[] {
  if (at(after, 'known') === false) return [];
  const [left, right] = [asObject(before), asObject(after)];
  if (left !== undefined && right !== undefined) {
    // Both lists hold what was read and claim no more.
    const lists = right['role'] === undefined ? ['evidence'] : ['evidence', 'workloads'];
    const keys = Object.keys(right).filter((key) => !lists.includes(key));
    return keys.flatMap((key) => newClaims(left[key], right[key], `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    if (path.endsWith('.engines')) return newEngineClaims(before, after, path);
    if (before.length !== after.length) return [path];
    return asList(after).flatMap((member, index) =>
      newClaims(asList(before)[index], member, `${path}.${String(index)}`),
    );
  }
  return before === after ? [] : [path];
}

/** The list grows by engines of which nothing is known. */
function newEngineClaims(before: readonly unknown[], after: readonly unknown[], path: string): string[] {
  return after.flatMap((engine) => {
    const name = at(engine, 'component');
    const old = before.find((candidate) => at(candidate, 'component') === name);
    return newClaims(old ?? { component: name }, engine, `${path}.${String(name)}`);
  });
}

describe('platformOf', () => {
  const whole = worldFrom(EVERYTHING);

  it('knows nothing new when any kinds of objects are unread', () => {
    const kinds = Object.values(KIND);
    const others = EVERYTHING.filter(({ kind }) => kind !== 'DaemonSet');
    const worlds = [whole, ...NETWORKS.map((network) => worldFrom([...others, ...network]))];
    for (const world of worlds) {
      const before = platformOf(world);
      const check = (forbidden: readonly Kind[]): void => {
        expect(newClaims(before, platformOf(without(world, forbidden)), 'platform')).toEqual([]);
      };
      for (const kind of kinds) check([kind]);
      fc.assert(fc.property(fc.subarray(kinds, { minLength: 2 }), check), { numRuns: 30 });
    }
  });

  it('claims nothing of an empty world, and that there is none of anything only where all was read', () => {
    const blind = platformOf(worldFrom([], { forbidden: Object.values(KIND) }));
    expect(JSON.stringify({ ...blind, versions: undefined })).not.toContain('"known":true');
  });

  it('is what its schema says', () => {
    const platform = platformOf(whole);
    expect(schema.parse(platform)).toEqual(platform);
  });

  it('survives any spec and status', () => {
    const hostile = fc.tuple(fc.constantFrom(...EVERYTHING), fc.jsonValue(), fc.jsonValue());
    const property = fc.property(fc.array(hostile, { maxLength: 6 }), (members) => {
      const objects = members.map(([manifest, spec, status]) => ({ ...manifest, spec, status, webhooks: spec }));
      const world = worldFrom(objects, { pods: false });
      const platform = platformOf(world);
      expect(schema.parse(platform)).toEqual(platform);
    });
    fc.assert(property, { numRuns: 150 });
  });
});
