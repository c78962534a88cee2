import { describe, expect, inject, test } from 'vitest';
import { askIstiod, type AskedCall } from './support/ask-istiod.ts';
import { made } from './support/made.ts';
import { manifestsOf } from './support/manifests.ts';
import type { WorkloadDraft, WorldDraft } from './support/draft.ts';

const judge = inject('judge');

const PORTS = [{ name: 'http', port: 80, targetPort: 8080, appProtocol: undefined }];
const SERVER: WorkloadDraft = {
  namespace: 'red',
  name: 'a',
  account: 'default',
  pods: ['sidecar'],
  tier: 'back',
  headless: false,
  exportTo: undefined,
  tlsMode: undefined,
  ports: PORTS,
  otherPorts: [],
};
const DRAFT: WorldDraft = {
  ambient: false,
  workloads: [SERVER, { ...SERVER, name: 'b', account: 'robot', pods: ['sidecar', 'bare'] }],
  modes: [],
  rules: [],
  scopes: [],
  authorizations: [],
  enableAutoMtls: true,
  registryOnly: false,
  trustDomain: undefined,
  alias: false,
  serviceExport: undefined,
  ruleExport: undefined,
};

function from(client: 'b-sidecar' | 'b-bare', more: Partial<AskedCall> = {}): AskedCall {
  const service = { service: 'a', servicePort: 80, targetPort: 8080, payload: 'http', serverFirst: false } as const;
  const ends = { client: { namespace: 'red', name: client }, server: { namespace: 'red', name: 'a-sidecar' } };
  return { ...ends, ...service, method: 'GET', path: '/', ...more };
}

/** Cases that Istio's documentation settles: the program that follows istiod's configuration must come to the same. */
describe.skipIf(judge === '')('the program that asks istiod', () => {
  test('follows calls as the documentation says they go', async () => {
    const strict = made('security.istio.io/v1', 'PeerAuthentication', { name: 'strict', namespace: 'red' }, STRICT);
    const getOnly = made('security.istio.io/v1', 'AuthorizationPolicy', { name: 'get', namespace: 'red' }, GET_ONLY);
    const disable = made('networking.istio.io/v1', 'DestinationRule', { name: 'plain', namespace: 'red' }, DISABLE);
    const calls = [from('b-sidecar'), from('b-bare'), from('b-sidecar', { method: 'POST' })];
    const objects = manifestsOf(DRAFT);
    const meshConfig = {};
    const [plain, locked, limited, broken] = await askIstiod(
      judge,
      [[], [strict], [getOnly], [strict, disable]].map((more) => ({
        objects: [...objects, ...more],
        meshConfig,
        calls,
      })),
      { ambient: false },
    );
    const identity = 'spiffe://cluster.local/ns/red/sa/robot';
    expect(plain).toMatchObject([{ wire: 'mtls', identity, accepted: true, allowed: true }, OPEN, { accepted: true }]);
    expect(locked).toMatchObject([{ wire: 'mtls', accepted: true }, { wire: 'plaintext', accepted: false }, {}]);
    expect(limited).toMatchObject([{ allowed: true }, { allowed: true }, { accepted: true, allowed: false }]);
    expect(broken).toMatchObject([{ wire: 'plaintext', identity: '', accepted: false }, { accepted: false }, {}]);
  });
});

const OPEN = { wire: 'plaintext', identity: '', accepted: true, allowed: true };
const STRICT = { mtls: { mode: 'STRICT' } };
const GET_ONLY = { rules: [{ to: [{ operation: { methods: ['GET'] } }] }] };
const DISABLE = { host: 'a.red.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } };
