import { known, mapFact, unknown, type Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import type { DataPlane, ServerEnd } from '../../mesh.ts';
import { dataPlaneOf } from '../data-plane.ts';
import type { MeshMember } from '../destination-rule/ambient-interop.ts';
import { detectProxy } from '../injection/detect-proxy.ts';
import { meshSettings } from '../mesh-settings.ts';

const TUNNEL = 'networking.istio.io/tunnel';
const PROXY_CONFIG = 'proxy.istio.io/config';

/**
 * How a cohort's pods take part in the mesh, as those who call them see it: what tunnels they take. Unknown where that
 * depends on what was not read.
 * Source: istio pilot/pkg/serviceregistry/ambient/workloads.go, setTunnelProtocol.
 */
export function memberOf(server: Pick<ServerEnd, 'workload' | 'cohort'>, world: World): Fact<MeshMember> {
  const { workload, cohort } = server;
  const dataPlane = dataPlaneOf(workload, cohort, world);
  if (dataPlane === undefined) return known('none');
  switch (dataPlane.mode) {
    case 'unknown':
      return unknown(dataPlane.reason);
    case 'ambient':
      return mapFact(dataPlane.captured, (captured) => (captured ? 'ambient' : 'none'));
    case 'sidecar':
      return mapFact(takesHbone(server, dataPlane, world), (takes) => (takes ? 'sidecar-hbone' : 'sidecar'));
    case 'gateway':
      if (detectProxy(cohort.pod).proxy === 'waypoint') return known('waypoint');
      return known(namesTunnel(cohort.pod.labels) ? 'sidecar-hbone' : 'gateway');
    case 'proxyless':
    case 'none':
      return known(namesTunnel(cohort.pod.labels) ? 'sidecar-hbone' : 'none');
  }
}

/** Injection writes the label where the mesh is set up for ambient mode; pods that were injected show whether it did. */
function takesHbone({ cohort }: Pick<ServerEnd, 'cohort'>, dataPlane: DataPlane, world: World): Fact<boolean> {
  const { labels, annotations } = cohort.pod;
  if (namesTunnel(labels)) return known(true);
  const isMade = cohort.state === 'live' || detectProxy(cohort.pod).injected;
  if (isMade || labels[TUNNEL] !== undefined) return known(false);
  if (annotations[PROXY_CONFIG]?.includes('ENABLE_HBONE') === true)
    return unknown(`annotation ${PROXY_CONFIG} says whether the sidecar takes HBONE, and its values are not kept`);
  return mapFact(meshSettings(world, dataPlane.revision ?? 'default'), (settings) => settings.takesHbone);
}

/** The label names tunnels, separated by commas. */
function namesTunnel(labels: Readonly<Record<string, string>>): boolean {
  return (labels[TUNNEL] ?? '').split(',').includes('http');
}
