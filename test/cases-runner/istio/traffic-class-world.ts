import type { Call, CallSource } from '../../../src/domain/calls/call.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { ambientMesh, ambientPod, completeWorld, gatewayPod, object, pod, service } from '../case-world.ts';

interface Scene {
  readonly from: CallSource;
  readonly client?: KubeObject;
  readonly more?: readonly KubeObject[];
  readonly port?: number;
  readonly portName?: string;
  readonly to?: 'pod' | 'instance';
  readonly headless?: boolean;
  readonly probe?: JsonObject;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly phase?: Call['phase'];
  readonly protocol?: string;
}

const FROM_POD: CallSource = { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } };
const INJECTED = pod({ namespace: 'shop', name: 'client', sidecar: true });
const BARE = pod({ namespace: 'shop', name: 'client', sidecar: false });
const HOST_NETWORK = pod({ namespace: 'shop', name: 'client', sidecar: false, spec: { hostNetwork: true } });
const AMBIENT = ambientPod({ namespace: 'shop', name: 'client' });
const LEGACY = pod({ namespace: 'shop', name: 'server-old', labels: { app: 'server' }, sidecar: false });
const outsider = (who: Extract<CallSource, { kind: 'outsider' }>['who']): CallSource => ({ kind: 'outsider', who });
const at15020 = { httpGet: { path: '/app-health/app/livez', port: 15020 } };

const SCENES: Readonly<Record<string, Scene>> = {
  'sidecar-auto': { from: FROM_POD, client: INJECTED },
  'no-sidecar': { from: FROM_POD, client: BARE },
  'probe-rewritten': { from: outsider('kubelet'), to: 'pod', probe: at15020, phase: 'probe' },
  'probe-direct': {
    from: outsider('kubelet'),
    to: 'pod',
    probe: { httpGet: { path: '/', port: 8080 } },
    phase: 'probe',
  },
  'prometheus-merged': { from: outsider('prometheus'), to: 'pod', port: 15020 },
  'prometheus-direct': { from: outsider('prometheus'), to: 'pod' },
  'headless-all-injected': { from: FROM_POD, client: INJECTED, headless: true },
  'pod-ip': { from: FROM_POD, client: INJECTED, to: 'pod' },
  nodeport: { from: outsider('load-balancer') },
  'ingress-gateway': { from: FROM_POD, client: gatewayPod('shop', 'client') },
  'apiserver-webhook-https': { from: outsider('apiserver'), portName: 'https' },
  'apiserver-webhook-http': { from: outsider('apiserver') },
  'host-network-client': { from: FROM_POD, client: HOST_NETWORK },
  'job-without-sidecar': { from: FROM_POD, client: BARE },
  'init-container': { from: FROM_POD, client: INJECTED, phase: 'start' },
  'server-first-plaintext': { from: FROM_POD, client: BARE, portName: 'tcp-db', protocol: 'mysql' },
  'ztunnel-to-new-sidecar': { from: FROM_POD, client: AMBIENT, labels: { 'networking.istio.io/tunnel': 'http' } },
  'ztunnel-to-old-sidecar': { from: FROM_POD, client: AMBIENT },
  'headless-mixed': { from: FROM_POD, client: INJECTED, headless: true, more: [LEGACY], to: 'instance' },
};

/** The fate of one call of the class in a world of two pods; undefined for a class that no world states. */
export function trafficInWorld(mode: string, traffic: string): unknown {
  // It runs in the container and makes no call at all.
  if (traffic === 'probe-exec') return { result: 'ok' };
  const scene = Object.hasOwn(SCENES, traffic) ? SCENES[traffic] : undefined;
  if (scene === undefined) return undefined;
  const world = completeWorld([
    ...ambientMesh(),
    ...(scene.client === undefined ? [] : [scene.client]),
    ...(scene.more ?? []),
    serverPod(scene),
    serverService(scene),
    object('security.istio.io/v1', 'PeerAuthentication', {
      name: 'default',
      namespace: 'shop',
      spec: { mtls: { mode } },
    }),
  ]);
  const { verdict } = fateOf(callOf(scene), world);
  // Where only some endpoints have a sidecar, those break: the case asks about them.
  const isBroken = verdict === 'breaks' || verdict === 'partial';
  return { result: isBroken ? 'broken' : verdict };
}

function serverPod({ probe, annotations, labels }: Scene): KubeObject {
  const ports = [{ containerPort: 8080 }];
  return pod({
    namespace: 'shop',
    name: 'server',
    labels: { app: 'server', ...labels },
    sidecar: true,
    container: { ports, ...(probe === undefined ? {} : { livenessProbe: probe }) },
    ...(annotations === undefined ? {} : { annotations }),
  });
}

function serverService({ headless, portName }: Scene): KubeObject {
  const ports = [{ port: 80, targetPort: 8080, name: portName ?? 'http' }];
  return service('shop', 'server', { ports, ...(headless === true ? { clusterIP: 'None' } : {}) });
}

function callOf({ from, to, port, phase, protocol }: Scene): Call {
  const server = { namespace: 'shop', kind: 'Pod', name: 'server' };
  const target: Call['to'] =
    to === 'pod'
      ? { kind: 'pod-port', workload: server, port: port ?? 8080 }
      : to === 'instance'
        ? { kind: 'headless-instance', namespace: 'shop', service: 'server', port: 8080 }
        : { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 };
  return {
    id: 'case',
    from,
    to: target,
    phase: phase ?? 'run',
    evidence: [{ kind: 'declared', source: 'case', detail: 'case' }],
    ...(protocol === undefined ? {} : { protocol }),
  };
}
