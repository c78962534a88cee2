import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Arrival } from '../mesh.ts';
import type { RequestFacts } from '../request.ts';
import type { Connection, Peer, Token } from './authorization/connection.ts';
import { comparedPath } from './authorization/request-path.ts';

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
  const { host, method, path, sourceIp, changed } = question.request;
  const unsure = changed === undefined ? UNSAID.request : changedRequest(changed);
  return {
    ...UNSAID,
    port: question.port,
    peer: peerOf(question),
    ...(sourceIp === undefined ? {} : { sourceIp: known(sourceIp) }),
    request: {
      ...unsure,
      ...(host === undefined ? {} : { host: known(host) }),
      ...(method === undefined ? {} : { method: known(method) }),
      ...(path === undefined ? {} : { path: comparedPath(path) }),
      token: question.token,
    },
  };
}

/** All that nobody said of the call. */
const UNSAID = {
  sourceIp: unsaid('the source address'),
  remoteIp: unsaid('the original client address'),
  destinationIp: unsaid('the destination address'),
  serverName: unsaid('the server name'),
  request: {
    host: unsaid('the host'),
    method: unsaid('the method'),
    path: unsaid('the path'),
    headers: unsaid('the headers'),
  },
};

/** Others may have made the request anew, headers and all. */
function changedRequest(why: string): typeof UNSAID.request {
  const open = unknown(why);
  return { host: open, method: open, path: open, headers: open };
}

function unsaid(what: string): Fact<never> {
  return unknown(`${what} of the call is not known`);
}

/** Only mutual TLS of the mesh shows the server who calls. */
function peerOf({ arrival, identity }: KnownConnection): Peer {
  if (arrival.wire === 'plaintext' || arrival.wire === 'tls') return { kind: 'anonymous' };
  if (!identity.known) return { kind: 'unknown', reason: identity.reason };
  if (identity.value === undefined)
    return arrival.wire === 'unknown' ? { kind: 'unknown', reason: 'the wire is not known' } : { kind: 'anonymous' };
  return { kind: 'spiffe', id: identity.value };
}
