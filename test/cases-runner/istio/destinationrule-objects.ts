import { asList, asObject, asText, at } from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { parseDestinationRule } from '../../../src/domain/mesh/istio/destination-rule/parse.ts';
import type { DestinationRule } from '../../../src/domain/mesh/istio/destination-rule/rule.ts';

/** The rule that the case's short form stands for. */
export function ruleOf(raw: unknown): DestinationRule {
  return parseDestinationRule(destinationRuleObject(raw), 'cluster.local');
}

/** Writes the case's short form of a rule as the Kubernetes object it stands for. */
export function destinationRuleObject(raw: unknown): KubeObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: metadataOf(raw),
    origin: { from: 'read' },
    spec: {
      host: at(raw, 'host'),
      exportTo: at(raw, 'exportTo'),
      workloadSelector: matchLabels(at(raw, 'workloadSelector')),
      trafficPolicy: trafficPolicyOf(at(raw, 'trafficPolicy')),
      subsets: asList(at(raw, 'subsets')).map((subset) => ({
        ...asObject(subset),
        trafficPolicy: trafficPolicyOf(at(subset, 'trafficPolicy')),
      })),
    },
  };
}

function trafficPolicyOf(raw: unknown): unknown {
  if (raw === undefined || raw === null) return undefined;
  return {
    ...asObject(raw),
    tls: tlsOf(at(raw, 'tls')),
    portLevelSettings: asList(at(raw, 'portLevelSettings')).map((entry) => ({
      ...asObject(entry),
      port: { number: at(entry, 'port') },
      tls: tlsOf(at(entry, 'tls')),
    })),
  };
}

function tlsOf(raw: unknown): unknown {
  return typeof raw === 'string' ? { mode: raw } : raw;
}

/** Writes the case's short form of a PeerAuthentication as the Kubernetes object it stands for. */
export function peerAuthenticationObject(raw: unknown): KubeObject {
  const ports = Object.entries(asObject(at(raw, 'ports')) ?? {}).map(([port, mode]) => [port, { mode }]);
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: metadataOf(raw),
    origin: { from: 'read' },
    spec: {
      selector: matchLabels(at(raw, 'selector')),
      mtls: at(raw, 'mode') === undefined ? undefined : { mode: at(raw, 'mode') },
      portLevelMtls: Object.fromEntries(ports) as unknown,
    },
  };
}

function metadataOf(raw: unknown): KubeObject['metadata'] {
  const created = asText(at(raw, 'created'));
  return {
    name: asText(at(raw, 'name')) ?? 'rule',
    namespace: asText(at(raw, 'namespace')) ?? '',
    labels: {},
    annotations: {},
    ownerReferences: [],
    ...(created === undefined ? {} : { creationTimestamp: created }),
  };
}

function matchLabels(raw: unknown): unknown {
  const labels = asObject(raw);
  return labels === undefined || Object.hasOwn(labels, 'matchLabels') ? labels : { matchLabels: labels };
}
