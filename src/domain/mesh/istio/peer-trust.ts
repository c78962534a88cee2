import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { HandshakeQuestion, ServerEnd } from '../mesh.ts';
import { spiffeId } from './authorization/peer-match.ts';
import { controlPlaneOf } from './control-plane.ts';
import { dataPlaneOf } from './data-plane.ts';
import { proxyView } from './proxy-view.ts';

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
  const view = proxyView(world, revision);
  if (!view.known) return unknown(view.reason);
  const { trustDomain, trustDomainAliases } = view.value.settings;
  if (shown === trustDomain) return known(undefined);
  const why = `the client shows an identity of trust domain ${shown}, and the server's proxy is of ${trustDomain}`;
  if (dataPlane.mode === 'ambient') return unknown(`${why}; which others ztunnel takes is not followed`);
  const skips = controlPlaneOf(world, revision)?.env[SKIPS_VALIDATION];
  if (trustDomainAliases.includes(shown) || skips === 'true') return known(undefined);
  return known(`${why}, which has no alias for it`);
}

/** The identity of a workload of the server's mesh that no policy names. */
export function strangerTo(server: Omit<ServerEnd, 'port'>, world: World): Fact<string> {
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  const view = proxyView(world, dataPlane?.revision ?? 'default');
  if (!view.known) return unknown(view.reason);
  return known(spiffeId(view.value.settings.trustDomain, 'meshwise-stranger', 'stranger'));
}
