import type { MtlsMode } from './peer-authentication.ts';

/** What a container port is declared as; `none`: no Service (and no Sidecar ingress listener) names it. */
export type DeclaredPort = 'HTTP' | 'TCP' | 'AUTO' | 'none';

/** What arrives: `mtls` is TLS with a mesh certificate, `tls` any other TLS. */
export interface InboundConnection {
  readonly wire: 'plaintext' | 'tls' | 'mtls';
  /** What travels inside, or on the wire if it is plaintext. */
  readonly payload: 'http' | 'tcp';
  /** Whether an mTLS client names an Istio protocol in ALPN, as proxies do; Prometheus with mesh certificates does not. */
  readonly istioAlpn?: boolean;
  /** False where the client's trust domain is neither the mesh's own nor an alias. */
  readonly trustedDomain?: boolean;
}

/** A Sidecar ingress listener's own `tls`, which acts only while PeerAuthentication is DISABLE on the port. */
export type IngressTls = 'SIMPLE' | 'MUTUAL';

/** What a server's proxy looks at. */
export interface InboundInput {
  readonly mode: MtlsMode;
  readonly declared: DeclaredPort;
  readonly connection: InboundConnection;
  readonly ingressTls?: IngressTls;
}

export type InboundError = 'no-filter-chain' | 'mtls-required' | 'protocol-error' | 'trust-domain';

/** What a server's proxy makes of a connection. */
export interface InboundResult {
  readonly result: 'accept' | 'reject' | 'unknown';
  readonly error?: InboundError;
  /** How the proxy reads the connection; `passthrough` on ports that nothing declares. */
  readonly handledAs?: 'http' | 'tcp' | 'passthrough';
  /** Whether the proxy terminates TLS; TLS that it does not terminate reaches the application. */
  readonly tlsTerminated: boolean;
  readonly why: string;
}

interface FilterChain {
  readonly transport: 'raw' | 'tls';
  /** `istio`: any Istio ALPN; `istio-http`, `istio-tcp`: one that says so; `http`: HTTP seen in plaintext. */
  readonly alpn?: 'istio' | 'istio-http' | 'istio-tcp' | 'http';
  readonly protocol: 'http' | 'tcp';
  readonly terminates: boolean;
}

const RAW_HTTP: FilterChain = { transport: 'raw', protocol: 'http', terminates: false };
const RAW_TCP: FilterChain = { transport: 'raw', protocol: 'tcp', terminates: false };
const RAW_SNIFFED_HTTP: FilterChain = { ...RAW_HTTP, alpn: 'http' };
const TLS_PASSED_ON: FilterChain = { transport: 'tls', protocol: 'tcp', terminates: false };
const MTLS_HTTP: FilterChain = { transport: 'tls', protocol: 'http', terminates: true };
const MTLS_TCP: FilterChain = { transport: 'tls', protocol: 'tcp', terminates: true };

const AUTO_CHAINS: Readonly<Record<MtlsMode, readonly FilterChain[]>> = {
  DISABLE: [RAW_SNIFFED_HTTP, RAW_TCP],
  PERMISSIVE: [
    { ...MTLS_HTTP, alpn: 'istio-http' },
    RAW_SNIFFED_HTTP,
    { ...MTLS_TCP, alpn: 'istio-tcp' },
    RAW_TCP,
    TLS_PASSED_ON,
  ],
  STRICT: [{ ...MTLS_HTTP, alpn: 'istio-http' }, MTLS_TCP],
};

const CHAINS: Readonly<Record<DeclaredPort, Readonly<Record<MtlsMode, readonly FilterChain[]>>>> = {
  HTTP: { DISABLE: [RAW_HTTP], PERMISSIVE: [{ ...MTLS_HTTP, alpn: 'istio' }, RAW_HTTP], STRICT: [MTLS_HTTP] },
  TCP: {
    DISABLE: [RAW_TCP],
    PERMISSIVE: [{ ...MTLS_TCP, alpn: 'istio' }, RAW_TCP, TLS_PASSED_ON],
    STRICT: [MTLS_TCP],
  },
  AUTO: AUTO_CHAINS,
  none: AUTO_CHAINS,
};

