import { describe, expect, test } from 'vitest';
import { kindOf, type KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { whyRefusedByLinkerd } from '../../../../../src/domain/mesh/linkerd/policy/admission.ts';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import { admit } from '../../../../../src/domain/world/admit.ts';
import { linkerdObject } from '../../../../cases-runner/linkerd/policy-objects.ts';
import { run } from '../../../../cases-runner/linkerd/authz.ts';
import { ask, changed, CURL, scene } from './scene.ts';

const AP = { kind: 'AuthorizationPolicy', targetRef: { kind: 'Server', name: 'web' }, requiredAuthenticationRefs: [] };
const net = (kind: string, networks: readonly object[]) => ({ kind, networks });
const saz = (client: object) => ({ kind: 'ServerAuthorization', server: { name: 'web' }, client });
const parent = (more: object) => ({ parentRefs: [{ kind: 'EgressNetwork', name: 'e', ...more }] });

describe('Linkerd takes', () => {
  test.each<[string, object]>([
    ['a policy without authentications', AP],
    ['a policy on its own namespace', { ...AP, targetRef: { kind: 'Namespace', name: 'ns-a' } }],
    ['a policy on a gRPC route', { ...AP, targetRef: { kind: 'GRPCRoute', name: 'r' } }],
    [
      'one of each authentication',
      {
        ...AP,
        requiredAuthenticationRefs: [
          { kind: 'ServiceAccount', name: 'a' },
          { kind: 'NetworkAuthentication', name: 'b' },
        ],
      },
    ],
    ['identities', { kind: 'MeshTLSAuthentication', identities: ['*.a.b', 'spiffe://root/a/b'] }],
    [
      'a namespace as source of identities',
      { kind: 'MeshTLSAuthentication', identityRefs: [{ kind: 'Namespace', name: 'a' }] },
    ],
    [
      'an address as network and as exception',
      net('NetworkAuthentication', [{ cidr: '10.1.1.0/24', except: ['10.1.1.3'] }, { cidr: '10.1.0.2' }]),
    ],
    ['a Server with a protocol', { kind: 'Server', proxyProtocol: 'HTTP/1', accessPolicy: 'audit' }],
    ['TLS without identity', saz({ meshTLS: { unauthenticatedTLS: true } })],
    ['an egress parent with a port', { kind: 'HTTPRoute', ...parent({ port: 80 }) }],
    ['a TCPRoute with a rule', { kind: 'TCPRoute', rules: 1 }],
    ['limits below the total', { kind: 'HTTPLocalRateLimitPolicy', total: 1000, identity: 100 }],
    ['an EgressNetwork without networks', { kind: 'EgressNetwork' }],
  ])('%s', (_what, raw) => {
    expect(run({ admit: raw })).toEqual({ admission: 'accept' });
  });
});

describe('Linkerd refuses', () => {
  test.each<[string, object]>([
    ['a policy on a Deployment', { ...AP, targetRef: { kind: 'Deployment', name: 'web' } }],
    ['a policy on a Service', { ...AP, targetRef: { kind: 'Service', name: 'web' } }],
    [
      'two network authentications',
      {
        ...AP,
        requiredAuthenticationRefs: [
          { kind: 'NetworkAuthentication', name: 'a' },
          { kind: 'NetworkAuthentication', name: 'b' },
        ],
      },
    ],
    [
      'an account beside identities',
      {
        ...AP,
        requiredAuthenticationRefs: [
          { kind: 'ServiceAccount', name: 'a' },
          { kind: 'MeshTLSAuthentication', name: 'b' },
        ],
      },
    ],
    ['an unknown authentication', { ...AP, requiredAuthenticationRefs: [{ kind: 'Secret', name: 'a' }] }],
    [
      'a namespace in a namespace',
      { kind: 'MeshTLSAuthentication', identityRefs: [{ kind: 'Namespace', name: 'a', namespace: 'b' }] },
    ],
    ['a star in the middle', { kind: 'MeshTLSAuthentication', identities: ['a.*.b'] }],
    ['a SPIFFE id that ends in a slash', { kind: 'MeshTLSAuthentication', identities: ['spiffe://root/a/'] }],
    ['an empty list of identities', { kind: 'MeshTLSAuthentication', identities: [] }],
    [
      'an exception outside its block',
      net('NetworkAuthentication', [{ cidr: '10.1.1.0/24', except: ['10.1.2.0/24'] }]),
    ],
    ['a network that is none', net('NetworkAuthentication', [{ cidr: '10.256.0.0/16' }])],
    ['an access policy that is none', { kind: 'Server', accessPolicy: 'all_authenticated' }],
    ['two selectors', { kind: 'Server', podSelector: {}, externalWorkloadSelector: {} }],
    ['everybody beside mesh TLS', saz({ unauthenticated: true, meshTLS: { identities: ['*'] } })],
    ['TLS without identity beside identities', saz({ meshTLS: { unauthenticatedTLS: true, identities: ['*'] } })],
    ['a relative path', { kind: 'HTTPRoute', pathPrefix: 'api' }],
    ['a relative redirect', { kind: 'HTTPRoute', redirectPath: 'api' }],
    [
      'a backend without port',
      { kind: 'HTTPRoute', group: 'gateway.networking.k8s.io', rules: [{ backendRefs: [{ name: 'web' }] }] },
    ],
    ['an egress parent without port', { kind: 'GRPCRoute', ...parent({}) }],
    ['a TLSRoute with two rules', { kind: 'TLSRoute', rules: 2 }],
    ['an override above the total', { kind: 'HTTPLocalRateLimitPolicy', total: 100, overrides: [200] }],
    [
      'a rate limit on a Deployment',
      { kind: 'HTTPLocalRateLimitPolicy', targetRef: { kind: 'Deployment', name: 'web' }, total: 1 },
    ],
  ])('%s', (_what, raw) => {
    expect(run({ admit: raw })).toEqual({ admission: 'reject' });
  });
});

const SERVER = { kind: 'Server', name: 'web', podSelector: {}, port: 80, labels: { app: 'web' } };
const RESOURCES = [
  SERVER,
  { kind: 'MeshTLSAuthentication', name: 'ids', identities: [CURL, 'spiffe://root/vm'] },
  { kind: 'NetworkAuthentication', name: 'nets', networks: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }] },
  {
    ...AP,
    name: 'p',
    requiredAuthenticationRefs: [
      { kind: 'MeshTLSAuthentication', name: 'ids' },
      { kind: 'NetworkAuthentication', name: 'nets' },
    ],
  },
  {
    kind: 'ServerAuthorization',
    name: 's',
    server: { selector: { app: 'web' } },
    client: { meshTLS: { serviceAccounts: [{ name: 'x' }] } },
  },
  { kind: 'HTTPRoute', name: 'api', parent: 'web', pathExact: '/api', method: 'GET' },
  {
    kind: 'HTTPLocalRateLimitPolicy',
    name: 'limit',
    targetRef: { kind: 'Server', name: 'web' },
    total: 10,
    overrides: [{ requestsPerSecond: 5, clientRefs: [{ kind: 'ServiceAccount', name: 'x' }] }],
  },
];

