import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, HandshakeQuestion, ServerEnd, Stranger } from '../mesh.ts';
import { ztunnelView } from './ambient/ztunnel-agent.ts';
import { spiffeId } from './authorization/peer-match.ts';
import { controlPlaneOf } from './control-plane.ts';
import { dataPlaneOf } from './data-plane.ts';
import { proxyView, type ProxyView } from './proxy-view.ts';

const SKIPS_VALIDATION = 'PILOT_SKIP_VALIDATE_TRUST_DOMAIN';

/**
 * Why the server's proxy refuses the certificate of its peer: its trust domain is neither the mesh's own nor one of its
 * aliases. Known undefined where it takes it; unknown behind ztunnel, which has no aliases and rules of its own.
 * Source: istio pilot/pkg/security/authn/utils/utils.go, pilot/pkg/features/pilot.go.
 */
export function whyUntrusted({ server, arrival, identity }: HandshakeQuestion, world: World): Fact<string | undefined> {
  if ((arrival.wire !== 'mtls' && arrival.wire !== 'hbone') || !identity.known) return known(undefined);
  const shown = /^spiffe:\/\/([^/]+)\//.exec(identity.value ?? '')?.[1];
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  if (shown === undefined || (dataPlane?.mode !== 'sidecar' && dataPlane?.mode !== 'ambient')) return known(undefined);
  const revision = dataPlane.revision ?? 'default';
  const view = viewBefore(dataPlane, world);
  if (!view.known) return unknown(view.reason);
  const { trustDomain, trustDomainAliases } = view.value.settings;
  if (shown === trustDomain) return known(undefined);
  const why = `the client shows an identity of trust domain ${shown}, and the server's proxy is of ${trustDomain}`;
  if (dataPlane.mode === 'ambient') return unknown(`${why}; which others ztunnel takes is not followed`);
  const skips = controlPlaneOf(world, revision)?.env[SKIPS_VALIDATION];
  if (trustDomainAliases.includes(shown) || skips === 'true') return known(undefined);
  return known(`${why}, which has no alias for it`);
}

/** Workloads of the mesh's trust domain and of its aliases, with an account of their own and with the default one. */
export function strangersTo(server: Omit<ServerEnd, 'port'>, world: World): Fact<readonly Stranger[]> {
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  const view = viewBefore(dataPlane, world);
  if (!view.known) return unknown(view.reason);
  const { trustDomain, trustDomainAliases } = view.value.settings;
  const own = [
    { from: 'any namespace', identity: spiffeId(trustDomain, NOWHERE, 'stranger') },
    { from: 'account default of any namespace', identity: spiffeId(trustDomain, NOWHERE, 'default') },
  ];
  const aliases = trustDomainAliases.map((alias) => ({
    from: `any namespace of trust domain ${alias}`,
    identity: spiffeId(alias, NOWHERE, 'stranger'),
  }));
  return known([...own, ...aliases]);
}

/** Pods behind ztunnel name no revision: theirs is that of the istiod which ztunnel asks. */
function viewBefore(dataPlane: DataPlane | undefined, world: World): Fact<ProxyView> {
  return dataPlane?.mode === 'ambient' ? ztunnelView(world) : proxyView(world, dataPlane?.revision ?? 'default');
}

/** No namespace has this name but by ill will, and then it is a stranger's all the same. */
const NOWHERE = 'meshwise-stranger';
