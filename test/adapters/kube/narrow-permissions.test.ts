import { describe, expect, it } from 'vitest';
import { gapIn } from '../../../src/domain/world/coverage.ts';
import type { Fault, StubRequest, StubResource } from '../../support/kube-api-stub.ts';
import { namesIn, readStub } from './read-stub.ts';

function podsIn(...namespaces: readonly string[]): StubResource {
  const objects = namespaces.flatMap((namespace) =>
    Array.from({ length: 600 }, (_, index) => ({ metadata: { name: `p${String(index)}`, namespace } })),
  );
  return { apiVersion: 'v1', kind: 'Pod', plural: 'pods', objects };
}

const NAMESPACES: StubResource = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  objects: ['shop', 'pay', 'secret'].map((name) => ({ metadata: { name } })),
};

function refusing(...paths: readonly string[]): (request: StubRequest) => Fault | undefined {
  return ({ path }) => (paths.includes(path) ? { fault: 'status', status: 403 } : undefined);
}

describe('a user who may list some namespaces alone', () => {
  it('sees those named with -n, and coverage says that the rest is not read', async () => {
    const { coverage, objects } = await readStub(
      { resources: [podsIn('shop', 'pay', 'secret'), NAMESPACES], faults: refusing('/api/v1/pods') },
      { namespaces: ['shop', 'pay'] },
    );
    const pods = coverage.find(({ kind }) => kind === 'Pod');
    expect(pods).toMatchObject({ state: 'partial', objects: 1200, namespaces: ['pay', 'shop'] });
    expect(pods?.reason).toContain('403');
    expect(objects.get('Pod')).toHaveLength(1200);
    expect(gapIn(pods, 'live', { kind: 'Pod', namespace: 'shop' })).toBeUndefined();
    expect(gapIn(pods, 'live', { kind: 'Pod', namespace: 'secret' })).toBeDefined();
    expect(gapIn(pods, 'live', { kind: 'Pod' })).toBeDefined();
  });

  it('sees the namespaces themselves by name', async () => {
    const { coverage, objects } = await readStub(
      { resources: [NAMESPACES], faults: refusing('/api/v1/namespaces') },
      { namespaces: ['shop', 'gone'] },
    );
    expect(coverage[0]).toMatchObject({ kind: 'Namespace', state: 'partial', objects: 1, names: ['/gone', '/shop'] });
    expect(namesIn(objects.get('Namespace'))).toEqual(['shop']);
  });

  it('is told which of them are forbidden as well', async () => {
    const faults = refusing('/api/v1/pods', '/api/v1/namespaces/pay/pods');
    const { coverage } = await readStub(
      { resources: [podsIn('shop', 'pay')], faults },
      { namespaces: ['shop', 'pay'] },
    );
    expect(coverage[0]).toMatchObject({ state: 'partial', namespaces: ['shop'], objects: 600 });
    expect(coverage[0]?.reason).toContain('pay: no permission');
  });

  it.each([[undefined], [['shop']]])('reads nothing where %j may not be listed either', async (namespaces) => {
    const faults = refusing('/api/v1/pods', '/api/v1/namespaces/shop/pods');
    const { coverage } = await readStub({ resources: [podsIn('shop')], faults }, { namespaces });
    expect(coverage[0]).toMatchObject({ kind: 'Pod', state: 'forbidden', objects: 0 });
  });

  it('gets each pod once where a list expires in the middle', async () => {
    let expired = false;
    const { coverage, objects } = await readStub(
      {
        resources: [podsIn('pay', 'shop')],
        faults: ({ path, query }) => {
          if (path === '/api/v1/pods') return { fault: 'status', status: 403 };
          if (path !== '/api/v1/namespaces/shop/pods' || query.get('continue') === null || expired) return undefined;
          expired = true;
          return { fault: 'status', status: 410 };
        },
      },
      { namespaces: ['pay', 'shop'] },
    );
    expect(coverage[0]).toMatchObject({ state: 'partial', objects: 1200, namespaces: ['pay', 'shop'] });
    expect(objects.get('Pod')).toHaveLength(1200);
  });
});

describe('ConfigMaps', () => {
  const configMap = (namespace: string, name: string) => ({ metadata: { namespace, name }, data: { a: 'x' } });
  const maps: StubResource = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    objects: [configMap('shop', 'app'), configMap('pay', 'app'), configMap('istio-system', 'istio')],
  };

  it('say which were asked for by name, those that are not there included', async () => {
    const { coverage } = await readStub({ resources: [maps] });
    const entry = coverage[0];
    const asked = (namespace: string, name: string) => gapIn(entry, 'live', { kind: 'ConfigMap', namespace, name });
    expect(asked('istio-system', 'istio')).toBeUndefined();
    expect(asked('linkerd', 'linkerd-config')).toBeUndefined();
    expect(asked('shop', 'app')).toBeDefined();
    expect(gapIn(entry, 'live', { kind: 'ConfigMap', namespace: 'istio-system' })).toBeDefined();
  });

  it('do not count as asked for where the answer was a refusal', async () => {
    const faults = refusing('/api/v1/namespaces/istio-system/configmaps/istio');
    const { coverage } = await readStub({ resources: [maps], faults });
    expect(coverage[0]?.names).not.toContain('istio-system/istio');
    expect(coverage[0]?.reason).toContain('istio-system/istio could not be read (no permission)');
  });

  it('of namespaces that were asked for are listed whole, and of no other', async () => {
    const { coverage, objects, stub } = await readStub({ resources: [maps] }, { configMapNamespaces: ['shop'] });
    expect(namesIn(objects.get('ConfigMap')).sort()).toEqual(['app', 'istio']);
    expect(coverage[0]).toMatchObject({ state: 'partial', objects: 2, namespaces: ['shop'] });
    expect(stub.requests.filter(({ path }) => path === '/api/v1/configmaps')).toEqual([]);
  });
});
