import type { DeclaredPort } from '../../../src/domain/mesh/istio/mtls/inbound-filter-chain.ts';
import type { MtlsMode } from '../../../src/domain/mesh/istio/mtls/peer-authentication.ts';
import { egressToUnknownHost, type UnknownHostCall } from '../../../src/domain/mesh/istio/protocol/egress.ts';
import { portProtocol, type PortProtocol } from '../../../src/domain/mesh/istio/protocol/port-protocol.ts';
import { serverFirstResult } from '../../../src/domain/mesh/istio/protocol/server-first.ts';
import { asNumber, asText, at } from '../../../src/lib/json.ts';

const CALLS: Readonly<Record<string, UnknownHostCall>> = {
  'unknown-host-https': { listener: 'other', wire: 'tls', payload: 'http' },
  'unknown-host-tcp': { listener: 'other', wire: 'plaintext', payload: 'tcp' },
  'unknown-host-plaintext-http-on-http-port': { listener: 'http', wire: 'plaintext', payload: 'http' },
};

/** Answers a case of the group `protocol` in the form of its `expect`; undefined for a form that it does not know. */
export function run(input: unknown, topic: string): unknown {
  switch (topic) {
    case 'port-protocol':
      return { protocol: protocolOf(input).protocol };
    case 'listener-family':
      return { inbound: protocolOf(input).family };
    case 'server-first':
      return serverFirstResult({
        declared: asText(at(input, 'port', 'declared')) as DeclaredPort,
        serverMode: asText(at(input, 'serverMode')) as MtlsMode,
        client: asText(at(input, 'client')) as 'plaintext' | 'mtls',
      });
    case 'egress':
      return runEgress(input);
    default:
      return undefined;
  }
}

function runEgress(input: unknown): unknown {
  const call = CALLS[asText(at(input, 'traffic')) ?? ''];
  if (call === undefined) return undefined;
  const result = egressToUnknownHost(asText(at(input, 'outboundTrafficPolicy')), call);
  return { result: result.known ? result.value : 'unknown' };
}

function protocolOf(input: unknown): PortProtocol {
  const port = asNumber(at(input, 'port', 'port'));
  const name = asText(at(input, 'port', 'name'));
  const appProtocol = asText(at(input, 'port', 'appProtocol'));
  const protocol = asText(at(input, 'port', 'protocol'));
  return portProtocol({
    ...(port === undefined ? {} : { port }),
    ...(name === undefined ? {} : { name }),
    ...(appProtocol === undefined ? {} : { appProtocol }),
    ...(protocol === undefined ? {} : { protocol }),
  });
}
