import { cidrContains, parseCidr } from '../../../kubernetes/cidr.ts';
import { known, mapFact, unknown, type Fact } from '../../../world/fact.ts';
import type { Connection } from './connection.ts';
import { allOf, notThat } from '../../../world/three-valued.ts';
import { matchesPath } from './path-template.ts';
import { matchesPeer, type PeerContext } from './peer-match.ts';
import type { AttributeMatch } from './policy.ts';
import { matchesHost, matchesPattern } from './string-match.ts';
import { bracketParts, matchesToken } from './token-match.ts';

/** Whether one value of an attribute matches a connection. */
export type ValueMatcher = (attribute: string, value: string) => Fact<boolean>;

/** Whether an attribute holds: one of its values matches, where it has any, and none of its notValues. */
export function attributeHolds(match: AttributeMatch, matches: ValueMatcher): Fact<boolean> {
  const { values, notValues } = match;
  if (notValues.length === 0) return values.length === 0 ? known(true) : oneHolds(match, values, matches);
  const isNone = notThat(oneHolds(match, notValues, matches));
  return values.length === 0 ? isNone : allOf([oneHolds(match, values, matches), isNone]);
}

/** As `anyOf` over all values, which are not looked at beyond the first that matches. */
function oneHolds({ attribute }: AttributeMatch, values: readonly string[], matches: ValueMatcher): Fact<boolean> {
  let open: Fact<boolean> | undefined;
  for (const value of values) {
    const holds = matches(attribute, value);
    if (holds.known && holds.value) return holds;
    if (!holds.known) open ??= holds;
  }
  return open ?? known(false);
}

/** How Envoy matches values against the connection, for rules of a policy in the context's namespace. */
export function envoyMatcher(connection: Connection, context: PeerContext): ValueMatcher {
  return (attribute, value) => {
    if (attribute.startsWith('request.')) return matchesRequest(attribute, value, connection);
    return (
      matchesTransport(attribute, value, connection) ?? matchesPeer({ attribute, value }, connection.peer, context)
    );
  };
}

/** Matches what any proxy can see of a TCP connection beside the peer's identity; undefined for other attributes. */
export function matchesTransport(attribute: string, value: string, connection: Connection): Fact<boolean> | undefined {
  switch (attribute) {
    case 'source.ip':
      return matchesAddress(value, connection.sourceIp);
    case 'remote.ip':
      return matchesAddress(value, connection.remoteIp);
    case 'destination.ip':
      return matchesAddress(value, connection.destinationIp);
    case 'destination.port':
      return mapFact(connection.port, (port) => Number(value) === port);
    case 'connection.sni':
      return mapFact(connection.serverName, (name) => matchesPattern(value, name));
    default:
      return attribute.startsWith('experimental.') ? unknown(`${attribute} is dynamic metadata of Envoy`) : undefined;
  }
}

function matchesAddress(value: string, address: Fact<string>): Fact<boolean> {
  const cidr = parseCidr(value);
  return cidr === undefined ? known(false) : mapFact(address, (ip) => cidrContains(cidr, ip));
}

function matchesRequest(attribute: string, value: string, { request }: Connection): Fact<boolean> {
  if (attribute.startsWith('request.auth.')) {
    return mapFact(request.token, (token) => token !== undefined && matchesToken(attribute, value, token));
  }
  switch (attribute) {
    case 'request.host':
      return mapFact(request.host, (host) => matchesHost(value, host));
    case 'request.method':
      return mapFact(request.method, (method) => matchesPattern(value, method));
    case 'request.path':
      return request.path.known ? matchesPath(value, request.path.value) : request.path;
    default: {
      const name = (bracketParts(attribute)[0] ?? '').toLowerCase();
      return mapFact(request.headers, (headers) => {
        const header = Object.hasOwn(headers, name) ? headers[name] : undefined;
        return header !== undefined && (value === '*' || matchesPattern(value, header));
      });
    }
  }
}
