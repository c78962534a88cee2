import { describe, expect, it } from 'vitest';
import { findWorkload } from '../../../src/domain/world/workloads-of.ts';
import type { Workload } from '../../../src/domain/world/workload.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { worldFrom, type WorldOptions } from '../../support/build-world.ts';

const APP = { name: 'app', image: 'example.com/b:1', ports: [{ containerPort: 8080 }] };
const PROXY = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.0' };

function owner(kind: string, name: string): readonly JsonObject[] {
  return [{ apiVersion: 'example.com/v1', kind, name, controller: true }];
}

function podOf(owners: readonly JsonObject[], parts: JsonObject = {}, labels: JsonObject = {}): JsonObject {
  const metadata = { name: 'b-0', namespace: 'shop', labels: { app: 'b', ...labels }, ownerReferences: owners };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [APP], ...parts } };
}

function replicaSet(name: string, revision: string | undefined, account: string): JsonObject {
  const annotations = revision === undefined ? {} : { 'rollout.argoproj.io/revision': revision };
  const labels = { app: 'b', 'rollouts-pod-template-hash': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'shop', annotations, ownerReferences: owner('Rollout', 'b') },
    spec: { template: { metadata: { labels }, spec: { serviceAccountName: account, containers: [APP] } } },
  };
}

function workloadIn(manifests: readonly JsonObject[], kind: string, options: WorldOptions = {}): Workload | undefined {
  return findWorkload(worldFrom(manifests, options), { namespace: 'shop', kind, name: 'b' });
}

const SIDECAR = { containers: [APP, PROXY] };

describe('a workload that is known by its pods alone', () => {
  it('creates next what its ReplicaSet says, not what was added to its pods', () => {
    const pod = podOf(owner('ReplicaSet', 'b-1'), SIDECAR);
    const found = workloadIn([replicaSet('b-1', undefined, 'web'), pod], 'Rollout');
    expect(found?.next.pod.containers.map(({ name }) => name)).toEqual(['app']);
    expect(found?.next.pod.labels).toEqual({ app: 'b' });
    expect(found?.next.unread).toBeUndefined();
  });

  it('goes by the ReplicaSet of the highest revision, by number', () => {
    const sets = [replicaSet('b-1', '9', 'old'), replicaSet('b-2', '10', 'new')];
    const pod = podOf(owner('ReplicaSet', 'b-1'));
    expect(workloadIn([...sets, pod], 'Rollout')?.next.pod.serviceAccount).toBe('new');
    expect(workloadIn([...sets.reverse(), pod], 'Rollout')?.serviceAccount).toBe('new');
  });

  it.each([
    ['a revision is missing', ['1', undefined]],
    ['two have the same', ['2', '2']],
    ['one is no number', ['2', 'x']],
  ])('does not know what comes next where of several ReplicaSets %s', (_what, [first, second]) => {
    const sets = [replicaSet('b-1', first, 'old'), replicaSet('b-2', second, 'new')];
    const found = workloadIn([...sets, podOf(owner('ReplicaSet', 'b-1'))], 'Rollout');
    expect(found?.next.unread).toContain('the template of Rollout b was not read');
  });

  it('does not know what comes next where its object may not be read, and says so', () => {
    const found = workloadIn([podOf(owner('StatefulSet', 'b'), SIDECAR)], 'StatefulSet', {
      forbidden: ['apps/StatefulSet'],
    });
    expect(found?.next.unread).toContain('apps/StatefulSet');
    expect(found?.live).toMatchObject({ known: true, value: [{ pods: 1 }] });
  });

  it('does not take what a mesh or somebody added to the pods of an operator for what the operator asks for', () => {
    const of = owner('StrimziPodSet', 'b');
    expect(workloadIn([podOf(of, SIDECAR)], 'StrimziPodSet')?.next.unread).toContain('StrimziPodSet b');
    const labelled = podOf(of, {}, { 'istio.io/dataplane-mode': 'ambient' });
    expect(workloadIn([labelled], 'StrimziPodSet')?.next.unread).toBeDefined();
    expect(workloadIn([podOf(of)], 'StrimziPodSet')?.next.unread).toBeUndefined();
  });

  it('takes a pod that nobody owns for its own template', () => {
    const found = findWorkload(worldFrom([podOf([], SIDECAR)]), { namespace: 'shop', kind: 'Pod', name: 'b-0' });
    expect(found?.next.unread).toBeUndefined();
    expect(found?.next.pod).toBe(found?.live.known === true ? found.live.value[0]?.pod : undefined);
  });
});
