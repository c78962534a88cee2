import { describe, expect, it } from 'vitest';
import { known } from '../../../src/domain/world/fact.ts';
import { impatientClock, namesIn, readStub, resourceOf } from './read-stub.ts';

const PODS = resourceOf('v1', 'Pod', 1203);

describe('readCluster', () => {
  it('reads whole lists page by page, with kind and apiVersion filled in', async () => {
    const { coverage, objects, stub, ...facts } = await readStub({
      resources: [PODS, resourceOf('apps/v1', 'Deployment', 3)],
    });
    expect(coverage).toEqual([
      { kind: 'Pod', state: 'read', objects: 1203 },
      { kind: 'apps/Deployment', state: 'read', objects: 3 },
    ]);
    expect(new Set(namesIn(objects.get('Pod'))).size).toBe(1203);
    expect(objects.get('apps/Deployment')?.[0]).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
    expect(stub.requests.filter((request) => request.path === '/api/v1/pods')).toHaveLength(3);
    expect(facts.kubernetesVersion).toEqual(known('v1.34.2'));
    expect(facts.asOf).toEqual(known('2026-11-21T10:00:00Z'));
    expect([facts.cluster, facts.context, facts.warnings]).toEqual(['stub-cluster', 'stub', []]);
  });

  it('reads packed answers', async () => {
    const { coverage } = await readStub({ resources: [PODS], gzip: true });
    expect(coverage).toEqual([{ kind: 'Pod', state: 'read', objects: 1203 }]);
  });

  it('tells kinds that the cluster does not serve from kinds that it could not ask about', async () => {
    const { coverage } = await readStub(
      { resources: [resourceOf('v1', 'Pod', 1)], emptyGroups: ['metrics.example'] },
      { kinds: ['Pod', 'Nothing', 'security.istio.io/PeerAuthentication', 'metrics.example/Thing'] },
    );
    expect(coverage).toEqual([
      { kind: 'Nothing', state: 'absent', objects: 0, reason: expect.any(String) as string },
      { kind: 'Pod', state: 'read', objects: 1 },
      { kind: 'metrics.example/Thing', state: 'unread', objects: 0, reason: expect.stringContaining('404') as string },
      {
        kind: 'security.istio.io/PeerAuthentication',
        state: 'absent',
        objects: 0,
        reason: expect.any(String) as string,
      },
    ]);
  });

  it('finds a kind that only a version other than the preferred one serves', async () => {
    const { coverage, objects } = await readStub({
      resources: [
        resourceOf('gateway.networking.k8s.io/v1', 'HTTPRoute', 2),
        resourceOf('gateway.networking.k8s.io/v1alpha2', 'TCPRoute', 1),
      ],
    });
    expect(coverage.map(({ state, objects: count }) => [state, count])).toEqual([
      ['read', 2],
      ['read', 1],
    ]);
    expect(objects.get('gateway.networking.k8s.io/TCPRoute')?.[0]).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1alpha2',
    });
  });

  it('leaves an aggregated group that does not answer unread, and reads the rest', async () => {
    const { coverage } = await readStub(
      {
        resources: [resourceOf('v1', 'Pod', 1)],
        emptyGroups: ['broken.example'],
        faults: ({ path }) => (path === '/apis/broken.example/v1' ? { fault: 'status', status: 503 } : undefined),
      },
      { kinds: ['Pod', 'broken.example/Thing'] },
    );
    expect(coverage).toEqual([
      { kind: 'Pod', state: 'read', objects: 1 },
      { kind: 'broken.example/Thing', state: 'unread', objects: 0, reason: expect.stringContaining('503') as string },
    ]);
  });

  it('never asks for Secrets, and sends nothing but GET', async () => {
    const { coverage, stub } = await readStub({
      resources: [resourceOf('v1', 'Secret', 3), resourceOf('v1', 'ConfigMap', 3), resourceOf('v1', 'Pod', 3)],
    });
    expect(coverage.map(({ kind, state }) => [kind, state])).toEqual([
      ['ConfigMap', 'partial'],
      ['Pod', 'read'],
      ['Secret', 'unread'],
    ]);
    expect(stub.requests.filter((request) => request.path.includes('secrets'))).toEqual([]);
    expect(new Set(stub.requests.map((request) => request.method))).toEqual(new Set(['GET']));
    expect(stub.requests.filter((request) => request.path === '/api/v1/configmaps')).toEqual([]);
  });

  it('asks for the ConfigMaps of the revisions and namespaces that it found, by name', async () => {
    const configMap = (namespace: string, name: string) => ({ metadata: { namespace, name }, data: { mesh: 'x' } });
    const { objects, stub } = await readStub({
      resources: [
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          plural: 'namespaces',
          objects: [{ metadata: { name: 'mesh' } }, { metadata: { name: 'kube-system' } }],
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          plural: 'deployments',
          objects: [
            { metadata: { name: 'd', namespace: 'mesh', labels: { app: 'istiod', 'istio.io/rev': 'canary' } } },
          ],
        },
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          plural: 'configmaps',
          objects: [configMap('mesh', 'istio-canary'), configMap('kube-system', 'coredns'), configMap('mesh', 'other')],
        },
      ],
    });
    expect(namesIn(objects.get('ConfigMap'))).toEqual(['coredns', 'istio-canary']);
    const paths = stub.requests.map((request) => request.path);
    expect(paths).toContain('/api/v1/namespaces/mesh/configmaps/istio-sidecar-injector-canary');
    expect(paths.filter((path) => path.includes('/linkerd/'))).toEqual([]);
  });

  it('keeps to the rate it was given', async () => {
    const clock = impatientClock();
    const { stub } = await readStub({ resources: [PODS] }, { qps: 2, clock });
    const waited = clock.slept.reduce((sum, milliseconds) => sum + milliseconds, 0);
    expect(waited).toBe((stub.requests.length - 2) * 500);
  });

  it('impersonates one user and several groups', async () => {
    const { stub } = await readStub({ resources: [PODS] }, { as: 'jane', asGroups: ['dev', 'ops'] });
    expect(stub.requests[0]?.headers['impersonate-user']).toBe('jane');
    expect(stub.requests[0]?.headers['impersonate-group']).toBe('dev, ops');
  });

  it('never has more than two kinds in flight', async () => {
    const kinds = ['A', 'B', 'C', 'D', 'E'].map((kind) => resourceOf('v1', kind, 600));
    const open = new Set<string>();
    let most = 0;
    await readStub(
      {
        resources: kinds,
        faults: ({ path }) => {
          if (kinds.some((kind) => path === `/api/v1/${kind.plural}`)) open.add(path);
          most = Math.max(most, open.size);
          return undefined;
        },
      },
      {
        onProgress: ({ kind, objects }) => {
          if (objects === 600) open.delete(`/api/v1/${kind.toLowerCase()}s`);
        },
      },
    );
    expect(most).toBe(2);
  });
});
