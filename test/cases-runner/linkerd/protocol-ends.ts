import { goPortRanges, holdsPort } from '../../../src/domain/mesh/linkerd/opaque-ports/port-lists.ts';
import type { MeshCall, MeshServer } from '../../../src/domain/mesh/linkerd/protocol/mesh-wire.ts';
import { asNumber, asText, asTextMap, at } from '../../../src/lib/json.ts';

const PLANE = 'linkerd';

/** Whether the case's client is a meshed pod; one that the case does not describe is. */
export function isMeshedClient(input: unknown): boolean {
  return clientPlane(input) !== undefined;
}

/** The namespace of the client's control plane; undefined where it has no proxy. */
export function clientPlane(input: unknown): string | undefined {
  const client = asText(at(input, 'client')) ?? 'meshed';
  return planeIn(client);
}

/** Why the call passes no proxy on the client's side; undefined where it passes one. */
export function bypassOf(input: unknown): MeshCall['bypass'] {
  const client = asText(at(input, 'client')) ?? 'meshed';
  const target = asText(at(input, 'target')) ?? '';
  if (client === 'same-pod' || target === '127.0.0.1' || target === 'loopback') return 'loopback';
  if (at(input, 'transport') === 'UDP') return 'not_tcp';
  const skipped = asTextMap(at(input, 'clientAnnotations'))['config.linkerd.io/skip-outbound-ports'] ?? '';
  const port = asNumber(at(input, 'port')) ?? 0;
  return holdsPort(goPortRanges(skipped), port) || clientPlane(input) === undefined ? 'no_tls_from_remote' : undefined;
}

/** The server of the case, as the destination controller describes it. */
export function serverOf(input: unknown): MeshServer {
  const server =
    asText(at(input, 'server')) ?? (/^external/.test(asText(at(input, 'target')) ?? '') ? 'external' : 'meshed');
  if (/external-?workload/i.test(server) || at(input, 'target') === 'externalWorkloadIP')
    return { kind: 'external-workload' };
  if (/^external/.test(server)) return { kind: 'external' };
  const skipInboundPorts = asTextMap(at(input, 'podAnnotations'))['config.linkerd.io/skip-inbound-ports'];
  return { kind: 'pod', controlPlane: planeIn(server), skipInboundPorts };
}

/** `meshed`, or `meshed by control plane NAME`; any other word is a pod without a proxy. */
function planeIn(word: string): string | undefined {
  const [, named] = /^meshed.*control[- ]plane\s+(\S+)/.exec(word) ?? [];
  if (named !== undefined) return named;
  return /^meshed/.test(word) ? PLANE : undefined;
}
