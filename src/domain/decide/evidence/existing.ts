import { KIND } from '../../kubernetes/kinds.ts';
import type { Detection, MeshState } from '../../mesh/mesh.ts';
import type { Evidence } from '../../world/evidence.ts';
import type { World } from '../../world/world.ts';
import type { AssessInput } from '../assessment.ts';
import { ANYTHING, point, widthOf, type Interval } from '../interval.ts';
import { forEachOption, type OptionId, type PerOption } from '../option.ts';
import { cniOf } from './cni.ts';
import type { Reading } from './signs.ts';

/** How far what is there serves each option already, and the criterion's reading made of it. */
export interface ExistingFit {
  readonly fits: PerOption<Interval>;
  readonly reading: Reading;
}

/** How much of a mesh in this state is there to build on; our judgement. */
const FIT: Readonly<Record<Exclude<MeshState, 'unknown'>, number>> = {
  active: 1,
  external: 0.9,
  'installed-unused': 0.6,
  orphaned: 0.2,
  remnant: 0.2,
  absent: 0,
};

/** A Deployment by which the control plane of a mesh can be seen where nobody resolved that mesh's rules. */
const CONTROL_PLANE = { linkerd: 'linkerd-destination', consul: 'consul-connect-injector', istio: 'istiod' } as const;

/** What is there already, by the detections given and the CNI. */
export function existingFit(input: AssessInput): ExistingFit {
  const istio = meshFit(input, 'istio');
  const ambient = usesAmbient(input.world);
  const fits = forEachOption((option): Interval => fitOf(input, option, { istio, ambient }));
  const all = Object.values(fits);
  const low = Math.max(...all.map((fit) => fit.low));
  const high = Math.max(...all.map((fit) => fit.high));
  const open = all.some((fit) => widthOf(fit) > 0);
  return {
    fits,
    reading: {
      value: { low, high },
      evidence: [
        ...input.detections.filter((detection) => detection.state !== 'absent').flatMap(stateEvidence),
        ...cniOf(input.world).evidence,
      ],
      ...(open ? { unknown: 'not every mesh or CNI that may be here could be looked for' } : {}),
    },
  };
}

function fitOf(
  input: AssessInput,
  option: OptionId,
  found: { readonly istio: Interval; readonly ambient: boolean },
): Interval {
  switch (option) {
    case 'istio-sidecar':
      return found.ambient ? scaled(found.istio, 0.6) : found.istio;
    case 'istio-ambient':
      return found.ambient ? found.istio : scaled(found.istio, 0.6);
    case 'linkerd':
    case 'consul':
      return meshFit(input, option);
    case 'cilium': {
      const cni = cniOf(input.world).cni;
      return cni.known ? point(cni.value === 'cilium' ? 0.9 : 0) : { low: 0, high: 0.9 };
    }
    case 'none':
      return point(0);
  }
}

function scaled(interval: Interval, factor: number): Interval {
  return { low: interval.low * factor, high: interval.high * factor };
}

function meshFit({ world, detections }: AssessInput, mesh: keyof typeof CONTROL_PLANE): Interval {
  const detection = detections.find((candidate) => candidate.mesh === mesh);
  if (detection !== undefined) return detection.state === 'unknown' ? ANYTHING : point(FIT[detection.state]);
  const deployments = world.list(KIND.deployment);
  const seen = deployments.objects.some((object) => object.metadata.name.includes(CONTROL_PLANE[mesh]));
  if (seen) return { low: FIT.remnant, high: 1 };
  return deployments.gap === undefined ? point(0) : ANYTHING;
}

/** Whether Istio here runs, or is asked to run, without sidecars. */
function usesAmbient(world: World): boolean {
  const agents = world.list(KIND.daemonSet).objects.some((object) => object.metadata.name === 'ztunnel');
  return (
    agents ||
    world.list(KIND.namespace).objects.some((object) => object.metadata.labels['istio.io/dataplane-mode'] === 'ambient')
  );
}

function stateEvidence(detection: Detection): readonly Evidence[] {
  const [first] = detection.evidence;
  const rule = `${detection.mesh} is ${detection.state}`;
  return [first === undefined ? { rule } : { ...first, rule: `${rule}: ${first.rule}` }];
}
