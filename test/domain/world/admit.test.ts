import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/lib/json.ts';
import { asObject } from '../../../src/lib/json.ts';
import { admit, readmit } from '../../../src/domain/world/admit.ts';

const parse = (text: string): unknown => JSON.parse(text);
const take = (raw: JsonObject): ReturnType<typeof admit> => admit(raw, { from: 'read' }, parse);
const configMap = (name: string, data: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('admit', () => {
  it.each([
    [{}, 'no kind'],
    [{ kind: 'Pod' }, 'Pod without apiVersion'],
    [{ kind: 'Pod', apiVersion: 'v1', metadata: { name: 5 } }, 'Pod without metadata.name'],
  ])('sets %j aside', (raw, setAside) => {
    expect(take(raw)).toEqual({ setAside });
  });

  it('sets an object aside that lies deeper than anything walks, and takes one that does not', () => {
    const nested = (levels: number): JsonObject =>
      JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as JsonObject;
    const object = (levels: number): JsonObject => ({
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: { name: 'a' },
      spec: nested(levels),
    });
    expect(take(object(399))).toHaveProperty('object.spec.a');
    for (const levels of [400, 3000, 100_000]) {
      expect(take(object(levels))).toEqual({ setAside: 'EnvoyFilter nested too deeply: more than 400 levels' });
      expect(readmit(object(levels))).toBeUndefined();
    }
  });

  it('keeps of what a webhook is called at the host, and of mounts the name', () => {
    const url = 'https://user:pass@hooks.example.com:8443/mutate/token-1?key=token-2';
    const service = { name: 'injector', namespace: 'mesh', port: 443, path: '/token-3' };
    const hooks = [
      { name: 'a', clientConfig: { url } },
      { name: 'b', clientConfig: { service } },
    ];
    const kind = 'MutatingWebhookConfiguration';
    const raw = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'a' }, webhooks: hooks };
    expect(take(raw)).toHaveProperty('object.webhooks', [
      { name: 'a', clientConfig: { url: 'https://hooks.example.com:8443' } },
      { name: 'b', clientConfig: { service: { name: 'injector', namespace: 'mesh', port: 443 } } },
    ]);
    const spec = { containers: [{ name: 'a', image: 'b', volumeMounts: [{ name: 'v', mountPath: '/token-4' }] }] };
    expect(take({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec })).toHaveProperty(
      'object.spec.containers.0.volumeMounts',
      [{ name: 'v' }],
    );
  });

  it('drops Secrets and Events unread', () => {
    expect(take({ kind: 'Secret', apiVersion: 'v1', metadata: { name: 'a' } })).toEqual({ dropped: 'Secret' });
    expect(take({ kind: 'Event', apiVersion: 'v1', metadata: { name: 'a' } })).toEqual({ dropped: 'Event' });
  });

  it('keeps labels that are text and warns of the others', () => {
    const metadata = {
      name: 'a',
      labels: { ok: 'yes', no: 5 },
      managedFields: [{ manager: 'helm' }, { manager: 'argocd' }],
    };
    expect(take({ kind: 'Service', apiVersion: 'v1', metadata })).toMatchObject({
      object: { metadata: { labels: { ok: 'yes' }, managers: ['argocd', 'helm'], ownerReferences: [] } },
      warnings: ['label no is no text, so it is left out; the API server would refuse the object'],
    });
  });

  it('decodes mesh configuration and names text that cannot be read', () => {
    expect(take(configMap('istio-canary', { mesh: '{"trustDomain":"x"}' }))).toMatchObject({
      object: { decoded: { mesh: { trustDomain: 'x' } } },
    });
    expect(take(configMap('istio', { mesh: '{' }))).toMatchObject({
      object: { decoded: { error: expect.stringMatching(/^data\.mesh: /) as string } },
    });
    expect(take(configMap('istiod-notes', { mesh: '{}' }))).not.toHaveProperty('object.decoded');
  });

  it("keeps of Cilium's configuration the switches that decide how it gets on with a mesh, and no other value", () => {
    const data = {
      'kube-proxy-replacement': 'true',
      'cni-exclusive': 'false',
      'enable-ipsec': 'hunter2',
      'cluster-name': 'secret-site',
    };
    const kept = { 'cni-exclusive': 'false', 'kube-proxy-replacement': 'true' };
    expect(take(configMap('cilium-config', data))).toHaveProperty('object.data', kept);
    expect(take(configMap('cilium-config', { 'cluster-name': 'x' }))).not.toHaveProperty('object.data');
    expect(take(configMap('settings', data))).not.toHaveProperty('object.data');
  });

  it("keeps a proxy's own settings and arguments, and of an application only the names of its variables", () => {
    const container = (name: string): JsonObject => ({
      name,
      image: 'x',
      args: ['proxy', 'sidecar', '--token=t'],
      env: [
        { name: 'ISTIO_META_X', value: 'v' },
        { name: 'OTHER', value: 'v' },
      ],
    });
    const spec = { containers: [container('app'), container('istio-proxy')] };
    expect(take({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' }, spec })).toMatchObject({
      object: {
        spec: {
          containers: [
            { name: 'app', image: 'x', env: [{ name: 'ISTIO_META_X' }, { name: 'OTHER' }] },
            { args: ['proxy', 'sidecar'], env: [{ name: 'ISTIO_META_X', value: 'v' }, { name: 'OTHER' }] },
          ],
        },
      },
    });
  });

  it('keeps of a policy what Istio asks, and of a header only that it is asked for', () => {
    const spec = (values: readonly string[], paths: readonly string[]): JsonObject => ({
      rules: [{ when: [{ key: 'request.headers[x]', values }], to: [{ operation: { paths } }] }],
    });
    const raw = (given: JsonObject): JsonObject => ({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'a' },
      spec: given,
    });
    expect(take(raw(spec(['hunter', '*', ''], ['/a*', '/b?t=hunter'])))).toHaveProperty(
      'object.spec',
      spec(['value-not-kept', '*', ''], ['/a*', '/b?']),
    );
    const claims = { rules: [{ when: [{ key: 'request.auth.claims[x]', values: ['admin'] }] }] };
    expect(take(raw(claims))).toHaveProperty('object.spec', claims);
  });

  it('keeps of volumes what they mount, and of a proxy configuration what it sets', () => {
    const volumes = [
      { name: 'a', configMap: { name: 'm', items: [] } },
      {
        name: 'b',
        projected: { sources: [{ configMap: { name: 'n' } }, { serviceAccountToken: { path: 'hunter' } }] },
      },
      { name: 'c', csi: { driver: 'd', volumeAttributes: { p: 'hunter' } } },
    ];
    const config = 'proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "true"\n  KEY: "hunter, a:b"\nimage: {imageType: x}\n';
    const annotations = { 'proxy.istio.io/config': config, 'prometheus.io/path': '/m?t=hunter' };
    expect(
      take({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a', annotations }, spec: { volumes } }),
    ).toMatchObject({
      object: {
        spec: {
          volumes: [
            { name: 'a', configMap: { name: 'm' } },
            { name: 'b', projected: { sources: [{ configMap: { name: 'n' } }, { serviceAccountToken: {} }] } },
            { name: 'c', csi: { driver: 'd' } },
          ],
        },
        metadata: {
          annotations: {
            'proxy.istio.io/config': 'proxyMetadata:\nimage:\nISTIO_META_DNS_CAPTURE:\nKEY:\nimageType:\n',
            'prometheus.io/path': '/m',
          },
        },
      },
    });
  });

  it.each([
    ['https://u:hunter@web.shop.svc:80/hook?t=hunter#hunter', 'https://web.shop.svc:80/hook'],
    ['https://u:hun/ter@web.shop', 'https://'],
    ['spiffe://cluster.local/ns/a/sa/b', 'spiffe://cluster.local/ns/a/sa/b'],
  ])('keeps of the address %s what names a server', (url, kept) => {
    const metadata = { name: 'a', annotations: { 'istio.io/address': url } };
    expect(take({ apiVersion: 'v1', kind: 'Service', metadata })).toHaveProperty('object.metadata.annotations', {
      'istio.io/address': kept,
    });
  });

  it('survives any JSON below a name, and what it admits is the same after a turn through JSON', () => {
    const anyObject = fc.dictionary(
      fc.constantFrom('spec', 'status', 'data', 'env', 'containers', 'template', 'conditions'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        anyObject,
        anyObject,
        fc.constantFrom('Pod', 'ConfigMap', 'Deployment', 'Service'),
        (fields, metadata, kind) => {
          const admitted = take({
            ...fields,
            apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
            kind,
            metadata: { ...metadata, name: 'a' },
          });
          if (!('object' in admitted)) throw new Error('not admitted');
          const json: unknown = JSON.parse(JSON.stringify(admitted.object));
          expect(JSON.stringify(readmit(asObject(json) ?? {}))).toBe(JSON.stringify(json));
        },
      ),
    );
  });
});
