import { asText, at } from '../../../src/lib/json.ts';
import type { Call } from '../../../src/domain/calls/call.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { completeWorld, controlPlane, object, pod, service } from '../case-world.ts';

const PORT_NAMES: Readonly<Record<string, string>> = { HTTP: 'http', TCP: 'tcp', AUTO: 'custom' };
const HOST = 'server.ns.svc.cluster.local';

/**
 * The fate of the case's call. Undefined where the case says whether the application serves TLS, or calls a service
 * outside the mesh: no object tells that.
 */
export function interplayInWorld(input: unknown): unknown {
  const tls = asText(at(input, 'destinationRuleTls'));
  const byOwnTls = (tls === 'SIMPLE' || tls === 'MUTUAL') && at(input, 'server', 'mode') !== 'STRICT';
  if (at(input, 'appTls') === true || byOwnTls || at(input, 'service', 'meshExternal') === true) return undefined;
  const name = PORT_NAMES[asText(at(input, 'port', 'declared')) ?? ''];
  if (name === undefined) return undefined;
  const headless = at(input, 'service', 'headless') === true ? { clusterIP: 'None' } : {};
  const world = completeWorld([
    ...controlPlane(at(input, 'enableAutoMtls') === false ? { mesh: { enableAutoMtls: false } } : {}),
    pod({ namespace: 'ns', name: 'client', sidecar: at(input, 'client', 'sidecar') === true }),
    serverPod(input),
    service('ns', 'server', { ports: [{ port: 80, targetPort: 8080, name }], ...headless }),
    ...modes(input),
    ...(tls === undefined ? [] : [rule(tls)]),
  ]);
  const { verdict, wire } = fateOf(call(name), world);
  if (verdict === 'breaks') return { outcome: 'broken' };
  return { outcome: verdict === 'ok' ? `${wire}-ok` : verdict };
}

function serverPod(input: unknown): KubeObject {
  const tlsMode = asText(at(input, 'server', 'tlsMode'));
  return pod({
    namespace: 'ns',
    name: 'server',
    labels: { app: 'server', ...(tlsMode === undefined ? {} : { 'security.istio.io/tlsMode': tlsMode }) },
    sidecar: at(input, 'server', 'sidecar') === true,
  });
}

/** Where the case names the namespace's mode too, the server's own mode is a policy that selects it. */
function modes(input: unknown): KubeObject[] {
  const own = asText(at(input, 'server', 'mode'));
  const namespace = asText(at(input, 'server', 'namespaceMode'));
  const selector = namespace === undefined ? {} : { selector: { matchLabels: { app: 'server' } } };
  return [
    ...(namespace === undefined ? [] : [policy('namespace', { mtls: { mode: namespace } })]),
    ...(own === undefined ? [] : [policy('server', { ...selector, mtls: { mode: own } })]),
  ];
}

function policy(name: string, spec: unknown): KubeObject {
  return object('security.istio.io/v1', 'PeerAuthentication', { name, namespace: 'ns', spec });
}

function rule(mode: string): KubeObject {
  const spec = { host: HOST, trafficPolicy: { tls: { mode } } };
  return object('networking.istio.io/v1', 'DestinationRule', { name: 'rule', namespace: 'ns', spec });
}

function call(portName: string): Call {
  return {
    id: 'case',
    from: { kind: 'workload', workload: { namespace: 'ns', kind: 'Pod', name: 'client' } },
    to: { kind: 'service-port', namespace: 'ns', service: 'server', port: 80 },
    phase: 'run',
    evidence: [{ kind: 'declared', source: 'case', detail: 'case' }],
    ...(portName === 'custom' ? {} : { protocol: portName }),
  };
}
