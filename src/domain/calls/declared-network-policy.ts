import { asList, asNumber, asObject, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import {
  isEmptySelector,
  matchesSelector,
  parseLabelSelector,
  type LabelSelector,
} from '../kubernetes/label-selector.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import type { Call, CallEvidence, CallSource } from './call.ts';
import { namespaceLabels, workloadsSelected, type SelectedWorkload } from './find-workloads.ts';
import { foundCalls, fromWorkload, stateCall, type FoundCalls } from './found-calls.ts';
import { targetsAtPodPort, type PodPort } from './pod-port-targets.ts';

/**
 * The calls that NetworkPolicies were written for: from the pods that a rule names to the ports that it lists. A policy
 * only admits, so what it admits widely (all pods of a namespace, address blocks, any port, port ranges, or every pod
 * as the target) tells of no call.
 */
export function declaredNetworkPolicies(world: World): FoundCalls {
  return foundCalls(world.list(KIND.networkPolicy).objects.flatMap((policy) => fromPolicy(world, policy)));
}

function fromPolicy(world: World, policy: KubeObject): readonly Call[] {
  const namespace = policy.metadata.namespace ?? '';
  const types = asList(at(policy.spec, 'policyTypes'));
  const selector = parseLabelSelector(at(policy.spec, 'podSelector'));
  if ((types.length > 0 && !types.includes('Ingress')) || isEmptySelector(selector)) return [];
  const servers = workloadsSelected(world, namespace, selector);
  const source = `NetworkPolicy ${namespace}/${policy.metadata.name}`;
  return asObjects(at(policy.spec, 'ingress')).flatMap((rule) => {
    const ports = asObjects(rule['ports']).flatMap(readPort);
    if (ports.length === 0 || servers.length === 0) return [];
    return asObjects(rule['from']).flatMap((peer) => {
      const senders = clientsOf(world, peer, namespace);
      return servers.flatMap((server) => toServer(world, server, { senders, ports, source }));
    });
  });
}

function readPort(raw: JsonObject): readonly PodPort[] {
  const port = asNumber(raw['port']) ?? asText(raw['port']);
  if (port === undefined || raw['endPort'] !== undefined) return [];
  return [{ protocol: asText(raw['protocol']) ?? 'TCP', port }];
}

function clientsOf(world: World, peer: JsonObject, home: string): readonly CallSource[] {
  if (asObject(peer['podSelector']) === undefined) return [];
  const selector = parseLabelSelector(peer['podSelector']);
  if (isEmptySelector(selector)) return [];
  const namespaces = peer['namespaceSelector'] === undefined ? [home] : namespacesMatching(world, peer);
  return namespaces.flatMap((namespace) =>
    workloadsSelected(world, namespace, selector).map(({ workload }) => fromWorkload(workload)),
  );
}

function namespacesMatching(world: World, peer: JsonObject): readonly string[] {
  const selector: LabelSelector = parseLabelSelector(peer['namespaceSelector']);
  return world.namespaces().filter((namespace) => matchesSelector(selector, namespaceLabels(world, namespace)));
}

function toServer(
  world: World,
  server: SelectedWorkload,
  rule: { readonly senders: readonly CallSource[]; readonly ports: readonly PodPort[]; readonly source: string },
): readonly Call[] {
  return rule.ports.flatMap((port) =>
    targetsAtPodPort(world, server, port).flatMap((to) =>
      rule.senders.map((from) => {
        const evidence: CallEvidence = {
          kind: 'declared',
          source: rule.source,
          detail: `admitted by a rule for port ${String(port.port)}`,
        };
        const protocol = port.protocol === 'TCP' ? undefined : port.protocol.toLowerCase();
        return stateCall({ from, to, protocol, evidence });
      }),
    ),
  );
}
