import { describe, expect, test } from 'vitest';
import type { Call } from '../../../../../src/domain/calls/call.ts';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { object } from '../../../../cases-runner/case-world.ts';
import { fateIn, istioObject, STRICT, type Scene } from './scene.ts';

const CONFIG = 'proxy.istio.io/config';
const AT_5999: Partial<Call> = { to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 5999 } };
const START: Partial<Call> = { phase: 'start' };
const TEMPLATES = 'inject.istio.io/templates';
const HEADLESS = { clusterIP: 'None', ports: [{ port: 8080, targetPort: 8080, name: 'http' }] };
const AT_8080: Partial<Call> = { to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 8080 } };

describe('a call whose client has a proxy that may not send it', () => {
  test.each<[string, Scene]>([
    ['an application in a pod with the proxy of a gateway', { client: asGateway([{ name: 'app', image: 'a/b:1' }]) }],
    ['a port that Istio reads as UDP by its name', { service: { ports: [tcpPort({ name: 'udp-x' })] } }],
    ['a port that Istio reads as UDP by its appProtocol', { service: { ports: [tcpPort({ appProtocol: 'udp' })] } }],
    ['another interface left out', { client: annotated('traffic.sidecar.istio.io/excludeInterfaces', 'eth1') }],
    ['Envoy switched off in YAML', { client: annotated(CONFIG, 'proxyMetadata:\n  DISABLE_ENVOY: "true"\n') }],
    ['Envoy switched off in JSON', { client: annotated(CONFIG, '{"proxyMetadata":{"DISABLE_ENVOY":"true"}}') }],
    ['interception of its own', { client: annotated(CONFIG, 'interceptionMode: NONE') }],
    ['Envoy switched off for all', { mesh: { mesh: { defaultConfig: { proxyMetadata: { DISABLE_ENVOY: 'true' } } } } }],
    ['a namespace that istiod does not see', outsideDiscovery()],
    [
      'subjectAltNames in the rule',
      ruled({ tls: { mode: 'ISTIO_MUTUAL', subjectAltNames: ['spiffe://a/ns/b/sa/c'] } }),
    ],
    ['a tunnel in the rule', ruled({ tunnel: { targetHost: 'a.example', targetPort: 1 } })],
    ['subjectAltNames for the port', ruled({ portLevelSettings: [{ port: { number: 80 }, tls: namesOf('x') }] })],
  ])('is unknown with %s', (_what, scene) => {
    expect(fateIn({ ...scene, more: [STRICT, ...(scene.more ?? [])] })).toMatchObject({ verdict: 'unknown' });
  });

  test.each<[string, Scene]>([
    ['a gateway alone in its pod', { client: asGateway([]) }],
    ['settings of DNS', { client: annotated(CONFIG, 'proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "true"\n') }],
    ['a proxy configuration that only drains longer', { client: annotated(CONFIG, 'drainDuration: 60s') }],
    ['a rule without subjectAltNames', ruled({ tls: { mode: 'ISTIO_MUTUAL', subjectAltNames: [] } })],
  ])('stays ok with %s', (_what, scene) => {
    expect(fateIn({ ...scene, more: [STRICT, ...(scene.more ?? [])] })).toMatchObject({ verdict: 'ok', wire: 'mtls' });
  });
});

describe('a call of an init container', () => {
  test('has no network where the CNI plugin captures the pods that are made next', () => {
    const scene = startOfNextPods({ pilot: { cni: { enabled: true } } });
    expect(fateIn(scene)).toMatchObject({ verdict: 'unknown' });
  });

  test('passes by the proxy where an init container captures', () => {
    expect(fateIn(startOfNextPods({}))).toMatchObject({ wire: 'plaintext', verdict: 'ok' });
  });
});

describe('a call to a Service that a virtual machine answers too', () => {
  test('is plaintext for all of a headless Service where the machine takes no mTLS', () => {
    const fate = fateIn({ service: HEADLESS, call: AT_8080, more: [STRICT, machine({})] });
    expect(fate).toMatchObject({ verdict: 'breaks', wire: 'plaintext' });
  });

  test.each<[string, Scene]>([
    ['a rule sends mTLS to all', { ...ruled({ tls: { mode: 'ISTIO_MUTUAL' } }, [machine({})]) }],
    ['the machine has a proxy of its own', { more: [machine({ serviceAccount: 'vm' })] }],
    ['nobody read WorkloadEntries', { coverage: [{ kind: KIND.workloadEntry, state: 'unread', objects: 0 }] }],
  ])('is unknown where %s', (_what, scene) => {
    expect(fateIn(scene)).toMatchObject({ verdict: 'unknown' });
  });

  test('is ok where the selector does not pick the machine', () => {
    const other = machine({ labels: { app: 'other' } });
    expect(fateIn({ service: HEADLESS, call: AT_8080, more: [STRICT, other] })).toMatchObject({ verdict: 'ok' });
  });
});

