import { PROXY_PORTS } from '../names.ts';
import type { Arrival, Inbound } from '../../mesh.ts';
import { ADDED_TLS } from '../../unmeshed.ts';
import type { ProxyProtocol } from './servers.ts';

/** What becomes of a connection before any policy is asked. */
export type Taken = Pick<Inbound, 'outcome' | 'handledAs' | 'why'>;

const NO_HTTP = 'the port takes HTTP alone, and the bytes are none';

/**
 * What the proxy makes of the bytes that reach a port, by the protocol that policy gives it. Mutual TLS comes in on
 * port 4143 with the client's own word on the protocol; anything else is looked at on its way in, for TLS first, unless
 * the port is opaque, and a server that speaks first never gets to.
 * Source: linkerd2-proxy linkerd/app/inbound/src/detect.rs, direct.rs; linkerd/tls/src/server.rs.
 */
export function takeIn(protocol: ProxyProtocol, arrival: Arrival, port: number): Taken {
  if (arrival.wire === 'unknown') return unsure('what the client puts on the wire is not known');
  if (arrival.wire === 'hbone') return refused('no proxy of Linkerd listens for HBONE');
  if (port === PROXY_PORTS.admin) return byAdmin(arrival);
  if (arrival.wire === 'tls' && arrival.payload !== 'tls') return unsure(ADDED_TLS);
  if (arrival.wire === 'mtls') return overMesh(protocol, arrival);
  if (protocol === 'opaque') return accepted('tcp', 'the port is opaque, so the bytes pass as they are');
  return silentClient(arrival) ?? lookedAt(protocol, arrival);
}

/** The admin server speaks HTTP, with or without mesh TLS. */
function byAdmin({ payload, wire }: Arrival): Taken {
  if (payload === 'http' || payload === 'unknown')
    return accepted('http', 'the proxy itself answers on its admin port');
  return refused(`${NO_HTTP}${wire === 'tls' ? ', nor mutual TLS of the mesh' : ''}`);
}

function overMesh(protocol: ProxyProtocol, { payload }: Arrival): Taken {
  if (protocol === 'opaque' || protocol === 'TLS')
    return accepted('tcp', 'the proxy ends mutual TLS and passes the bytes on');
  if (payload === 'http') return accepted('http', 'the proxy ends mutual TLS and handles HTTP');
  const handledAs = payload === 'unknown' ? 'unknown' : 'tcp';
  if (protocol === 'unknown') return accepted(handledAs, 'the proxy ends mutual TLS and handles what the client found');
  return payload === 'unknown' ? unsure(`${NO_HTTP}, or they may be: what they are is not known`) : refused(NO_HTTP);
}

/** Undefined where the client speaks first, so that the proxy sees what it is. */
function silentClient({ payload, serverFirst }: Arrival): Taken | undefined {
  if (payload === 'http' || payload === 'tls') return undefined;
  const stalls =
    'the server speaks first and the client has no proxy, so the proxy waits for the client and closes after 10 s';
  if (serverFirst.known) return serverFirst.value ? refused(stalls) : undefined;
  return unsure(`${serverFirst.reason}; if ${stalls}`);
}

function lookedAt(protocol: ProxyProtocol, { payload, wire, http2 = false }: Arrival): Taken {
  if (protocol === 'TLS') return accepted('tcp', 'the port speaks TLS of its own, which passes as it is');
  if (wire === 'tls') {
    return protocol === 'unknown' ? accepted('tcp', 'TLS of the application passes as it is') : refused(NO_HTTP);
  }
  if (protocol === 'unknown')
    return accepted(handledByPayload(payload), 'the proxy takes plaintext and finds out what it is');
  if (payload === 'unknown') return unsure('the port takes HTTP alone, and what the bytes are is not known');
  if (payload !== 'http') return refused(NO_HTTP);
  return protocol === 'HTTP/1' ? asHttp1(http2) : asHttp2(protocol, http2);
}

/** Of a client without mesh TLS the version of HTTP is not found out: the one that the port is given must be spoken. */
function asHttp1(http2: boolean): Taken {
  return http2
    ? refused('the port takes HTTP/1 of clients without mutual TLS, and the call speaks HTTP/2')
    : accepted('http', 'the proxy takes plaintext and handles it as HTTP/1');
}

function asHttp2(protocol: ProxyProtocol, http2: boolean): Taken {
  return http2
    ? accepted('http', `the proxy takes plaintext and handles it as ${protocol}`)
    : unsure(`the port takes ${protocol} alone of clients without mutual TLS, which a call over HTTP/1 does not speak`);
}

function handledByPayload(payload: Arrival['payload']): Inbound['handledAs'] {
  return payload === 'http' || payload === 'unknown' ? payload : 'tcp';
}

function accepted(handledAs: Inbound['handledAs'], why: string): Taken {
  return { outcome: 'accepted', handledAs, why };
}

function refused(why: string): Taken {
  return { outcome: 'refused', handledAs: 'tcp', why };
}

function unsure(why: string): Taken {
  return { outcome: 'unknown', handledAs: 'unknown', why };
}
