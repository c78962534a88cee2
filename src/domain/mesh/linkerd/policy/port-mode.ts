import type { Evidence } from '../../../world/evidence.ts';
import type { MtlsMode, PortMode } from '../../mesh.ts';
import type { Grant } from './grant.ts';
import type { InboundChoice, InboundPolicy } from './inbound-policy.ts';

const SOURCE = 'linkerd2-proxy linkerd/app/inbound/src/policy.rs#is_tls_authorized';

/**
 * The mode of a port in the words that all meshes share: permissive where some client without a mesh identity is let
 * in, strict where none is. The exemption of probes and of loopback does not count.
 */
export function modeOfPort({ possible, why, gap }: InboundChoice): PortMode {
  const modes = possible.map(modeOfPolicy);
  const [first] = modes;
  const evidence = modes.flatMap((mode) => mode.evidence);
  if (first === undefined) return unknownMode(why ?? 'no policy was found', evidence);
  if (gap !== undefined) return unknownMode(gap, evidence);
  if (modes.every(({ mode, declared }) => mode === first.mode && declared === first.declared)) return first;
  return unknownMode(why ?? 'which policy is in force is not known', evidence);
}

function modeOfPolicy(policy: InboundPolicy): PortMode {
  const declared = policy.access.known ? policy.access.value : 'unknown';
  const grants = [...policy.grants, ...ofRoutes(policy)];
  const open = grants.find((grant) => isOpen(grant) && grant.doubt === undefined);
  if (open !== undefined) return found('permissive', declared, [...policy.evidence, ...opening(open)]);
  const doubt = grants.find((grant) => isOpen(grant))?.doubt ?? missing(policy);
  if (doubt !== undefined) return unknownMode(doubt, policy.evidence);
  return found('strict', declared, policy.evidence);
}

/** Routes over which nobody but a kubelet is let in are no opening, and ports without HTTP have none. */
function ofRoutes({ table, protocol }: InboundPolicy): readonly Grant[] {
  if (protocol === 'opaque' || protocol === 'TLS') return [];
  return table.routes
    .filter(({ object }) => object !== undefined)
    .flatMap(({ grants, attached }) =>
      grants.map((grant) => (attached.known ? grant : { ...grant, doubt: attached.reason })),
    );
}

function missing({ grantGap, table, protocol }: InboundPolicy): string | undefined {
  if (protocol === 'opaque' || protocol === 'TLS') return grantGap;
  return grantGap ?? table.grantGap ?? table.gap;
}

/** Whether somebody without a client certificate of the mesh is let in. */
function isOpen({ clients }: Grant): boolean {
  return clients.kind !== 'identities';
}

function opening({ object, clients, label }: Grant): readonly Evidence[] {
  if (object === undefined) return [];
  const whom = clients.kind === 'any-tls' ? 'TLS without a client certificate' : 'clients without a mesh identity';
  return [{ object, rule: `${label.name} lets ${whom} in.`, source: SOURCE }];
}

function found(mode: MtlsMode, declared: string, evidence: readonly Evidence[]): PortMode {
  return { mode, declared, evidence };
}

function unknownMode(why: string, evidence: readonly Evidence[]): PortMode {
  return { mode: 'unknown', declared: 'unknown', evidence: [...evidence, { rule: why }] };
}
