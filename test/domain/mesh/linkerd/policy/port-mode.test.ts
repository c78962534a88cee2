import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import type { PlaneParts, PodParts } from '../../../../cases-runner/linkerd/policy-world.ts';
import { scene, without } from './scene.ts';

const SERVER = { kind: 'Server', name: 'web', podSelector: { app: 'web' }, port: 'http' };
const TARGET = { kind: 'Server', name: 'web' };

interface Where {
  readonly pod?: Partial<PodParts>;
  readonly plane?: PlaneParts;
  readonly port?: number;
}

function modeOf(resources: readonly object[], { pod = {}, plane = {}, port = 80 }: Where = {}): string {
  const { world, server } = scene(resources, pod, plane);
  const { mode, declared } = linkerd.portMode({ ...server, port }, world);
  return `${mode} ${declared}`;
}

describe('the mode of a port', () => {
  test.each([
    ['all-unauthenticated', 'permissive'],
    ['cluster-unauthenticated', 'permissive'],
    ['audit', 'permissive'],
    ['all-authenticated', 'strict'],
    ['cluster-authenticated', 'strict'],
    ['deny', 'strict'],
  ])('under the default policy %s is %s', (policy, mode) => {
    expect(modeOf([], { plane: { clusterDefault: policy } })).toBe(`${mode} ${policy}`);
    expect(modeOf([{ ...SERVER, accessPolicy: policy }])).toBe(`${mode} ${policy}`);
  });

  test('is strict under a Server that says nothing, and permissive where a policy lets anybody in', () => {
    expect(modeOf([SERVER])).toBe('strict deny');
    const open = { kind: 'AuthorizationPolicy', name: 'p', targetRef: TARGET, requiredAuthenticationRefs: [] };
    expect(modeOf([SERVER, open])).toBe('permissive deny');
    const legacy = {
      kind: 'ServerAuthorization',
      name: 's',
      server: { name: 'web' },
      client: { unauthenticated: true },
    };
    expect(modeOf([SERVER, legacy])).toBe('permissive deny');
  });

  test('is permissive where networks alone let callers in, and strict where an identity is asked for too', () => {
    const networks = { kind: 'NetworkAuthentication', name: 'n', networks: [{ cidr: '10.0.0.0/8' }] };
    const policy = (refs: readonly object[]) => ({
      kind: 'AuthorizationPolicy',
      name: 'p',
      targetRef: { kind: 'Namespace', name: 'ns-a' },
      requiredAuthenticationRefs: refs,
    });
    const onNetworks = { kind: 'NetworkAuthentication', name: 'n' };
    expect(modeOf([SERVER, networks, policy([onNetworks])])).toBe('permissive deny');
    expect(modeOf([SERVER, networks, policy([onNetworks, { kind: 'ServiceAccount', name: 'curl' }])])).toBe(
      'strict deny',
    );
    // The authentication is not there, so the policy is void.
    expect(modeOf([SERVER, policy([onNetworks])])).toBe('strict deny');
  });

  test('is what the annotation of the running pod says, of ports that require identity too', () => {
    const annotations = { 'config.linkerd.io/proxy-require-identity-inbound-ports': '1-100' };
    expect(modeOf([], { pod: { annotations } })).toBe('strict all-authenticated');
    expect(modeOf([], { pod: { annotations }, port: 8080 })).toBe('permissive all-unauthenticated');
    expect(modeOf([], { pod: { annotations: { 'config.linkerd.io/default-inbound-policy': 'deny' } } })).toBe(
      'strict deny',
    );
  });

  test('is none without a proxy and on ports that the capture skips, and the admin port has one', () => {
    expect(modeOf([SERVER], { pod: { meshed: false } })).toBe('none no proxy');
    const annotations = { 'config.linkerd.io/skip-inbound-ports': '80' };
    expect(modeOf([SERVER], { pod: { annotations } })).toBe('none no proxy');
    expect(modeOf([], { plane: { clusterDefault: 'deny' }, port: 4567 })).toBe('none no proxy');
    expect(modeOf([], { plane: { clusterDefault: 'deny' }, port: 4191 })).toBe('strict deny');
  });

  test('is not strict where subnets pass the proxy by', () => {
    const annotations = { 'config.linkerd.io/skip-subnets': '10.1.0.0/16' };
    expect(modeOf([SERVER], { pod: { annotations } })).toBe('unknown deny');
    expect(modeOf([], { pod: { annotations } })).toBe('permissive all-unauthenticated');
  });

  test('is unknown where Servers were not read, and stays permissive where only more grants may exist', () => {
    const { world } = scene([{ ...SERVER, accessPolicy: 'audit' }]);
    const modeWithout = (kind: string, lost: readonly string[]) => {
      const less = without(world, { kind, lost });
      return linkerd.portMode({ ...less.server, port: 80 }, less.world).mode;
    };
    expect(modeWithout(KIND.linkerdServer, [])).toBe('unknown');
    expect(modeWithout(KIND.linkerdAuthorizationPolicy, [])).toBe('permissive');
    const strict = without(scene([SERVER]).world, { kind: KIND.linkerdAuthorizationPolicy, lost: [] });
    expect(linkerd.portMode({ ...strict.server, port: 80 }, strict.world).mode).toBe('unknown');
  });

  test('names the Server and what opens it', () => {
    const open = { kind: 'AuthorizationPolicy', name: 'p', targetRef: TARGET, requiredAuthenticationRefs: [] };
    const { world, server } = scene([SERVER, open]);
    const { evidence } = linkerd.portMode({ ...server, port: 80 }, world);
    expect(evidence.map(({ object }) => object?.name)).toEqual(['web', 'p']);
  });
});
