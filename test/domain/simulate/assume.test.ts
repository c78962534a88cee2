import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { assume, parseAssumption } from '../../../src/domain/simulate/assume.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import type { Verdict } from '../../../src/domain/simulate/verdict.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { ambientMesh, completeWorld, controlPlane, object, pod, service } from '../../cases-runner/case-world.ts';
import { CHART_VALUES, chartValuesWith, linkerdControlPlane } from '../../cases-runner/linkerd/linkerd-world.ts';

const SERVER = service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] });

function call(name: string): Call {
  return {
    id: name,
    from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name } },
    to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
    phase: 'run',
    protocol: 'http',
    evidence: [{ kind: 'declared', source: 'test', detail: 'test' }],
  };
}

function istioWorld(...more: readonly KubeObject[]): World {
  const container = { ports: [{ containerPort: 8080 }] };
  return completeWorld([
    ...controlPlane(),
    pod({ namespace: 'shop', name: 'server', sidecar: true, labels: { app: 'server' }, container }),
    pod({ namespace: 'shop', name: 'meshed', sidecar: true }),
    pod({ namespace: 'shop', name: 'plain', sidecar: false }),
    SERVER,
    ...more,
  ]);
}

function policy(kind: string, namespace: string, spec: JsonObject): KubeObject {
  return object('security.istio.io/v1', kind, { name: 'own', namespace, created: '2026-01-01T00:00:00Z', spec });
}

function verdicts(world: World): readonly Verdict[] {
  return ['meshed', 'plain'].map((name) => fateOf(call(name), world).verdict);
}

describe('what may be assumed', () => {
  test.each([
    ['strict', { what: 'strict' }],
    ['deny-all', { what: 'deny-all' }],
    ['enrol-all', { what: 'enrol-all' }],
    ['enrol-all=shop', { what: 'enrol-all', namespace: 'shop' }],
  ])('%s is read', (text, assumption) => {
    expect(parseAssumption(text)).toEqual(assumption);
  });

  test.each(['', 'Strict', 'strict=shop', 'enrol-all=', 'deny', 'strict,deny-all'])('%j is none', (text) => {
    expect(parseAssumption(text)).toBeUndefined();
  });
});

describe('STRICT in Istio', () => {
  test.each<readonly [string, readonly KubeObject[]]>([
    ['no policy', []],
    ['a permissive namespace', [policy('PeerAuthentication', 'shop', { mtls: { mode: 'PERMISSIVE' } })]],
    [
      'a port of a workload that is open',
      [
        policy('PeerAuthentication', 'shop', {
          selector: { matchLabels: { app: 'server' } },
          mtls: { mode: 'STRICT' },
          portLevelMtls: { 8080: { mode: 'DISABLE' } },
        }),
      ],
    ],
    ['a permissive mesh', [policy('PeerAuthentication', 'istio-system', { mtls: { mode: 'PERMISSIVE' } })]],
    [
      'a policy of the mesh for another revision',
      [
        object('security.istio.io/v1', 'PeerAuthentication', {
          name: 'canary',
          namespace: 'istio-system',
          labels: { 'istio.io/rev': 'canary' },
          spec: { mtls: { mode: 'STRICT' } },
        }),
      ],
    ],
  ])('holds over %s', (_, objects) => {
    const { world, id, notes } = assume(istioWorld(...objects), { what: 'strict' });
    expect(id).toBe('assume-strict');
    expect(notes[0]).toContain('istio-system');
    expect(verdicts(world)).toEqual(['ok', 'breaks']);
  });

  test('goes to the root namespace that the mesh names', () => {
    const before = completeWorld([...controlPlane({ mesh: { rootNamespace: 'roots' } })]);
    const { world } = assume(before, { what: 'strict' });
    const policies = world.list('security.istio.io/PeerAuthentication').objects;
    expect(policies.map(({ metadata }) => metadata.namespace)).toEqual(['roots']);
  });

  test('is refused where the root namespace is not known', () => {
    const istiod = controlPlane().filter(({ kind }) => kind === 'Deployment');
    const unread = completeWorld(istiod, [{ kind: 'ConfigMap', state: 'forbidden', objects: 0 }]);
    expect(() => assume(unread, { what: 'strict' })).toThrow(/root namespace of Istio is not known/);
  });

  test('tells of no call more than is known without it', () => {
    const gap = [{ kind: 'security.istio.io/PeerAuthentication', state: 'forbidden', objects: 0 }] as const;
    const container = { ports: [{ containerPort: 8080 }] };
    const server = pod({ namespace: 'shop', name: 'server', sidecar: true, labels: { app: 'server' }, container });
    const meshed = pod({ namespace: 'shop', name: 'meshed', sidecar: true });
    const plain = pod({ namespace: 'shop', name: 'plain', sidecar: false });
    const unread = completeWorld([...controlPlane(), server, meshed, plain, SERVER], gap);
    expect(verdicts(assume(unread, { what: 'strict' }).world)[1]).toBe('unknown');
  });
});

