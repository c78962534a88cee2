import { describe, expect, test } from 'vitest';
import { run } from './peer.ts';

const ENABLED = { name: 'default', labels: { 'istio-injection': 'enabled' } };
const SERVER = [{ name: 'server' }];

function messages(input: unknown): unknown {
  return run(input, 'istioctl-analyze');
}

describe('what istioctl says of pods without a proxy', () => {
  test.each([
    ['a pod without one', ENABLED, { containers: SERVER }, ['IST0103']],
    ['a pod with one', ENABLED, { containers: [...SERVER, { name: 'istio-proxy' }] }, []],
    [
      'a pod with a native one',
      ENABLED,
      { containers: SERVER, initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }] },
      [],
    ],
    ['a label that says no', ENABLED, { containers: SERVER, labels: { 'sidecar.istio.io/inject': 'false' } }, []],
    [
      'a label that says no against its annotation',
      ENABLED,
      {
        containers: SERVER,
        labels: { 'sidecar.istio.io/inject': 'false' },
        annotations: { 'sidecar.istio.io/inject': 'true' },
      },
      [],
    ],
    [
      'a namespace with a revision',
      { name: 'default', labels: { 'istio.io/rev': 'default' } },
      { containers: SERVER },
      [],
    ],
    [
      'a namespace that refuses',
      { name: 'default', labels: { 'istio-injection': 'disabled' } },
      { containers: SERVER },
      [],
    ],
    [
      'a pod that asks for itself in a namespace without a label',
      { name: 'default', labels: {} },
      { containers: SERVER, labels: { 'sidecar.istio.io/inject': 'true' } },
      ['IST0102'],
    ],
  ])('%s', (...[, namespace, pod, expected]) => {
    expect(messages({ namespace, pod })).toEqual({ messages: expected });
  });

  test('says it once for each pod', () => {
    const pods = [{ containers: SERVER }, { containers: SERVER, hostNetwork: true }, { name: 'b', containers: SERVER }];
    expect(messages({ namespace: ENABLED, pods })).toEqual({ messages: ['IST0103', 'IST0103'] });
  });
});

describe('what istioctl says of the labels of a namespace', () => {
  const enabled = { 'istio-injection': 'enabled' };
  const disabled = { 'istio-injection': 'disabled' };
  const revision = { 'istio.io/rev': 'canary' };
  const ambient = { 'istio.io/dataplane-mode': 'ambient' };
  test.each([
    ['none', {}, ['IST0102']],
    ['labels of others', { team: 'shop' }, ['IST0102']],
    ['an empty value', { 'istio-injection': '' }, ['IST0102']],
    ['injection', enabled, []],
    ['no injection', disabled, []],
    ['a value that nobody knows', { 'istio-injection': 'true' }, []],
    ['a revision', revision, []],
    ['ambient', ambient, []],
    ['injection and a revision', { ...enabled, ...revision }, ['IST0123']],
    ['injection and the default revision', { ...enabled, 'istio.io/rev': 'default' }, ['IST0123']],
    ['injection and ambient', { ...enabled, ...ambient }, ['IST0123']],
    ['a revision and ambient', { ...revision, ...ambient }, ['IST0123']],
    ['the default revision and ambient', { 'istio.io/rev': 'default', ...ambient }, ['IST0123']],
    ['all three', { ...enabled, ...revision, ...ambient }, ['IST0123']],
    ['no injection and a revision', { ...disabled, ...revision }, []],
    ['no injection and ambient', { ...disabled, ...ambient }, []],
    ['no injection and both', { ...disabled, ...revision, ...ambient }, []],
    ['a value that nobody knows and a revision', { 'istio-injection': 'true', ...revision }, []],
  ])('%s', (_what, labels, expected) => {
    expect(messages({ namespace: { name: 'shop', labels } })).toEqual({ messages: expected });
  });

  test('says it once for each namespace', () => {
    const labels = { ...enabled, ...revision };
    const namespaces = [
      { name: 'shop', labels },
      { name: 'bank', labels: { ...labels, ...ambient } },
      { name: 'mail', labels: enabled },
    ];
    expect(messages({ namespaces })).toEqual({ messages: ['IST0123', 'IST0123'] });
  });

  test('says where injection is the default', () => {
    const install = { enableNamespacesByDefault: true };
    const silent = { name: 'shop', labels: {} };
    expect(messages({ namespace: silent, install })).toEqual({ messages: ['IST0148'] });
    expect(messages({ namespace: { ...silent, labels: disabled }, install })).toEqual({ messages: [] });
  });

  test('takes no notice of the namespace of the control plane', () => {
    const namespace = { name: 'istio-system', labels: { ...enabled, ...revision } };
    expect(messages({ namespace })).toEqual({ messages: [] });
  });

  test('goes on to the pods', () => {
    const namespace = { name: 'shop', labels: { ...enabled, ...revision } };
    expect(messages({ namespace, pod: { containers: SERVER } })).toEqual({ messages: ['IST0103', 'IST0123'] });
  });
});

