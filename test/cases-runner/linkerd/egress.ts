import { egressAllowed, egressNetworkFor } from '../../../src/domain/mesh/linkerd/protocol/egress-network.ts';
import { readEgressNetwork } from '../../../src/domain/mesh/linkerd/egress.ts';
import { asObjects, asText, asTexts, at, type JsonObject } from '../../../src/lib/json.ts';
import { object } from '../case-world.ts';

/** Which EgressNetwork decides about an address. */
export function selectedNetwork(input: unknown): unknown {
  const networks = asObjects(at(input, 'networks')).map((raw, index) => readEgressNetwork(egressObject(raw, index)));
  const selected = egressNetworkFor(networks, {
    ip: asText(at(input, 'ip')) ?? '',
    clientNamespace: asText(at(input, 'clientNs')) ?? '',
    globalNamespace: asText(at(input, 'globalNs')) ?? 'linkerd-egress',
  });
  return {
    selectedNs: selected?.namespace ?? null,
    selected: selected?.name ?? null,
    selectedName: selected?.name ?? null,
    selectedCidr: selected?.networks[0]?.cidr ?? null,
  };
}

/** Whether the call to an address of the EgressNetwork goes out. */
export function egressResult(input: unknown): unknown {
  const protocol = (asText(at(input, 'protocol')) ?? 'TCP').toLowerCase();
  const spoken = protocol.startsWith('http') || protocol === 'grpc' ? 'http' : protocol === 'tls' ? 'tls' : 'tcp';
  const { trafficPolicy } = readEgressNetwork(egressObject(at(input, 'egressNetwork'), 0));
  return { works: egressAllowed(trafficPolicy, spoken, asTexts(at(input, 'routes'))) };
}

function egressObject(raw: unknown, index: number): ReturnType<typeof object> {
  const [cidr, created] = [asText(at(raw, 'cidr')), asText(at(raw, 'created'))];
  const except = asTexts(at(raw, 'except'));
  const networks: readonly JsonObject[] = cidr === undefined ? asObjects(at(raw, 'networks')) : [{ cidr, except }];
  return object('policy.linkerd.io/v1alpha1', 'EgressNetwork', {
    name: asText(at(raw, 'name')) ?? `network-${String(index)}`,
    namespace: asText(at(raw, 'ns')) ?? asText(at(raw, 'namespace')) ?? 'linkerd-egress',
    ...(created === undefined ? {} : { created }),
    spec: { trafficPolicy: at(raw, 'trafficPolicy') ?? 'Deny', ...(networks.length === 0 ? {} : { networks }) },
  });
}