describe('denying all in Istio', () => {
  test('denies whom no policy names', () => {
    expect(verdicts(assume(istioWorld(), { what: 'deny-all' }).world)).toEqual(['breaks', 'breaks']);
  });

  test('leaves it to ALLOW policies whom they let in, and says so', () => {
    const rules = [{ from: [{ source: { principals: ['cluster.local/ns/shop/sa/default'] } }] }];
    const { world, notes } = assume(istioWorld(policy('AuthorizationPolicy', 'shop', { rules })), { what: 'deny-all' });
    expect(verdicts(world)).toEqual(['ok', 'breaks']);
    expect(notes.join('\n')).toContain('shop/own');
  });
});

describe('the mesh that is meant', () => {
  test('must be there', () => {
    expect(() => assume(completeWorld([SERVER]), { what: 'strict' })).toThrow(/control plane of Istio or Linkerd/);
  });

  test('must be the only one', () => {
    const both = completeWorld([...controlPlane(), ...linkerdControlPlane()]);
    expect(() => assume(both, { what: 'deny-all' })).toThrow(/Istio and Linkerd/);
  });

  test('must be known to be there', () => {
    const unread = completeWorld([], [{ kind: 'apps/Deployment', state: 'forbidden', objects: 0 }]);
    expect(() => assume(unread, { what: 'strict' })).toThrow(/is not known/);
  });
});

function deployment(name: string, annotations: Readonly<Record<string, string>> = {}): KubeObject {
  const template = {
    metadata: { labels: { app: name }, annotations },
    spec: { serviceAccountName: name, containers: [{ name: 'app', image: 'app:1', ports: [{ containerPort: 8080 }] }] },
  };
  const spec = { selector: { matchLabels: { app: name } }, template };
  return object('apps/v1', 'Deployment', { name, namespace: 'shop', labels: { app: name }, spec });
}

function between(client: string): Call {
  return {
    ...call(client),
    from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Deployment', name: client } },
  };
}

describe('Linkerd', () => {
  const inject = { 'linkerd.io/inject': 'enabled' };
  const worldWith = (values: JsonObject, annotations: Readonly<Record<string, string>> = {}): World =>
    completeWorld([
      ...linkerdControlPlane(values),
      object('v1', 'Namespace', { name: 'shop' }),
      deployment('server', { ...inject, ...annotations }),
      deployment('plain'),
      deployment('meshed', inject),
      SERVER,
    ]);
  const fates = (world: World): readonly Verdict[] =>
    ['meshed', 'plain'].map((name) => fateOf(between(name), world).verdict);

  test('asks for an identity under STRICT', () => {
    const before = worldWith(CHART_VALUES);
    expect(fates(before)).toEqual(['ok', 'ok']);
    expect(fates(assume(before, { what: 'strict' }).world)).toEqual(['ok', 'breaks']);
  });

  test('keeps what is stricter than STRICT', () => {
    const denying = worldWith(chartValuesWith({ 'proxy.defaultInboundPolicy': 'deny' }));
    expect(fates(assume(denying, { what: 'strict' }).world)).toEqual(['breaks', 'breaks']);
  });

  test('closes the Servers that let strangers in', () => {
    const open = object('policy.linkerd.io/v1beta3', 'Server', {
      name: 'open',
      namespace: 'shop',
      spec: { podSelector: { matchLabels: { app: 'server' } }, port: 8080, accessPolicy: 'all-unauthenticated' },
    });
    const before = completeWorld([
      ...linkerdControlPlane(),
      object('v1', 'Namespace', { name: 'shop' }),
      open,
      deployment('server', inject),
      deployment('plain'),
      deployment('meshed', inject),
      SERVER,
    ]);
    expect(fates(before)).toEqual(['ok', 'ok']);
    expect(fates(assume(before, { what: 'strict' }).world)).toEqual(['ok', 'breaks']);
  });

  test('denies everybody when everything is denied', () => {
    expect(fates(assume(worldWith(CHART_VALUES), { what: 'deny-all' }).world)).toEqual(['breaks', 'breaks']);
  });

  test('takes a namespace in', () => {
    const { world } = assume(worldWith(CHART_VALUES), { what: 'enrol-all', namespace: 'shop' });
    expect(fateOf(between('plain'), world)).toMatchObject({ verdict: 'ok', wire: 'mtls' });
  });
});

