import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Workload } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Detection, Mesh, MeshState } from '../mesh.ts';
import { detectBySigns } from '../recognised/detect.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { runsImage, type Signature } from '../recognised/signature.ts';
import { firstGap, signsOf } from '../recognised/signs.ts';
import { SUPPORT } from '../recognised/support-status.ts';

/** Controllers that act on the objects of the Service Mesh Interface, by name and by image. */
const CONTROLLERS: readonly { readonly of: string; readonly name: RegExp }[] = [
  { of: 'Open Service Mesh', name: /^osm-controller$/ },
  { of: 'NGINX Service Mesh', name: /^nginx-mesh-controller$/ },
  { of: 'Traefik Mesh', name: /^(traefik-mesh|maesh)-controller$/ },
  { of: "Linkerd's SMI extension", name: /^smi-adaptor$/ },
];

const signature: Signature = {
  id: 'smi',
  displayName: 'Service Mesh Interface',
  groups: ['access.smi-spec.io', 'split.smi-spec.io', 'specs.smi-spec.io', 'metrics.smi-spec.io'],
  kinds: [KIND.smiTrafficTarget, KIND.smiTrafficSplit],
  namespaceLabels: [],
  isControlPlane: (workload) => controllerOf(workload) !== undefined,
  support: SUPPORT.smi,
};

/**
 * Objects of the Service Mesh Interface, which several archived meshes and tools share: without one of their
 * controllers they are left over. Source: https://github.com/servicemeshinterface/smi-spec.
 */
export const smi: Mesh = recognisedMesh({ signature, detect });

function controllerOf(workload: Workload): string | undefined {
  return CONTROLLERS.find(({ name }) => name.test(workload.name) || runsImage(workload, name))?.of;
}

/** A controller alone is its own mesh's matter; here it counts only beside the kinds it acts on. */
function detect(world: World): Detection {
  const found = detectBySigns(signature, world);
  const { planes, definitions, objects } = signsOf(signature, world);
  const owners = workloadsOf(world).flatMap((workload) => controllerOf(workload) ?? []);
  const gap = firstGap(world, [KIND.deployment, KIND.customResourceDefinition]);
  const flagger = workloadsOf(world).filter((workload) => runsImage(workload, /^flagger$/));
  const evidence: readonly Evidence[] = [
    ...found.evidence,
    ...flagger.map(({ object }): Evidence => ({
      object: refOf(object),
      rule: 'Flagger may write these objects, if its provider is one that uses them',
    })),
  ];
  const here = definitions.length + objects.length > 0;
  if (!here) return { ...found, state: absentOr(found, gap), evidence: [] };
  const unlisted = firstGap(world, signature.kinds);
  const unused = unlisted === undefined ? 'installed-unused' : 'unknown';
  const state = planes.length === 0 ? found.state : objects.length > 0 ? 'active' : unused;
  return { ...found, state, evidence, details: { owner: ownerFact(owners, gap) } };
}

/** Where a controller was seen, its own detection looked no further. */
function absentOr({ state }: Detection, gap: string | undefined): MeshState {
  return state === 'unknown' || gap !== undefined ? 'unknown' : 'absent';
}

function ownerFact(owners: readonly string[], gap: string | undefined): Fact<string> {
  if (owners.length > 0) return known([...new Set(owners)].join(', '));
  return gap === undefined ? known('none') : unknown(gap);
}
