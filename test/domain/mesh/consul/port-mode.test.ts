import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import type { PortMode } from '../../../../src/domain/mesh/mesh.ts';
import type { PolicySummary } from '../../../../src/domain/mesh/policy-summary.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, worldFrom, type WorldOptions } from '../../../support/build-world.ts';
import { carrying, consulInstalled, DATAPLANE, INJECTED, inShop, liveOf, meshOf } from '../recognised/foreign-world.ts';

const TPROXY = 'consul.hashicorp.com/transparent-proxy-status';
const REDIRECTED = { [INJECTED]: 'injected', [TPROXY]: 'enabled' };

function entry(kind: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion: 'consul.hashicorp.com/v1alpha1', kind, metadata: { name, namespace: 'shop' }, spec };
}

interface Scene {
  readonly entries?: readonly JsonObject[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly options?: WorldOptions;
}

function ask({ entries = [], annotations = REDIRECTED, options = {} }: Scene): {
  mode: PortMode;
  policies: PolicySummary;
} {
  const pod = carrying('cart', { containers: [DATAPLANE], annotations });
  const world = worldFrom([namespace('shop'), pod, service('shop', 'cart'), ...consulInstalled(), ...entries], options);
  const found = inShop(world, 'cart');
  const server = { workload: found, cohort: liveOf(found) };
  const consul = meshOf('consul');
  return { mode: consul.portMode({ ...server, port: 8080 }, world), policies: consul.policies(server, world) };
}

const PERMISSIVE = entry('ProxyDefaults', 'global', { mutualTLSMode: 'permissive' });
const NOT_SYNCED = { conditions: [{ type: 'Synced', status: 'False' }] };
const CONFIG: JsonObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'consul-server-config', namespace: 'consul', labels: { app: 'consul' } },
};
const ACLS = {
  ...CONFIG,
  data: { 'acl-config.json': '{"acl":{"enabled":true,"default_policy":"deny","tokens":{"agent":"hunter2"}}}' },
};

function deny(destination: string, source: string): JsonObject {
  return entry('ServiceIntentions', `${destination}-${source}`.replaceAll('*', 'all'), {
    destination: { name: destination },
    sources: [{ name: source, action: 'deny' }],
  });
}

describe('the mTLS mode of a pod in Consul', () => {
  test.each<[string, Scene, Partial<PortMode>]>([
    ['is strict where nothing says otherwise', {}, { mode: 'strict' }],
    [
      'is permissive by ProxyDefaults, though the gate is closed',
      {
        entries: [
          PERMISSIVE,
          entry('ServiceDefaults', 'cart', { mutualTLSMode: '' }),
          entry('Mesh', 'mesh', { allowEnablingPermissiveMutualTLS: false }),
        ],
      },
      { mode: 'permissive' },
    ],
    [
      'is strict by ServiceDefaults before ProxyDefaults',
      { entries: [PERMISSIVE, entry('ServiceDefaults', 'cart', { mutualTLSMode: 'strict' })] },
      { mode: 'strict' },
    ],
    [
      'is open where the proxy takes no traffic',
      { annotations: { [INJECTED]: 'injected', 'consul.hashicorp.com/transparent-proxy': 'false' } },
      { mode: 'disabled', declared: 'mTLS on the proxy port, this one is open' },
    ],
    [
      'is open on a port that is left out',
      { annotations: { ...REDIRECTED, 'consul.hashicorp.com/transparent-proxy-exclude-inbound-ports': '9090, 8080' } },
      { mode: 'disabled' },
    ],
    [
      'is unknown where Consul has not taken the entry over',
      { entries: [{ ...entry('ServiceDefaults', 'cart', { mutualTLSMode: 'strict' }), status: NOT_SYNCED }] },
      { mode: 'unknown' },
    ],
    [
      'is unknown where entries were not read',
      { options: { forbidden: [KIND.consulServiceDefaults] } },
      { mode: 'unknown' },
    ],
  ])('%s', (_what, scene, expected) => {
    expect(ask(scene).mode).toMatchObject(expected);
  });

  test('says that a closed gate takes nothing back', () => {
    const { evidence } = ask({ entries: [PERMISSIVE] }).mode;
    expect(evidence.map(({ rule }) => rule).join(' ')).toContain('stays in force');
  });
});

describe('what becomes of a call that no intention names', () => {
  test.each<[string, Scene, PolicySummary['default']]>([
    ['is a denial where ACLs deny by default', { entries: [ACLS] }, 'deny'],
    [
      'is a denial where ACLs are off and */* is denied',
      { entries: [{ ...CONFIG, data: {} }, deny('*', '*')] },
      'deny',
    ],
    ['is allowed where ACLs are off', { entries: [{ ...CONFIG, data: {} }] }, 'allow'],
    [
      'is what default_intention_policy says before the ACLs',
      {
        entries: [
          {
            ...ACLS,
            data: { 'a.json': '{"default_policy":"deny"}', 'b.json': '{"default_intention_policy":"allow"}' },
          },
        ],
      },
      'allow',
    ],
    ['is unknown where the servers’ configuration was not read', {}, 'unknown'],
    ['is unknown where plaintext passes by intentions', { entries: [ACLS, PERMISSIVE] }, 'unknown'],
    [
      'is unknown where intentions were not read',
      { entries: [ACLS], options: { forbidden: [KIND.consulServiceIntentions] } },
      'unknown',
    ],
  ])('%s', (_what, scene, expected) => {
    expect(ask(scene).policies.default).toBe(expected);
  });

  test('keeps of the servers’ configuration two words', () => {
    const { data } = worldFrom([ACLS]).list(KIND.configMap).objects[0] ?? {};
    expect(data).toEqual({ default_policy: 'deny' });
  });
});