/**
 * What the server's proxy makes of a connection: the first filter chain that fits, and what that chain then demands.
 * Where PeerAuthentication is DISABLE the proxy does not look for TLS, so that TLS counts as any other bytes.
 * Source: istio pilot/pkg/networking/core/filterchain_options.go#getFilterChainMatchOptions,
 * sidecar_simulation_test.go#TestInbound, #TestInboundSidecarTLSModes.
 */
export function inboundResult(input: InboundInput): InboundResult {
  const { connection, mode } = input;
  if (input.ingressTls !== undefined && mode === 'DISABLE') return withIngressTls(input, input.ingressTls);
  const chain = CHAINS[input.declared][mode].find((candidate) => fits(candidate, connection, mode));
  if (chain === undefined) {
    return rejected('no-filter-chain', `No filter chain of a port in mode ${mode} takes ${describe(connection)}.`);
  }
  if (chain.terminates) {
    const refusal = handshakeRefusal(connection);
    if (refusal !== undefined) return refusal;
  }
  return handled(input, chain);
}

function handled({ declared, connection }: InboundInput, chain: FilterChain): InboundResult {
  const isReadable = connection.payload === 'http' && (connection.wire === 'plaintext' || chain.terminates);
  if (chain.protocol === 'http' && !isReadable) {
    return rejected('protocol-error', `The proxy expects HTTP on this port and gets ${describe(connection)}.`);
  }
  return {
    result: 'accept',
    handledAs: declared === 'none' ? 'passthrough' : chain.protocol,
    tlsTerminated: chain.terminates,
    why:
      connection.wire === 'plaintext' || chain.terminates
        ? `The port takes ${describe(connection)}.`
        : 'The proxy passes TLS on without terminating it; the application gets the TLS bytes.',
  };
}

function withIngressTls({ declared, connection }: InboundInput, tls: IngressTls): InboundResult {
  if (connection.wire === 'plaintext') {
    return rejected('no-filter-chain', 'The Sidecar ingress listener has its own tls and takes no plaintext.');
  }
  if (tls === 'MUTUAL') {
    const why = 'The listener checks client certificates against its own authorities, which are not known here.';
    return { result: 'unknown', tlsTerminated: true, why };
  }
  const isHttp = declared === 'HTTP' || (declared === 'AUTO' && connection.payload === 'http');
  return handled({ mode: 'DISABLE', declared, connection }, isHttp ? MTLS_HTTP : MTLS_TCP);
}

function fits(chain: FilterChain, connection: InboundConnection, mode: MtlsMode): boolean {
  const looksForTls = mode !== 'DISABLE';
  const transport = looksForTls && connection.wire !== 'plaintext' ? 'tls' : 'raw';
  if (chain.transport !== transport) return false;
  const sendsIstioAlpn = connection.wire === 'mtls' && connection.istioAlpn !== false;
  if (chain.alpn === undefined) return true;
  switch (chain.alpn) {
    case 'istio':
      return sendsIstioAlpn;
    case 'istio-http':
      return sendsIstioAlpn && connection.payload === 'http';
    case 'istio-tcp':
      return sendsIstioAlpn && connection.payload === 'tcp';
    case 'http':
      return connection.wire === 'plaintext' && connection.payload === 'http';
  }
}

function handshakeRefusal(connection: InboundConnection): InboundResult | undefined {
  if (connection.wire !== 'mtls') {
    return rejected('mtls-required', 'The proxy demands a client certificate of the mesh.');
  }
  if (connection.trustedDomain === false) {
    return rejected(
      'trust-domain',
      'The trust domain of the client is neither the mesh trust domain nor an alias of it.',
    );
  }
  return undefined;
}

function describe({ wire, payload, istioAlpn }: InboundConnection): string {
  const inside = payload === 'http' ? 'HTTP' : 'TCP';
  switch (wire) {
    case 'plaintext':
      return `plaintext ${inside}`;
    case 'tls':
      return 'TLS without a mesh certificate';
    case 'mtls':
      return `mesh mTLS carrying ${inside}${istioAlpn === false ? ' without an Istio ALPN' : ''}`;
  }
}

function rejected(error: InboundError, why: string): InboundResult {
  return { result: 'reject', error, tlsTerminated: false, why };
}
