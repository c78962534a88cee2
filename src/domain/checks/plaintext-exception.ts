import { asTextMap, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { parseLabelSelector, matchesSelector } from '../kubernetes/label-selector.ts';
import { refOf, type KubeObject } from '../kubernetes/object.ts';
import { parsePeerAuthentication } from '../mesh/istio/mtls/peer-authentication.ts';
import type { Change, Step } from '../world/step.ts';
import { cohortsOf, type Workload } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels that pick the pods of this workload and of no other in its namespace; undefined where there are none. */
export function ownLabels(workload: Workload, world: World): Labels | undefined {
  const labels = asTextMap(at(workload.object.spec, 'selector', 'matchLabels'));
  if (Object.keys(labels).length === 0) return undefined;
  return selectsOnly(labels, workload, world) ? labels : undefined;
}

/**
 * Lets container ports of a workload keep taking plaintext when its namespace goes STRICT, and leaves its mode
 * otherwise as it is. An object that already selects just this workload is extended, because of two only the older
 * would count. Undefined where labels or existing objects leave no way that touches this workload alone.
 */
export function plaintextException(workload: Workload, ports: readonly number[], world: World): Change | undefined {
  const labels = ownLabels(workload, world);
  if (labels === undefined || ports.length === 0) return undefined;
  const portLevelMtls = Object.fromEntries(ports.map((port) => [String(port), { mode: 'PERMISSIVE' }]));
  const selecting = policiesSelecting(workload, world);
  const [existing, second] = selecting;
  if (second !== undefined) return undefined;
  const id = `exception-${workload.namespace}-${workload.name}`;
  if (existing === undefined) return { id, steps: [newException(workload, labels, portLevelMtls)] };
  if (!selectsOnly(parsePeerAuthentication(existing).selector.matchLabels, workload, world)) return undefined;
  const why = 'the ports are called by somebody who cannot present a certificate of the mesh';
  return { id, steps: [{ step: 'patch', target: refOf(existing), patch: { spec: { portLevelMtls } }, why }] };
}

function newException({ namespace, name }: Workload, matchLabels: Labels, portLevelMtls: unknown): Step {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: `${name}-exceptions`, namespace },
      spec: { selector: { matchLabels }, portLevelMtls },
    },
  };
}

function policiesSelecting(workload: Workload, world: World): readonly KubeObject[] {
  return world.listIn(KIND.peerAuthentication, workload.namespace).objects.filter((object) => {
    const { hasSelector, selector } = parsePeerAuthentication(object);
    return hasSelector && cohortsOf(workload).some(({ pod }) => matchesSelector(selector, pod.labels));
  });
}

function selectsOnly(matchLabels: Labels, workload: Workload, world: World): boolean {
  const selector = parseLabelSelector({ matchLabels });
  const selected = workloadsIn(world, workload.namespace).filter((candidate) =>
    cohortsOf(candidate).some(({ pod }) => matchesSelector(selector, pod.labels)),
  );
  return selected.length === 1 && selected[0] === workload;
}
