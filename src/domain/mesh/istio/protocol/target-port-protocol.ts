import { known, unknown, type Fact } from '../../../world/fact.ts';
import { possiblyOldest, type Aged } from '../mtls/creation-order.ts';
import type { PortProtocol } from './port-protocol.ts';

/** What one Service says about a container port. */
export interface ServicePortClaim extends Aged {
  readonly protocol: PortProtocol;
}

/**
 * The protocol by which the server's proxy treats a container port that several Services expose: the oldest Service
 * decides. Known undefined where none exposes it; unknown where their ages are not known and they differ.
 * Source: istio pilot/pkg/networking/core/listener_inbound.go#reportInboundConflict.
 */
export function targetPortProtocol(claims: readonly ServicePortClaim[]): Fact<PortProtocol | undefined> {
  const captured = claims.filter(({ protocol }) => protocol.declared !== undefined);
  const possible = possiblyOldest(captured);
  const [first, ...others] = possible;
  if (first === undefined) return known(undefined);
  if (others.every(({ protocol }) => protocol.declared === first.protocol.declared)) return known(first.protocol);
  const names = possible.map(({ namespace, name }) => `${namespace}/${name}`).join(' and ');
  return unknown(`the oldest Service decides, and which of ${names} is older is not known (no creation time)`);
}
