import { parseVersion } from '../../../kubernetes/version.ts';
import { derivedFrom } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import type { ServerEnd } from '../../mesh.ts';
import { controlPlaneOf } from '../control-plane.ts';
import { interopWire } from '../destination-rule/ambient-interop.ts';
import type { ClientWire } from '../destination-rule/client-wire.ts';
import type { ClientTlsMode } from '../destination-rule/rule.ts';
import { proxyContainer } from '../injection/detect-proxy.ts';
import { ztunnels } from '../node-agents.ts';
import type { ProxyView } from '../proxy-view.ts';
import { memberOf } from './mesh-member.ts';
import { ambientDoubt } from './ztunnel-agent.ts';

/** What a proxy sends, the tunnel of ambient mode included. */
export type SentWire = Omit<ClientWire, 'wire'> & { readonly wire: ClientWire['wire'] | 'hbone' };

/** A call of a sidecar or a gateway to one server, as far as a tunnel depends on it. */
export interface TunnelQuestion {
  /** Whether the proxy of the pod that calls may send HBONE. */
  readonly sends: Fact<boolean>;
  readonly server: ServerEnd;
  readonly gateway: boolean;
  /** The TLS mode of the client's DestinationRule. */
  readonly tls: ClientTlsMode | undefined;
  /** Whether the client keeps the address it was given: a headless Service, or a rule that says so. */
  readonly passthrough: boolean;
  readonly view: ProxyView;
}

/** Before it ISTIO_MUTUAL hindered the tunnel (https://github.com/istio/istio/issues/53526). */
const FIRST_MINOR_WITH_MUTUAL = 27;

/**
 * What a sidecar or a gateway sends to a server that stands behind ztunnel; undefined where HBONE plays no part.
 * Source: istio pilot/pkg/xds/endpoints/endpoint_builder.go, buildEnvoyLbEndpoint.
 */
export function tunnelWire(question: TunnelQuestion): Fact<SentWire> | undefined {
  const { sends, server, gateway, tls, passthrough, view } = question;
  const member = memberOf(server, view.world);
  if (!member.known) return hasZtunnel(view) ? member : undefined;
  if (member.value !== 'ambient' && member.value !== 'waypoint') return undefined;
  // A pod that says it takes the mesh's mutual TLS is sent that, whoever stands before it.
  if (server.cohort.pod.labels['security.istio.io/tlsMode'] === 'istio') return undefined;
  const wire = interopWire({
    client: gateway ? 'gateway' : 'sidecar',
    server: member.value,
    rule: tls,
    headless: passthrough,
  });
  if (wire === 'as-sidecar') return undefined;
  if (!sends.known) return sends;
  if (!sends.value) return undefined;
  const doubt = senderDoubt(view, tls);
  if (doubt !== undefined) return unknown(doubt);
  if (wire === 'tls-in-hbone')
    return unknown('a DestinationRule adds TLS inside HBONE, and whether the application serves TLS is not known');
  return known({
    wire: 'hbone',
    certificate: 'mesh',
    decidedBy: [],
    why: 'the server takes HBONE, which the client sends',
  });
}

const DISABLE_SEND = 'ISTIO_META_DISABLE_HBONE_SEND';

/**
 * Whether the proxy of a pod may send HBONE: its environment can forbid it, and then nothing but what sidecars send to
 * a pod without one is left.
 * Source: istio pilot/pkg/model/context.go, NodeMetadata.DisableHBONESend.
 */
export function sendsHbone(client: PodShape): Fact<boolean> {
  return derivedFrom(client, findSends);
}

/** One object for all that send it, which most do. */
const SENDS = known(true);

function findSends(client: PodShape): Fact<boolean> {
  const variable = proxyContainer(client)?.env.find(({ name }) => name === DISABLE_SEND);
  if (variable === undefined) return SENDS;
  if (variable.value === undefined) return unknown(`the value of ${DISABLE_SEND} of the client's proxy is not known`);
  return known(!/^(1|t|true)$/i.test(variable.value));
}

function hasZtunnel({ world }: ProxyView): boolean {
  return ztunnels(world).agents.length > 0;
}

function senderDoubt({ world, revision }: ProxyView, tls: ClientTlsMode | undefined): string | undefined {
  const plane = controlPlaneOf(world, revision);
  if (plane === undefined) return `whether the istiod of revision ${revision} serves ambient mode is not known`;
  const doubt = ambientDoubt(plane);
  if (doubt !== undefined || tls !== 'ISTIO_MUTUAL') return doubt;
  const minor = plane.version === undefined ? undefined : parseVersion(plane.version)?.minor;
  if (minor !== undefined && minor >= FIRST_MINOR_WITH_MUTUAL) return undefined;
  return `what ISTIO_MUTUAL does to HBONE is not known for Istio ${plane.version ?? 'of an unknown version'}`;
}
