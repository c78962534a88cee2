/** What decides Kuma's TLS mode for one data plane. */
export interface KumaTls {
  /** From 3.0 on `Mesh.mtls` counts no more. */
  readonly major: number;
  /** `mode` of the backend that `Mesh.mtls.enabledBackend` names; absent where none is enabled. */
  readonly backend: { readonly mode: string | undefined } | undefined;
  /** Whether a MeshIdentity selects the data plane. */
  readonly identity: boolean;
  /** `mode` of the MeshTLS policies that hold for it. */
  readonly meshTls: string | undefined;
}

/**
 * The TLS mode of a data plane, in Kuma's words; without backend and identity there is no mTLS, whatever a policy says.
 * Source: kuma pkg/plugins/policies/meshtls/plugin/v1alpha1/plugin.go#getMeshTLSMode.
 */
export function kumaTlsMode({
  major,
  backend,
  identity,
  meshTls,
}: KumaTls): 'Strict' | 'Permissive' | 'none' | 'unknown' {
  const enabled = major >= 3 ? undefined : backend;
  if (enabled === undefined && !identity) return 'none';
  if (meshTls !== undefined) return meshTls === 'Strict' || meshTls === 'Permissive' ? meshTls : 'unknown';
  return !identity && enabled?.mode === 'PERMISSIVE' ? 'Permissive' : 'Strict';
}
