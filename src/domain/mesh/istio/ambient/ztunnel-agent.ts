import { asObjects, asText, at } from '../../../../lib/json.ts';
import { formatRef, refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { parseVersion } from '../../../kubernetes/version.ts';
import { derivedFrom } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import { isHarmlessMetadata } from '../capture-doubt.ts';
import { REVISION_LABEL } from '../config-visibility.ts';
import { controlPlaneOf, controlPlanes, type ControlPlane } from '../control-plane.ts';
import { ztunnels } from '../node-agents.ts';
import { proxyView, type ProxyView } from '../proxy-view.ts';

/** The first minor version of Istio 1 whose ambient mode these rules were checked for: its general availability. */
const OLDEST_MINOR = 24;

/**
 * The configuration that the ztunnels of the world are given: that of the istiod they ask. Unknown where no ztunnel or
 * several were found, or either of them runs with settings that are not understood.
 */
export function ztunnelView(world: World): Fact<ProxyView> {
  return derivedFrom(world, findView);
}

function findView(world: World): Fact<ProxyView> {
  const { agents, gap } = ztunnels(world);
  const [tunnel, another] = agents;
  if (tunnel === undefined) return unknown(gap ?? 'no ztunnel runs that would serve pods in ambient mode');
  const revision = revisionOf(world, tunnel);
  if (!revision.known) return revision;
  if (another !== undefined && !sameRevision(world, another, revision.value))
    return unknown('ztunnels of several revisions run, and which of them serves the pods is not known');
  const plane = controlPlaneOf(world, revision.value);
  const doubt = [tunnel, ...(another === undefined ? [] : [another])].map(tunnelDoubt).find((why) => why !== undefined);
  const whole = doubt ?? (plane === undefined ? undefined : ambientDoubt(plane));
  return whole === undefined ? proxyView(world, revision.value) : unknown(whole);
}

/**
 * Why an istiod may not serve ambient mode as these rules say: it is not switched on, too old, or set in ways that are
 * not modelled. Undefined where nothing of the kind is known.
 * Source: istio pilot/pkg/features/ambient.go.
 */
export function ambientDoubt({ env, envNames, ref, version }: ControlPlane): string | undefined {
  const enabled = env['PILOT_ENABLE_AMBIENT'];
  if (enabled !== 'true') {
    const isHidden = enabled === undefined && envNames.includes('PILOT_ENABLE_AMBIENT');
    return isHidden
      ? `the value of PILOT_ENABLE_AMBIENT of ${formatRef(ref)} was not kept`
      : `${formatRef(ref)} does not have PILOT_ENABLE_AMBIENT=true, without which it does not serve ambient mode`;
  }
  const minor = version === undefined ? undefined : parseVersion(version)?.minor;
  if (minor !== undefined && minor < OLDEST_MINOR)
    return `${formatRef(ref)} runs Istio ${version ?? ''}, and the rules of ambient mode were checked from 1.${String(OLDEST_MINOR)}`;
  const odd = envNames.find((name) => name.startsWith('AMBIENT_') && !isUnderstood(name, env[name]));
  return odd === undefined ? undefined : `${formatRef(ref)} sets ${odd}, whose effect is not modelled`;
}

const HARMLESS: ReadonlySet<string> = new Set([
  'AMBIENT_ENABLE_STATUS',
  'AMBIENT_ENABLE_BAGGAGE',
  'AMBIENT_SCOPED_ADDRESS_PUSHES',
]);

function isUnderstood(name: string, value: string | undefined): boolean {
  return HARMLESS.has(name) || value === 'false';
}

const OF_THE_CHART =
  /^(CA_ADDRESS|XDS_ADDRESS|LOG_FORMAT|NETWORK|RUST_LOG|RUST_BACKTRACE|INPOD_ENABLED|TERMINATION_GRACE_PERIOD_SECONDS|POD_NAME|POD_NAMESPACE|NODE_NAME|INSTANCE_IP|SERVICE_ACCOUNT|ZTUNNEL_\w*CPU_\w+|CRL_PATH|CLUSTER_ID|ISTIO_META_\w+|IPV6_ENABLED|GOMAXPROCS|ZTUNNEL_WORKER_THREADS|XFCC_\w+)$/;

function tunnelDoubt(tunnel: KubeObject): string | undefined {
  const containers = asObjects(at(tunnel.spec, 'template', 'spec', 'containers'));
  const names = containers.flatMap((container) => asObjects(container['env']).map(({ name }) => asText(name) ?? ''));
  const odd = names.find((name) => !OF_THE_CHART.test(name) && !isHarmlessMetadata(name));
  return odd === undefined ? undefined : `${formatRef(refOf(tunnel))} sets ${odd}, whose effect is not modelled`;
}

/** The chart writes the revision onto ztunnel; without one the only istiod there is serves it. */
function revisionOf(world: World, tunnel: KubeObject): Fact<string> {
  const written =
    asText(at(tunnel.spec, 'template', 'metadata', 'labels', REVISION_LABEL)) ??
    tunnel.metadata.annotations[REVISION_LABEL] ??
    tunnel.metadata.labels[REVISION_LABEL];
  const planes = controlPlanes(world);
  if (written !== undefined && (planes.length === 0 || planes.some(({ revision }) => revision === written)))
    return known(written);
  const [only, another] = planes;
  if (another === undefined) return known(only?.revision ?? written ?? 'default');
  if (written === undefined && planes.some(({ revision }) => revision === 'default')) return known('default');
  return unknown(`which istiod serves ${formatRef(refOf(tunnel))} is not known`);
}

function sameRevision(world: World, tunnel: KubeObject, revision: string): boolean {
  const other = revisionOf(world, tunnel);
  return other.known && other.value === revision;
}
