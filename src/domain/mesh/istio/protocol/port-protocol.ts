/** Istio's names of protocols; `Unsupported` is detected from the first bytes. */
export type IstioProtocol =
  | 'HTTP'
  | 'HTTP2'
  | 'HTTPS'
  | 'HTTP_PROXY'
  | 'GRPC'
  | 'GRPC-Web'
  | 'TCP'
  | 'TLS'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'UDP'
  | 'Unsupported';

/** How proxies treat a port: `auto` looks at the first bytes, `udp` is not captured at all. */
export type ListenerFamily = 'http' | 'tcp' | 'auto' | 'udp';

/** A Service port as far as its protocol goes. */
export interface ProtocolPort {
  /** The Service port, never the target port. */
  readonly port?: number;
  readonly name?: string;
  readonly appProtocol?: string;
  /** `TCP`, `UDP` or `SCTP`; TCP if absent. */
  readonly protocol?: string;
}

/** The protocol of a port and which of its fields decides it. */
export interface PortProtocol {
  readonly protocol: IstioProtocol;
  readonly family: ListenerFamily;
  /** The filter chain that the server's proxy builds for the port; undefined for UDP. */
  readonly declared: 'HTTP' | 'TCP' | 'AUTO' | undefined;
  readonly decidedBy: 'protocol' | 'appProtocol' | 'name' | 'well-known-port' | 'nothing';
  /** One sentence that names the value. */
  readonly why: string;
}

const BY_PREFIX: ReadonlyMap<string, IstioProtocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['grpc', 'GRPC'],
  ['http', 'HTTP'],
  ['http2', 'HTTP2'],
  ['https', 'HTTPS'],
  ['tls', 'TLS'],
  ['mongo', 'Mongo'],
  ['redis', 'Redis'],
  ['mysql', 'MySQL'],
  ['http_proxy', 'HTTP_PROXY'],
]);

const BY_APP_PROTOCOL: ReadonlyMap<string, IstioProtocol> = new Map([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
]);

const HTTP_FAMILY: ReadonlySet<IstioProtocol> = new Set<IstioProtocol>([
  'HTTP',
  'HTTP2',
  'HTTP_PROXY',
  'GRPC',
  'GRPC-Web',
]);

/** Service ports that are TCP where nothing else is recognised. Source: istio pkg/config/kube/conversion.go. */
export const WELL_KNOWN_TCP_PORTS: readonly number[] = [25, 53, 3306, 27017];

/**
 * The protocol of a Service port: UDP first, then `appProtocol`, which hides the name even if it is not recognised,
 * then the part of the name before the first dash, then four well-known Service ports.
 * Source: istio pkg/config/kube/conversion.go#ConvertProtocol, pkg/config/protocol/instance.go#Parse.
 */
export function portProtocol(port: ProtocolPort): PortProtocol {
  if (port.protocol === 'UDP') return decided('UDP', 'protocol', 'The port is UDP, which meshes do not capture.');
  const field = port.appProtocol === undefined ? 'name' : 'appProtocol';
  const text = port.appProtocol ?? port.name ?? '';
  const named = (field === 'appProtocol' ? BY_APP_PROTOCOL.get(text) : undefined) ?? protocolNamed(text);
  if (named !== undefined) return decided(named, field, `The ${field} "${text}" says ${named}.`);
  const unclear = text === '' ? 'The port has no name' : `The ${field} "${text}" names no protocol that Istio knows`;
  if (port.port !== undefined && WELL_KNOWN_TCP_PORTS.includes(port.port)) {
    return decided('TCP', 'well-known-port', `${unclear}; Service port ${String(port.port)} is taken as TCP.`);
  }
  const hidden = field === 'appProtocol' && port.name !== undefined ? ` and hides the name "${port.name}"` : '';
  return decided('Unsupported', 'nothing', `${unclear}${hidden}; proxies detect the protocol from the first bytes.`);
}

/** The family of listeners that a protocol belongs to. */
export function familyOf(protocol: IstioProtocol): ListenerFamily {
  if (protocol === 'Unsupported') return 'auto';
  if (protocol === 'UDP') return 'udp';
  return HTTP_FAMILY.has(protocol) ? 'http' : 'tcp';
}

function protocolNamed(text: string): IstioProtocol | undefined {
  const lower = text.toLowerCase();
  if (lower.startsWith('grpc-web')) return 'GRPC-Web';
  const dash = lower.indexOf('-');
  return BY_PREFIX.get(dash < 0 ? lower : lower.slice(0, dash));
}

function decided(protocol: IstioProtocol, decidedBy: PortProtocol['decidedBy'], why: string): PortProtocol {
  const family = familyOf(protocol);
  const declared = { http: 'HTTP', tcp: 'TCP', auto: 'AUTO', udp: undefined } as const;
  return { protocol, family, declared: declared[family], decidedBy, why };
}