describe('what istioctl says of namespaces that policies name', () => {
  const pods = [{ namespace: 'httpbin', labels: { app: 'httpbin' } }];
  const namespaces = ['httpbin', 'prod-httpbin', 'httpbin-test'];
  test.each([
    ['one that is there', { namespaces: ['httpbin'] }, []],
    ['one in another case', { namespaces: ['HTTPbin'] }, []],
    ['patterns that match', { namespaces: ['prod-*', '*-test', '*'] }, []],
    ['one that is not', { namespaces: ['bogus'] }, ['IST0101']],
    ['two patterns that match nothing', { namespaces: ['bogus-*', 'httpbin', '*-bogus'] }, ['IST0101', 'IST0101']],
    ['those to leave out', { notNamespaces: ['bogus', 'prod-*', '*-bogus'] }, ['IST0101', 'IST0101']],
    ['both', { namespaces: ['bogus'], notNamespaces: ['*-bogus', '*'] }, ['IST0101', 'IST0101']],
    ['principals of another namespace', { principals: ['cluster.local/ns/bogus/sa/sleep'] }, []],
  ])('%s', (_what, source, expected) => {
    const policy = { namespace: 'httpbin', selector: { app: 'httpbin' }, rules: [{ from: [{ source }] }] };
    expect(messages({ policy, pods, namespaces })).toEqual({ messages: expected });
  });

  test('counts the values of all sources, and not those of conditions', () => {
    const source = { namespaces: ['bogus'] };
    const when = [{ key: 'source.namespace', values: ['bogus'] }];
    const policy = { namespace: 'httpbin', rules: [{ from: [{ source }, { source }], when }, { from: [{ source }] }] };
    expect(messages({ policy, pods, namespaces })).toEqual({ messages: ['IST0101', 'IST0101', 'IST0101'] });
  });

  test('reads sources in short form', () => {
    const policy = { namespace: 'httpbin', rules: [{ from: [{ namespaces: ['bogus', 'httpbin'] }] }] };
    expect(messages({ policy, pods, namespaces })).toEqual({ messages: ['IST0101'] });
  });

  test('says it beside a selector that matches nothing', () => {
    const rules = [{ from: [{ source: { namespaces: ['bogus'] } }] }];
    const policy = { namespace: 'httpbin', selector: { app: 'bogus' }, rules };
    expect(messages({ policy, pods, namespaces })).toEqual({ messages: ['IST0101', 'IST0127'] });
  });
});

describe('what istioctl says of policies that select nothing', () => {
  const httpbin = [{ namespace: 'httpbin', labels: { app: 'httpbin', version: 'v1' } }];
  const sleep = [
    { namespace: 'quiet', labels: { app: 'sleep' }, annotations: { 'ambient.istio.io/redirection': 'enabled' } },
  ];
  const rules = [{}];
  test.each([
    [
      'a selector that matches',
      { namespace: 'httpbin', selector: { matchLabels: { app: 'httpbin' } }, rules },
      httpbin,
      [],
    ],
    [
      'a selector in short form',
      { namespace: 'httpbin', selector: { app: 'httpbin', version: 'v1' }, rules },
      httpbin,
      [],
    ],
    [
      'a selector that does not match',
      { namespace: 'httpbin', selector: { app: 'bogus' }, rules },
      httpbin,
      ['IST0127'],
    ],
    [
      'half a match',
      { namespace: 'httpbin', selector: { app: 'httpbin', version: 'v2' }, rules },
      httpbin,
      ['IST0127'],
    ],
    ['a match in another namespace', { namespace: 'other', selector: { app: 'httpbin' }, rules }, httpbin, ['IST0127']],
    ['a whole namespace', { namespace: 'httpbin', rules }, httpbin, []],
    ['the whole mesh', { namespace: 'istio-system' }, httpbin, []],
    ['the whole mesh without pods', { namespace: 'istio-system' }, [], []],
    ['a selector of the root namespace', { namespace: 'istio-system', selector: { app: 'httpbin' } }, httpbin, []],
    ['none of the mesh', { namespace: 'istio-system', selector: { version: 'bogus' } }, httpbin, ['IST0127']],
    [
      'a target in a namespace with pods',
      { namespace: 'httpbin', targetRefs: [{ kind: 'Gateway', name: 'g' }], rules },
      httpbin,
      [],
    ],
    [
      'a target in a namespace without pods',
      { namespace: 'bare', targetRefs: [{ kind: 'Gateway', name: 'g' }], rules },
      httpbin,
      ['IST0127'],
    ],
    ['pods behind ztunnel', { namespace: 'quiet', selector: { app: 'sleep' }, rules }, sleep, []],
    ['other pods behind ztunnel', { namespace: 'quiet', selector: { app: 'httpbin' }, rules }, sleep, ['IST0127']],
    [
      'pods that opted out',
      { namespace: 'httpbin', selector: { app: 'httpbin' }, rules },
      [{ namespace: 'httpbin', labels: { app: 'httpbin' }, annotations: { 'sidecar.istio.io/inject': 'false' } }],
      ['IST0127'],
    ],
  ])('%s', (...[, policy, pods, expected]) => {
    expect(messages({ policy, pods, namespaces: ['httpbin', 'other', 'bare', 'quiet'] })).toEqual({
      messages: expected,
    });
  });

  test('follows the root namespace of the mesh configuration', () => {
    const policy = { namespace: 'mesh-root' };
    expect(messages({ policy, pods: httpbin, rootNamespace: 'mesh-root' })).toEqual({ messages: [] });
    expect(messages({ policy, pods: httpbin })).toEqual({ messages: ['IST0127'] });
  });

  test('counts no pods of a namespace that is not labelled', () => {
    const policy = { namespace: 'httpbin', selector: { app: 'httpbin' }, rules };
    expect(messages({ policy, pods: httpbin, namespaces: [{ name: 'httpbin', labels: {} }] })).toEqual({
      messages: ['IST0127'],
    });
  });
});

