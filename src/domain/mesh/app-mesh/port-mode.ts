import { asNumber, asObjects, asText, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';
import type { PortMode, ServerEnd } from '../mesh.ts';
import { edgeTls, validatesClients } from './edge-tls.ts';

/** The TLS mode of the listener of the one VirtualNode that selects the pod; STRICT is mutual only where clients are validated. */
export function appMeshPortMode({ workload, cohort, port }: ServerEnd, world: World): PortMode {
  const { objects, gap } = world.listIn(KIND.appMeshVirtualNode, workload.namespace);
  if (gap !== undefined) return unknownMode(gap);
  const nodes = objects.filter(({ spec }) => {
    const selector = at(spec, 'podSelector');
    return selector !== undefined && matchesSelector(parseLabelSelector(selector), cohort.pod.labels);
  });
  const [node, second] = nodes;
  if (node === undefined || second !== undefined)
    return unknownMode('there is not exactly one VirtualNode for the pod');
  const listener = asObjects(at(node.spec, 'listeners')).find(
    (each) => asNumber(at(each, 'portMapping', 'port')) === port,
  );
  if (listener === undefined)
    return unknownMode(`VirtualNode ${node.metadata.name} has no listener for port ${String(port)}`);
  const declared = asText(at(listener, 'tls', 'mode')) ?? 'DISABLED';
  const rule = `What new callers get${validatesClients(listener['tls']) ? '' : '; clients show no certificate, so TLS is not mutual'}.`;
  const evidence = [{ object: refOf(node), field: 'spec.listeners[].tls.mode', value: declared, rule }];
  return { mode: modeOf(listener, port), declared: wordsFor(listener, declared), evidence };
}

function modeOf(listener: JsonObject, port: number): PortMode['mode'] {
  const { wire, strict } = edgeTls({ port, listenerTls: listener['tls'], clientTls: undefined });
  if (wire === 'plaintext') return 'disabled';
  if (!validatesClients(listener['tls'])) return 'none';
  return strict ? 'strict' : 'permissive';
}

function wordsFor(listener: JsonObject, declared: string): string {
  return declared === 'DISABLED' || validatesClients(listener['tls']) ? declared : `${declared}, one-way TLS`;
}

function unknownMode(rule: string): PortMode {
  return { mode: 'unknown', declared: 'unknown', evidence: [{ rule }] };
}