describe('a call of which nobody says who speaks first', () => {
  const bare = { protocol: 'tcp', ...AT_5999 };
  const undeclared = { ports: [{ port: 5999, targetPort: 5999 }] };
  const declared = { ports: [{ port: 5999, targetPort: 5999, name: 'tcp' }] };
  const unmeshed = { client: { sidecar: false } };

  test.each<[string, Scene]>([
    ['proxies detect the protocol', { service: undeclared, call: bare }],
    ['only the client detects it', { service: undeclared, call: bare, server: { sidecar: false } }],
    ['plaintext arrives in mode PERMISSIVE', { ...unmeshed, service: declared, call: bare }],
  ])('is unknown where %s', (_what, scene) => {
    const fate = fateIn(scene);
    expect(fate).toMatchObject({ verdict: 'unknown' });
    expect(fate.why).toContain('nobody says who speaks first on port 5999');
  });

  test.each<[string, Scene]>([
    ['the port is declared TCP and mTLS arrives', { service: declared, call: bare, more: [STRICT] }],
    ['no proxy is there', { ...unmeshed, server: { sidecar: false }, service: undeclared, call: bare }],
    ['an image is known for it', { service: undeclared, call: bare, server: { container: image('redis:7') } }],
    ['the call says it', { service: undeclared, call: { ...bare, protocol: 'kafka' } }],
  ])('is ok where %s', (_what, scene) => {
    expect(fateIn(scene)).toMatchObject({ verdict: 'ok' });
  });

  test('is refused in mode STRICT all the same where it is plaintext', () => {
    expect(fateIn({ ...unmeshed, service: declared, call: bare, more: [STRICT] })).toMatchObject({ verdict: 'breaks' });
  });

  test('breaks where an image is known for the server that speaks first', () => {
    const fate = fateIn({ service: undeclared, call: bare, server: { container: image('nats:2.10') } });
    expect(fate).toMatchObject({ verdict: 'breaks' });
  });
});

describe('a lifecycle hook of a pod in mode STRICT', () => {
  const hook: Partial<Call> = {
    from: { kind: 'outsider', who: 'kubelet' },
    to: { kind: 'pod-port', workload: { namespace: 'shop', kind: 'Pod', name: 'server' }, port: 8080 },
    phase: 'start',
    protocol: 'http',
  };

  test('breaks where the pod forbids that it is rewritten', () => {
    const server = annotated('sidecar.istio.io/rewriteAppHTTPProbers', 'false');
    expect(fateIn({ server, call: hook, more: [STRICT] })).toMatchObject({ verdict: 'breaks' });
  });

  test('is rewritten to the agent by default', () => {
    expect(fateIn({ call: hook, more: [STRICT] })).toMatchObject({ verdict: 'ok' });
  });
});

function annotated(name: string, value: string): Scene['client'] & object {
  return { annotations: { [name]: value } };
}

function asGateway(beside: readonly JsonObject[]): Scene['client'] & object {
  const router = { name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args: ['proxy', 'router'] };
  return { annotations: { [TEMPLATES]: 'gateway' }, spec: { containers: [...beside, router], initContainers: [] } };
}

function image(name: string): JsonObject {
  return { image: name };
}

function tcpPort(fields: JsonObject): JsonObject {
  return { port: 80, targetPort: 8080, protocol: 'TCP', ...fields };
}

function namesOf(name: string): JsonObject {
  return { mode: 'SIMPLE', subjectAltNames: [name] };
}

function ruled(trafficPolicy: JsonObject, more: readonly KubeObject[] = []): Scene {
  return { more: [istioObject('networking/DestinationRule', { host: 'server', trafficPolicy }), ...more] };
}

function machine(spec: JsonObject): KubeObject {
  return istioObject('networking/WorkloadEntry', { address: '10.0.0.9', labels: { app: 'server' }, ...spec });
}

function outsideDiscovery(): Scene {
  return {
    client: { namespace: 'unseen' },
    mesh: { mesh: { discoverySelectors: [{ matchLabels: { mesh: 'on' } }] } },
    more: [
      object('v1', 'Namespace', { name: 'unseen' }),
      object('v1', 'Namespace', { name: 'istio-system', labels: { mesh: 'on' } }),
      object('v1', 'Namespace', { name: 'shop', labels: { mesh: 'on' } }),
    ],
  };
}

/** The client's pods are made next, by a Deployment whose template asks for injection. */
function startOfNextPods(values: JsonObject): Scene {
  const labels = { app: 'client', 'sidecar.istio.io/inject': 'true' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'example/app:1' }] } };
  return {
    mesh: { values, env: { ENABLE_NATIVE_SIDECARS: 'false' } },
    server: { sidecar: false },
    more: [
      object('apps/v1', 'Deployment', {
        name: 'new',
        namespace: 'shop',
        spec: { selector: { matchLabels: labels }, template },
      }),
      ...chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } }),
      object('v1', 'Namespace', { name: 'shop' }),
      // Too old for native sidecars, which run before other init containers.
      object('v1', 'Node', { name: 'old', fields: { status: { nodeInfo: { kubeletVersion: 'v1.28.0' } } } }),
    ],
    call: { ...START, from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Deployment', name: 'new' } } },
  };
}
