import type { Call } from '../calls/call.ts';
import { knownClientFirst, namesClientFirst } from '../calls/known-client-first.ts';
import { knownServerFirst, namesServerFirst } from '../calls/known-server-first.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import { known, unknown, type Fact } from '../world/fact.ts';

/**
 * Whether the server speaks first on a call: as the call's evidence says, else by names and numbers of ports and by
 * images that are known for it. Unknown where nothing says who does: the lists are ours and not complete.
 */
export function speaksFirst(call: Call, server: CallServer): Fact<boolean> {
  const { protocol, request } = call;
  if (namesServerFirst(protocol)) return known(true);
  if (namesClientFirst(protocol) || request !== undefined) return known(false);
  const { servicePort } = server;
  const declared = [servicePort?.appProtocol, servicePort?.name];
  if (declared.some((name) => namesClientFirst(name))) return known(false);
  const containers = server.workload.template.containers.filter(
    ({ ports }) => ports.length === 0 || ports.some(({ port }) => port === server.port),
  );
  const images = containers.map(({ image }) => image);
  const ports = servicePort === undefined ? [server.port] : [server.port, servicePort.port];
  const inPod = containers.flatMap((container) => container.ports.filter(({ port }) => port === server.port));
  const names = [...declared, ...inPod.map(({ name }) => name)];
  if (knownServerFirst(ports, images, names) !== undefined) return known(true);
  // The kubelet only connects, or asks over HTTP and gRPC; Prometheus asks over HTTP.
  if (isWatcher(call) || knownClientFirst({ names, ports, images })) return known(false);
  return unknown(`nobody says who speaks first on port ${String(server.port)} of ${server.workload.name}`);
}

function isWatcher({ from }: Call): boolean {
  return from.kind === 'outsider' && (from.who === 'kubelet' || from.who === 'prometheus' || from.who === 'apiserver');
}
