import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Arrival, RequestFacts } from '../mesh.ts';
import type { Connection, Peer, Token } from './authorization/connection.ts';

/** What is known of a connection and the request in it. */
export interface KnownConnection {
  readonly port: Fact<number>;
  readonly arrival: Arrival;
  readonly identity: Fact<string | undefined>;
  readonly request: RequestFacts;
  /** A token that the proxy accepts with the request; known undefined where none can be. */
  readonly token: Fact<Token | undefined>;
}

/** The connection as policies look at it: what nobody said is unknown, never absent. */
export function connectionOf(question: KnownConnection): Connection {
  const { request } = question;
  const unsaid = (what: string): Fact<never> => unknown(`${what} of the call is not known`);
  const fact = (value: string | undefined, what: string): Fact<string> =>
    value === undefined ? unsaid(what) : known(value);
  return {
    port: question.port,
    peer: peerOf(question),
    sourceIp: fact(request.sourceIp, 'the source address'),
    remoteIp: unsaid('the original client address'),
    destinationIp: unsaid('the destination address'),
    serverName: unsaid('the server name'),
    request: {
      host: fact(request.host, 'the host'),
      method: fact(request.method, 'the method'),
      path: fact(request.path, 'the path'),
      headers: unsaid('the headers'),
      token: question.token,
    },
  };
}

/** Only mutual TLS of the mesh shows the server who calls. */
function peerOf({ arrival, identity }: KnownConnection): Peer {
  if (arrival.wire === 'plaintext' || arrival.wire === 'tls') return { kind: 'anonymous' };
  if (!identity.known) return { kind: 'unknown', reason: identity.reason };
  if (identity.value === undefined)
    return arrival.wire === 'unknown' ? { kind: 'unknown', reason: 'the wire is not known' } : { kind: 'anonymous' };
  return { kind: 'spiffe', id: identity.value };
}
