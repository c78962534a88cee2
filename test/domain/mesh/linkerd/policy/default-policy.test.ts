import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import { findWorkload } from '../../../../../src/domain/world/workloads-of.ts';
import { completeWorld, object } from '../../../../cases-runner/case-world.ts';
import { linkerdControlPlane } from '../../../../cases-runner/linkerd/linkerd-world.ts';
import { ask, changed, CURL, scene } from './scene.ts';

const POLICY = 'config.linkerd.io/default-inbound-policy';

/** A Deployment in an injected namespace with annotations of its own. */
function nextMode(namespace: Record<string, string>, template: Record<string, string>): string {
  const spec = { metadata: { annotations: template }, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
  const world = completeWorld([
    ...linkerdControlPlane(),
    object('v1', 'Namespace', { name: 'shop', annotations: { 'linkerd.io/inject': 'enabled', ...namespace } }),
    object('apps/v1', 'Deployment', { name: 'web', namespace: 'shop', spec: { template: spec } }),
  ]);
  const workload = findWorkload(world, { namespace: 'shop', kind: 'Deployment', name: 'web' });
  if (workload === undefined) throw new Error('no workload');
  const { mode, declared, evidence } = linkerd.portMode({ workload, cohort: workload.next, port: 80 }, world);
  return `${mode} ${declared} by ${evidence[0]?.object?.kind ?? 'nobody'}`;
}

describe('the default inbound policy', () => {
  test('of the next pods is what the namespace says now, unless the template says otherwise', () => {
    expect(nextMode({}, {})).toBe('permissive all-unauthenticated by ConfigMap');
    expect(nextMode({ [POLICY]: 'deny' }, {})).toBe('strict deny by Namespace');
    expect(nextMode({ [POLICY]: 'deny' }, { [POLICY]: 'audit' })).toBe('permissive audit by apps/Deployment');
  });

  test('of a running pod is what its own annotation says, whatever its namespace says now', () => {
    const annotated = (live: Record<string, string>, namespace: Record<string, string>): string => {
      const found = scene([], { annotations: live });
      const { world, server } = changed(found.world, {
        objects: (all) => all.map((one) => (one.kind === 'Namespace' ? withAnnotations(one, namespace) : one)),
      });
      return linkerd.portMode({ ...server, port: 80 }, world).declared;
    };
    expect(annotated({}, { [POLICY]: 'deny' })).toBe('all-unauthenticated');
    expect(annotated({ [POLICY]: 'cluster-authenticated' }, { [POLICY]: 'audit' })).toBe('cluster-authenticated');
  });

  test("is the control plane's where the annotation is no policy, letter by letter", () => {
    for (const value of ['all_authenticated', 'Deny', '', ' deny', 'bogus']) {
      const { world, server } = scene(
        [],
        { annotations: { [POLICY]: value } },
        { clusterDefault: 'cluster-authenticated' },
      );
      expect(linkerd.portMode({ ...server, port: 80 }, world).declared).toBe('cluster-authenticated');
    }
  });

  test('is not known where the control plane was not read, unless the pod says it', () => {
    const bare = (annotations: Record<string, string>) => {
      const { world, server } = changed(scene([], { annotations }).world, {
        objects: (all) => all.filter(({ metadata }) => metadata.namespace !== 'linkerd'),
      });
      return linkerd.portMode({ ...server, port: 80 }, world).mode;
    };
    const skips = { 'config.linkerd.io/skip-inbound-ports': '1', 'config.linkerd.io/skip-subnets': '' };
    expect(bare(skips)).toBe('unknown');
    expect(bare({ ...skips, [POLICY]: 'deny' })).toBe('strict');
  });
});

describe('a call from an address that is not known', () => {
  const cluster = (podAddress: string): KubeObject[] => [
    object('v1', 'Node', {
      name: 'n',
      fields: { status: { addresses: [{ type: 'InternalIP', address: '192.168.0.4' }] } },
    }),
    object('discovery.k8s.io/v1', 'EndpointSlice', {
      name: 'web',
      namespace: 'ns-a',
      fields: { endpoints: [{ addresses: [podAddress], targetRef: { kind: 'Pod', name: 'server' } }] },
    }),
  ];
  const judged = (extra: readonly KubeObject[], sender: 'workload' | 'outsider') => {
    const { world, server } = changed(scene([], {}, { clusterDefault: 'cluster-authenticated' }).world, {
      objects: (all) => [...all, ...extra],
    });
    return linkerd.authorize(ask({ ...server, port: 80 }, { tls: CURL, arrival: { sender } }), world);
  };
  const decide = (...asked: Parameters<typeof judged>): string => judged(...asked).decision;

  test('is inside the cluster networks where a workload makes it and all pods and nodes are', () => {
    expect(decide(cluster('10.42.0.7'), 'workload')).toBe('allow');
    expect(decide(cluster('10.42.0.7'), 'outsider')).toBe('unknown');
    expect(decide(cluster('203.0.113.7'), 'workload')).toBe('unknown');
    expect(decide([], 'workload')).toBe('unknown');
  });

  test('is not decided, and what would show it is named, where neither EndpointSlices nor Nodes do', () => {
    expect(judged([], 'workload').why).toContain('EndpointSlices and Nodes');
    expect(judged(cluster('10.42.0.7'), 'outsider').why).toContain('whether the caller is inside');
  });

  test('is refused without an identity, wherever it comes from', () => {
    const { world, server } = scene([], {}, { clusterDefault: 'cluster-authenticated' });
    expect(linkerd.authorize(ask({ ...server, port: 80 }), world).decision).toBe('deny');
  });
});

describe('the summary of policies', () => {
  test('says whether a call that none names is let in, and which objects attach', () => {
    const server = { kind: 'Server', name: 'web', podSelector: {}, port: 80 };
    const policy = {
      kind: 'AuthorizationPolicy',
      name: 'p',
      targetRef: { kind: 'Server', name: 'web' },
      requiredAuthenticationRefs: [],
    };
    const summary = (resources: readonly object[], clusterDefault = 'all-unauthenticated') => {
      const found = scene(resources, {}, { clusterDefault });
      const { default: fallback, policies } = linkerd.policies(found.server, found.world);
      return [fallback, ...policies.map(({ kind, metadata }) => `${kind} ${metadata.name}`)];
    };
    expect(summary([])).toEqual(['allow']);
    expect(summary([], 'deny')).toEqual(['deny']);
    expect(summary([server, policy], 'deny')).toEqual(['deny', 'Server web', 'AuthorizationPolicy p']);
    expect(linkerd.policies(scene([], { meshed: false }).server, scene([], { meshed: false }).world).default).toBe(
      'allow',
    );
  });
});

function withAnnotations(one: KubeObject, annotations: Record<string, string>): KubeObject {
  return { ...one, metadata: { ...one.metadata, annotations } };
}
