import { asObject, at } from '../../../../lib/json.ts';

/** A reason why the API server or Istio's webhook would refuse an object. */
export interface ValidationError {
  /** Path of the field, as `spec.portLevelMtls["0"]`. */
  readonly field: string;
  readonly message: string;
}

const MODES: readonly unknown[] = ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT'];
const HIGHEST_PORT = 65535;

/**
 * Why a PeerAuthentication spec would be refused, by Istio's validation webhook or the schema of its CRD; empty where
 * it is valid.
 * Source: istio pkg/config/validation/validation.go#ValidatePeerAuthentication; istio/api
 * security/v1beta1/peer_authentication.proto.
 */
export function validatePeerAuthentication(spec: unknown): readonly ValidationError[] {
  return [...selectorErrors(spec), ...modeErrors(at(spec, 'mtls'), 'spec.mtls'), ...portErrors(spec)];
}

function selectorErrors(spec: unknown): readonly ValidationError[] {
  const field = 'spec.selector.matchLabels';
  return Object.entries(asObject(at(spec, 'selector', 'matchLabels')) ?? {}).flatMap(([key, value]) => {
    if (typeof value !== 'string') return [{ field: `${field}["${key}"]`, message: 'a label value must be text' }];
    if (key === '') return [{ field, message: 'an empty key is not supported in a selector' }];
    const hasWildcard = key.includes('*') || value.includes('*');
    return hasWildcard ? [{ field: `${field}["${key}"]`, message: 'a wildcard is not supported in a selector' }] : [];
  });
}

function portErrors(spec: unknown): readonly ValidationError[] {
  const raw = at(spec, 'portLevelMtls');
  const field = 'spec.portLevelMtls';
  if (raw === undefined || raw === null) return [];
  const ports = asObject(raw);
  if (ports === undefined) return [{ field, message: 'must be a map from port to mode' }];
  const entries = Object.entries(ports);
  if (entries.length === 0) return [{ field, message: 'needs at least one port' }];
  const labels = asObject(at(spec, 'selector', 'matchLabels')) ?? {};
  const unselected =
    Object.keys(labels).length === 0 ? [{ field, message: 'is allowed only with a selector that names labels' }] : [];
  return [...unselected, ...entries.flatMap(([port, mtls]) => portError(port, mtls))];
}

function portError(port: string, mtls: unknown): readonly ValidationError[] {
  const field = `spec.portLevelMtls["${port}"]`;
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= HIGHEST_PORT;
  return [...(isPort ? [] : [{ field, message: 'must be a port from 1 to 65535' }]), ...modeErrors(mtls, field)];
}

function modeErrors(mtls: unknown, field: string): readonly ValidationError[] {
  if (mtls === undefined || mtls === null) return [];
  const object = asObject(mtls);
  if (object === undefined) return [{ field, message: 'must be an object with a mode' }];
  const mode = object['mode'];
  if (mode === undefined || mode === null || MODES.includes(mode)) return [];
  return [{ field: `${field}.mode`, message: 'must be one of UNSET, DISABLE, PERMISSIVE and STRICT' }];
}
