import type { Fact } from '../../../world/fact.ts';

/** Who the server's proxy takes the peer to be: from the client certificate, or nobody where there is none. */
export type Peer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'spiffe'; readonly id: string }
  | {
      /** A mesh workload of which the namespace is known, the rest perhaps not. */
      readonly kind: 'workload';
      readonly namespace: string;
      readonly serviceAccount: Fact<string>;
      readonly trustDomain: Fact<string>;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A token that a RequestAuthentication accepted; claims as in the token, `aud` always a list. */
export interface Token {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly presenter?: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What an HTTP request says. */
export interface RequestFacts {
  /** `:authority`, with the port if the client sent one. */
  readonly host: Fact<string>;
  readonly method: Fact<string>;
  /** Without the query, after normalization. */
  readonly path: Fact<string>;
  /** By lower-case name. */
  readonly headers: Fact<Readonly<Record<string, string>>>;
  /** Undefined where the request carries no accepted token. */
  readonly token: Fact<Token | undefined>;
}

/** What the server's proxy can see of one connection and its request. */
export interface Connection {
  /** Port of the workload, not of the Service. */
  readonly port: Fact<number>;
  readonly peer: Peer;
  /** The TCP peer address as the proxy sees it. */
  readonly sourceIp: Fact<string>;
  /** The original client address from X-Forwarded-For or the PROXY protocol. */
  readonly remoteIp: Fact<string>;
  readonly destinationIp: Fact<string>;
  /** Empty text where the client sent none. */
  readonly serverName: Fact<string>;
  readonly request: RequestFacts;
}
