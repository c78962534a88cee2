import { KIND } from '../../kubernetes/kinds.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import type { World } from '../../world/world.ts';
import { controlPlaneOf, type ControlPlane } from './control-plane.ts';

/** Minor versions of Istio 1 that these rules were checked against (sources of release-1.31, notes since 1.15). */
const CHECKED = { oldest: 15, newest: 31 } as const;

/** Settings of istiod that the rules here take into account, or that change none of them. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  'PILOT_SKIP_VALIDATE_TRUST_DOMAIN',
  'ENABLE_LEGACY_FSGROUP_INJECTION',
  'ENABLE_NATIVE_SIDECARS',
  'PILOT_CERT_PROVIDER',
  'PILOT_DEBOUNCE_AFTER',
  'PILOT_DEBOUNCE_MAX',
  'PILOT_ENABLE_ALPHA_GATEWAY_API',
  'PILOT_ENABLE_AMBIENT',
  'PILOT_ENABLE_ANALYSIS',
  'PILOT_ENABLE_CONFIG_DISTRIBUTION_TRACKING',
  'PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY',
  'PILOT_ENABLE_GATEWAY_API',
  'PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER',
  'PILOT_ENABLE_GATEWAY_API_STATUS',
  'PILOT_ENABLE_STATUS',
  'PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION',
  'PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS',
  'PILOT_PUSH_THROTTLE',
  'PILOT_TRACE_SAMPLING',
]);

/** Settings whose value `true` is Istio's default. */
const TRUE_BY_DEFAULT: ReadonlySet<string> = new Set([
  'ENABLE_INGRESS_WAYPOINT_ROUTING',
  'ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY',
  'PILOT_ENABLE_AMBIENT_WAYPOINTS',
  'PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_INBOUND',
  'PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_OUTBOUND',
  'PILOT_ENABLE_SENDING_HBONE',
  'PILOT_ENABLE_SIDECAR_LISTENING_HBONE',
]);

/** Settings whose value `false` is Istio's default. */
const FALSE_BY_DEFAULT: ReadonlySet<string> = new Set([
  'ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES',
  'PILOT_AUTO_ALLOW_WAYPOINT_POLICY',
  'PILOT_PREFER_SENDING_HBONE',
]);

/**
 * Why the istiod of a revision may follow other rules than these: it was not read, its version is outside what was
 * checked, or a setting is not understood. Undefined where nothing of the kind is known.
 */
export function controlPlaneDoubt(world: World, revision: string): string | undefined {
  const plane = controlPlaneOf(world, revision);
  if (plane === undefined) {
    const { gap } = world.list(KIND.deployment);
    if (gap !== undefined) return `the istiod of revision ${revision} was not found, and ${gap}`;
    // Manifests may leave out what is installed otherwise; in a cluster the istiod is then elsewhere, or gone.
    return world.coverage.basis === 'declared'
      ? undefined
      : `no istiod of revision ${revision} runs in the cluster, and what another is configured with is not known`;
  }
  return versionDoubt(plane) ?? settingDoubt(plane);
}

function versionDoubt({ version, ref }: ControlPlane): string | undefined {
  const parsed = version === undefined ? undefined : parseVersion(version);
  if (version === undefined || parsed === undefined) return undefined;
  const { major, minor } = parsed;
  if (major === 1 && minor >= CHECKED.oldest && minor <= CHECKED.newest) return undefined;
  const range = `1.${String(CHECKED.oldest)} to 1.${String(CHECKED.newest)}`;
  return `${ref.name} runs Istio ${version}, and the rules were checked for ${range}`;
}

function settingDoubt({ env, envNames, ref }: ControlPlane): string | undefined {
  // A second ConfigMap then lies over the mesh configuration, and it is not read here.
  if (envNames.includes(SHARED_CONFIG)) return `${ref.name} has ${SHARED_CONFIG}, which adds to the mesh configuration`;
  const odd = Object.entries(env).find(([name, value]) => changesRules(name, value));
  return odd === undefined ? undefined : `${ref.name} has ${odd[0]}=${odd[1]}, whose effect is not modelled`;
}

const SHARED_CONFIG = 'SHARED_MESH_CONFIG';

function changesRules(name: string, value: string): boolean {
  if (!/^(PILOT_|ENABLE_|UNSAFE_)/.test(name) || UNDERSTOOD.has(name)) return false;
  if (value === 'false' && FALSE_BY_DEFAULT.has(name)) return false;
  return !(TRUE_BY_DEFAULT.has(name) && value === 'true');
}
