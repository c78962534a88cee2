import { known } from '../world/fact.ts';
import type { Arrival, Authorization, Inbound, Outbound, PortMode } from './mesh.ts';

const NO_MODE: PortMode = { mode: 'none', declared: 'no proxy', evidence: [] };

/** What somebody without a proxy sends: the application's bytes as they are, and no mesh identity. */
export function unmeshedOutbound(payload: Arrival['payload']): Outbound {
  return {
    wire: payload === 'tls' ? 'tls' : 'plaintext',
    identity: known(undefined),
    why: 'the client has no proxy: its bytes go out as they are, without a mesh identity',
    evidence: [],
  };
}

/** Why nobody can tell what becomes of TLS that the calling application did not speak. */
export const ADDED_TLS =
  'a proxy adds TLS to the call, and whether the application at the other end serves TLS is not known';

/** What a pod without a proxy makes of what arrives: it reads plaintext and its own TLS, never the mesh's. */
export function unmeshedInbound(arrival: Arrival): Inbound {
  const base = { handledAs: arrival.payload === 'http' ? 'http' : 'tcp', mode: NO_MODE, evidence: [] } as const;
  switch (arrival.wire) {
    case 'tls':
      if (arrival.payload !== 'tls') return { ...base, outcome: 'unknown', why: ADDED_TLS };
      return { ...base, outcome: 'accepted', why: 'the server has no proxy and takes the TLS as it is' };
    case 'plaintext':
      return { ...base, outcome: 'accepted', why: 'the server has no proxy and takes the bytes as they are' };
    case 'mtls':
    case 'hbone':
      return { ...base, outcome: 'refused', why: 'the server has no proxy to end mutual TLS' };
    case 'unknown':
      return { ...base, outcome: 'unknown', why: 'what the client puts on the wire is not known' };
  }
}

/** Without a proxy no mesh policy is enforced. */
export function unmeshedAuthorization(): Authorization {
  return { decision: 'allow', by: 'none', why: 'the server has no proxy, so no mesh policy is enforced', evidence: [] };
}
