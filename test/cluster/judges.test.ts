import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { podLists, requestsOfProgram, trespasses } from './support/audit.ts';
import { wrongFacts } from './support/claims.ts';
import type { TestServer } from './support/test-server.ts';

const KINDS = ['Pod', 'apps/Deployment', 'networking.istio.io/EnvoyFilter', 'policy/PodDisruptionBudget'];

function inventoryOf(mode: string, unread: readonly string[] = [], names: readonly string[] = ['cart']): JsonObject {
  return {
    cluster: { kubernetesVersion: { known: true, value: 'v1.36.3' } },
    coverage: KINDS.map((kind) => ({ kind, state: unread.includes(kind) ? 'unread' : 'read' })),
    workloads: names.map((name) => ({
      ...{ namespace: 'shop', kind: 'Deployment', name, state: 'enrolled' },
      pods: { known: true, value: 2 },
      dataPlane: { next: { mode: 'sidecar' } },
      mtls: { mode, ports: {} },
      authorization: { default: 'allow' },
    })),
  };
}

describe('the judge of disturbed readings', () => {
  const clean = inventoryOf('strict');

  it('finds nothing wrong in the same answer', () => {
    expect(wrongFacts(clean, inventoryOf('strict'))).toEqual([]);
  });

  it.each([[[]], [['apps/Deployment', 'Pod']]])('finds another mode wrong, whatever was not read: %j', (unread) => {
    expect(wrongFacts(clean, inventoryOf('permissive', unread)).join()).toContain('mTLS: permissive');
  });

  it('lets unknown pass only where a kind that bears on it was not read', () => {
    expect(wrongFacts(clean, inventoryOf('unknown', ['networking.istio.io/EnvoyFilter']))).toEqual([]);
    expect(wrongFacts(clean, inventoryOf('unknown', ['policy/PodDisruptionBudget'])).join()).toContain('unknown');
    expect(wrongFacts(clean, inventoryOf('unknown')).join()).toContain('unknown');
  });

  it('lets a workload go missing only where kinds of workloads were not read', () => {
    expect(wrongFacts(clean, inventoryOf('strict', ['apps/Deployment'], []))).toEqual([]);
    const wrong = wrongFacts(clean, inventoryOf('strict', ['networking.istio.io/EnvoyFilter'], []));
    expect(wrong.join()).toContain('shop/Deployment/cart state: not said');
  });

  it('finds a workload wrong that was not there', () => {
    expect(wrongFacts(clean, inventoryOf('strict', [], ['cart', 'cart-7f'])).join()).toContain('there is none');
  });
});

describe('the look at the audit log', () => {
  function event(verb: string, resource: string, username: string): JsonObject {
    const requestURI = `/api/v1/${resource}?limit=500`;
    return { verb, requestURI, user: { username }, objectRef: { resource }, responseStatus: { code: 200 } };
  }
  function requestsIn(...events: readonly JsonObject[]): readonly JsonObject[] {
    return requestsOfProgram({ auditEvents: () => events } as unknown as TestServer);
  }

  it('leaves out the harness and the API server, and nobody else', () => {
    const users = ['test-admin', 'system:apiserver', 'system:anonymous', 'system:serviceaccount:any:one'];
    expect(requestsIn(...users.map((user) => event('list', 'pods', user)))).toHaveLength(2);
  });

  it('finds writes, Secrets and lists of ConfigMaps', () => {
    const requests = requestsIn(
      event('list', 'pods', 'reader'),
      event('get', 'configmaps', 'reader'),
      event('create', 'pods', 'reader'),
      event('get', 'secrets', 'reader'),
      event('list', 'configmaps', 'reader'),
    );
    expect(podLists(requests)).toBe(1);
    expect(trespasses(requests).map((request) => request.split('?')[0])).toEqual([
      'create /api/v1/pods',
      'get /api/v1/secrets',
      'list /api/v1/configmaps',
    ]);
  });
});
