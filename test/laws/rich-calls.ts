import type { Call, CallSource, CallTarget } from '../../src/domain/calls/call.ts';
import type { RichWorkload } from './rich-workloads.ts';
import type { RichWorld } from './rich-world.ts';

const OUTSIDERS = ['prometheus', 'kubelet', 'load-balancer', 'unknown', 'apiserver'] as const;

/** Every pair of workloads by Service and by pod address, the gateway's and outsiders' calls, and one that leaves. */
export function richCalls(world: RichWorld): readonly Call[] {
  const servers = world.workloads.filter(({ kind }) => kind !== 'CronJob');
  return [
    ...world.workloads.flatMap((client) => [
      ...servers.filter((server) => server !== client).flatMap((server) => callsBetween(client, server)),
      leaving(client),
    ]),
    ...servers.flatMap((server) => outsideCalls(server)),
    ...(world.gateway ? servers.map((server) => throughGateway(server)) : []),
  ];
}

function refOf({ namespace, kind, name }: RichWorkload) {
  return { namespace, kind, name };
}

function callsBetween(client: RichWorkload, server: RichWorkload): readonly Call[] {
  const { namespace, name, headless } = server;
  const from: CallSource = { kind: 'workload', workload: refOf(client) };
  const service = { namespace, service: name };
  const targets: readonly CallTarget[] = [
    headless ? { kind: 'headless-instance', ...service, port: 8080 } : { kind: 'service-port', ...service, port: 80 },
    { kind: 'pod-port', workload: refOf(server), port: 8080 },
  ];
  return targets.map((to): Call => ({
    id: `${client.namespace}/${client.name} -> ${namespace}/${name} ${to.kind}`,
    from,
    to,
    phase: client.kind === 'CronJob' ? 'start' : 'run',
    ...(server.protocol === undefined ? {} : { protocol: server.protocol }),
    ...(server.protocol === 'http' ? { request: { method: 'GET', path: '/' } } : {}),
    evidence: [{ kind: 'observed', source: 'generated', detail: 'generated' }],
  }));
}

function outsideCalls(server: RichWorkload): readonly Call[] {
  return OUTSIDERS.map((who): Call => ({
    id: `${who} -> ${server.namespace}/${server.name}`,
    from: { kind: 'outsider', who },
    to: { kind: 'pod-port', workload: refOf(server), port: 8080 },
    phase: who === 'kubelet' ? 'probe' : 'run',
    evidence: [{ kind: 'declared', source: 'generated', detail: 'generated' }],
  }));
}

function throughGateway({ namespace, name }: RichWorkload): Call {
  return {
    id: `ingress -> ${namespace}/${name}`,
    from: { kind: 'workload', workload: { namespace: 'istio-system', kind: 'Pod', name: 'ingress' } },
    to: { kind: 'service-port', namespace, service: name, port: 80 },
    phase: 'run',
    protocol: 'http',
    evidence: [{ kind: 'observed', source: 'generated', detail: 'generated' }],
  };
}

function leaving(client: RichWorkload): Call {
  return {
    id: `${client.namespace}/${client.name} -> example.com`,
    from: { kind: 'workload', workload: refOf(client) },
    to: { kind: 'external-host', host: 'example.com', port: 443 },
    phase: 'run',
    evidence: [{ kind: 'observed', source: 'generated', detail: 'generated' }],
  };
}