describe('an object of policy', () => {
  test('is not in force for sure where only a file says what the API server refuses', () => {
    const refused = { ...AP, name: 'p', requiredAuthenticationRefs: undefined };
    const declared = changed(scene([SERVER, refused]).world, { coverage: { basis: 'declared', entries: [] } });
    const question = ask({ ...declared.server, port: 80 }, { tls: CURL });
    expect(linkerd.authorize(question, declared.world)).toMatchObject({ decision: 'unknown' });
    const read = scene([SERVER, refused]);
    expect(linkerd.authorize(ask({ ...read.server, port: 80 }, { tls: CURL }), read.world).decision).toBe('deny');
  });

  test.each(RESOURCES)('of kind $kind keeps on admission what the rules read', (raw) => {
    const { origin, ...object } = linkerdObject(raw, 'ns-a');
    const admitted = admit(object, origin, () => undefined);
    expect('object' in admitted && kindOf(admitted.object)).toBe(kindOf(object as KubeObject));
    expect('object' in admitted && admitted.object.spec).toEqual(JSON.parse(JSON.stringify(object.spec)));
    expect('object' in admitted && admitted.object.status).toEqual(object.status);
    expect('object' in admitted && whyRefusedByLinkerd(admitted.object)).toBeUndefined();
  });
});
