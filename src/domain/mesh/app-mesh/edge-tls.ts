import { asBoolean, asList, asNumber, asText, at } from '../../../lib/json.ts';

/** What App Mesh makes of a call from one virtual node to a listener of another. */
export interface EdgeTls {
  /** `broken`: the client demands TLS that the listener does not offer. */
  readonly wire: 'plaintext' | 'tls-one-way' | 'mtls' | 'broken';
  /** Whether the listener also takes plaintext. */
  readonly strict: boolean;
}

/** A listener's `tls`, and the `tls` of the client policy that holds for the call; both as written. */
export interface EdgeQuestion {
  readonly port: number;
  readonly listenerTls: unknown;
  readonly clientTls: unknown;
}

/**
 * TLS on an edge. It is mutual only where the listener validates clients and the client shows a certificate; STRICT by
 * itself is a server's certificate alone.
 * Source: awsdocs/aws-app-mesh-user-guide tls.md, mutual-tls.md.
 */
export function edgeTls({ port, listenerTls, clientTls }: EdgeQuestion): EdgeTls {
  const mode = asText(at(listenerTls, 'mode')) ?? 'DISABLED';
  const strict = mode === 'STRICT';
  if (mode === 'DISABLED') return { wire: enforces(clientTls, port) ? 'broken' : 'plaintext', strict: false };
  const mutual = validatesClients(listenerTls) && showsCertificate(clientTls);
  return { wire: mutual ? 'mtls' : 'tls-one-way', strict };
}

/** The client policy for a backend: its own comes before the default for all backends. */
export function clientTlsFor(virtualNodeSpec: unknown, backendTls: unknown): unknown {
  return backendTls ?? at(virtualNodeSpec, 'backendDefaults', 'clientPolicy', 'tls');
}

/** Whether a listener asks for a client's certificate, from a file or SDS; ACM can never give one. */
export function validatesClients(listenerTls: unknown): boolean {
  const trust = at(listenerTls, 'validation', 'trust');
  return at(trust, 'file') !== undefined || at(trust, 'sds') !== undefined;
}

function showsCertificate(clientTls: unknown): boolean {
  const certificate = at(clientTls, 'certificate');
  return at(certificate, 'file') !== undefined || at(certificate, 'sds') !== undefined;
}

/** A client policy enforces TLS unless it says otherwise, on the ports that it names or on all. */
function enforces(clientTls: unknown, port: number): boolean {
  if (clientTls === undefined || clientTls === null) return false;
  const ports = asList(at(clientTls, 'ports')).map(asNumber);
  return (asBoolean(at(clientTls, 'enforce')) ?? true) && (ports.length === 0 || ports.includes(port));
}