describe('enrolling everything in Istio', () => {
  const injector = object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
    name: 'istio-sidecar-injector',
    labels: { app: 'sidecar-injector', 'istio.io/rev': 'default' },
    fields: {
      webhooks: [
        {
          name: 'namespace.sidecar-injector.istio.io',
          namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
          objectSelector: {
            matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }],
          },
          rules: [{ operations: ['CREATE'], resources: ['pods'] }],
        },
      ],
    },
  });
  const objects = [object('v1', 'Namespace', { name: 'shop' }), deployment('server'), deployment('client'), SERVER];

  test('labels for sidecars, and makes pods anew', () => {
    const { world } = assume(completeWorld([...controlPlane(), injector, ...objects]), { what: 'enrol-all' });
    expect(world.get({ kind: 'Namespace', name: 'shop' })?.metadata.labels).toEqual({ 'istio-injection': 'enabled' });
    expect(fateOf(between('client'), world)).toMatchObject({ verdict: 'ok', wire: 'mtls' });
  });

  test('counts the workloads that stay out all the same', () => {
    const shy = (name: string): KubeObject => {
      const template = {
        metadata: { labels: { app: name, 'sidecar.istio.io/inject': 'false' } },
        spec: { containers: [{ name: 'app', image: 'app:1' }] },
      };
      const spec = { selector: { matchLabels: { app: name } }, template };
      return object('apps/v1', 'Deployment', { name, namespace: 'shop', spec });
    };
    const notes = (...more: readonly KubeObject[]): string =>
      assume(completeWorld([...controlPlane(), injector, ...objects, ...more]), { what: 'enrol-all' }).notes.join('\n');
    expect(notes()).not.toContain('all the same');
    expect(notes(shy('a'))).toContain('1 workload stays out all the same');
    expect(notes(shy('a'), shy('b'))).toContain('2 workloads stay out all the same');
  });

  test('makes all pods of a namespace anew', () => {
    const made = (name: string): KubeObject => pod({ namespace: 'shop', name, sidecar: false, labels: { app: name } });
    const before = completeWorld([...controlPlane(), injector, ...objects, made('a'), made('b')]);
    const { world } = assume(before, { what: 'enrol-all', namespace: 'shop' });
    const origins = world.list('Pod').objects.map(({ origin }) => origin.from);
    expect(origins).toEqual(['assumed', 'assumed']);
  });

  test('labels for ambient mode where that is what runs', () => {
    const { world } = assume(completeWorld([...ambientMesh(), ...objects]), { what: 'enrol-all' });
    const labels = world.get({ kind: 'Namespace', name: 'shop' })?.metadata.labels;
    expect(labels).toEqual({ 'istio.io/dataplane-mode': 'ambient' });
    expect(fateOf(between('client'), world).wire).toBe('hbone');
  });

  test('leaves the control plane and what is of Kubernetes itself as it is', () => {
    const system = object('v1', 'Namespace', { name: 'kube-system' });
    const { world, notes } = assume(completeWorld([...controlPlane(), injector, system, ...objects]), {
      what: 'enrol-all',
    });
    expect(world.get({ kind: 'Namespace', name: 'kube-system' })?.metadata.labels).toEqual({});
    expect(notes.join('\n')).toContain('istio-system');
  });

  test('asks which mode is meant where both run', () => {
    const both = completeWorld([...ambientMesh(), pod({ namespace: 'shop', name: 'old', sidecar: true }), ...objects]);
    expect(() => assume(both, { what: 'enrol-all' })).toThrow(/which one is meant/);
  });

  test('refuses a namespace that is not there, and names the nearest', () => {
    const world = completeWorld([...controlPlane(), injector, ...objects]);
    expect(() => assume(world, { what: 'enrol-all', namespace: 'shup' })).toThrow(/nothing was read of that namespace/);
  });

  test('marks no namespace whose labels were not read', () => {
    const unread = [{ kind: 'Namespace', state: 'forbidden', objects: 0 }] as const;
    const { world } = assume(completeWorld([...controlPlane(), injector, ...objects.slice(1)], unread), {
      what: 'enrol-all',
    });
    expect(fateOf(between('client'), world).verdict).toBe('unknown');
  });
});