describe('what istioctl says of ports', () => {
  test.each([
    ['http', { name: 'http', port: 80 }, []],
    ['http-web', { name: 'http-web', port: 80 }, []],
    ['httpweb', { name: 'httpweb', port: 80 }, ['IST0118']],
    ['grpc-web', { name: 'grpc-web', port: 80 }, []],
    ['redis', { name: 'redis-main', port: 6379 }, []],
    ['postgres', { name: 'postgres', port: 5432 }, ['IST0118']],
    ['metrics', { name: 'metrics', port: 9090 }, ['IST0118']],
    ['no name at 25', { port: 25 }, []],
    ['no name at 53', { port: 53 }, []],
    ['no name at 27017', { port: 27017 }, []],
    ['no name at 6379', { port: 6379 }, ['IST0118']],
    ['any name at 3306', { name: 'db', port: 3306 }, []],
    ['no name by UDP', { port: 5353, protocol: 'UDP' }, []],
    ['appProtocol', { name: 'foo', appProtocol: 'http', port: 80 }, []],
    ['appProtocol of Kubernetes', { name: 'foo', appProtocol: 'kubernetes.io/h2c', port: 80 }, []],
    ['appProtocol that nobody knows', { name: 'http', appProtocol: 'example.com/x', port: 80 }, ['IST0118']],
    ['no name at 22, where servers speak first', { port: 22 }, ['IST0118']],
  ])('%s', (_what, port, expected) => {
    expect(messages({ service: { ports: [port] } })).toEqual({ messages: expected });
  });

  test('says it once for each port', () => {
    expect(messages({ service: { ports: [{ port: 8080 }, { name: 'foo', port: 8081 }] } })).toEqual({
      messages: ['IST0118', 'IST0118'],
    });
  });

  test.each([
    ['istio', { istio: 'ingressgateway' }],
    ['release', { release: 'istio' }],
    ['managed', { 'gateway.istio.io/managed': 'istio.io-gateway-controller' }],
  ])('leaves out what Istio makes itself: %s', (_what, labels) => {
    expect(messages({ service: { labels, ports: [{ name: 'foo', port: 80 }] } })).toEqual({ messages: [] });
  });

  test('leaves out namespaces of Kubernetes', () => {
    expect(messages({ service: { namespace: 'kube-system', ports: [{ port: 8080 }] } })).toEqual({ messages: [] });
  });

  test.each([
    ['tcp', { name: 'tcp', port: 443 }, ['IST0150']],
    ['tcp-something', { name: 'tcp-foo', port: 443 }, []],
    ['no name', { port: 443 }, ['IST0150']],
    ['no name at 3306', { port: 3306 }, []],
    ['a name without a protocol', { name: 'nginx', port: 443 }, ['IST0150']],
    ['https', { name: 'https', port: 443 }, []],
    ['http', { name: 'http-web', port: 80 }, []],
  ])('of an ExternalName Service: %s', (_what, port, expected) => {
    const service = { type: 'ExternalName', externalName: 'nginx.example.com', ports: [port] };
    expect(messages({ service })).toEqual({ messages: expected });
  });

  test('says nothing of an ExternalName Service without ports', () => {
    expect(messages({ service: { type: 'ExternalName', externalName: 'a.example.com' } })).toEqual({ messages: [] });
  });
});

test('does not answer what it has no words for', () => {
  expect(run({ gateway: {} }, 'istioctl-analyze')).toBeUndefined();
  expect(run({ service: {} }, 'istioctl-describe')).toBeUndefined();
});
