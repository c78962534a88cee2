import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { unknown } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Detection, Mesh, MeshState } from '../mesh.ts';
import { detectBySigns } from '../recognised/detect.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { runsImage, type Signature } from '../recognised/signature.ts';
import { firstGap } from '../recognised/signs.ts';
import { SUPPORT } from '../recognised/support-status.ts';

const CONTROLLER = 'application-networking.k8s.aws/gateway-api-controller';

const signature: Signature = {
  id: 'vpc-lattice',
  displayName: 'Amazon VPC Lattice',
  groups: ['application-networking.k8s.aws'],
  kinds: [KIND.latticeServiceNetwork],
  namespaceLabels: [],
  isControlPlane: (workload) =>
    runsImage(workload, /^aws-gateway-controller$|^aws-application-networking-k8s$/) ||
    (workload.name.startsWith('gateway-api-controller') && workload.namespace === 'aws-application-networking-system'),
  support: SUPPORT['vpc-lattice'],
};

/**
 * Amazon VPC Lattice by the AWS Gateway API controller: it puts nothing into pods, and who calls a Service by its
 * cluster name never touches it. Source: https://github.com/aws/aws-application-networking-k8s.
 */
export const vpcLattice: Mesh = recognisedMesh({ signature, detect });

/** A Gateway of its class is a service network in use. */
function detect(world: World): Detection {
  const found = detectBySigns(signature, world);
  const classes = world.list(KIND.gatewayClass).objects.filter(({ spec }) => at(spec, 'controllerName') === CONTROLLER);
  const names = new Set(classes.map(({ metadata }) => metadata.name));
  const gateways = world
    .list(KIND.kubernetesGateway)
    .objects.filter(({ spec }) => names.has(asText(at(spec, 'gatewayClassName')) ?? ''));
  const evidence: readonly Evidence[] = [
    ...found.evidence,
    ...classes.map((object): Evidence => ({
      object: refOf(object),
      field: 'spec.controllerName',
      value: CONTROLLER,
      rule: 'a class of VPC Lattice',
    })),
    ...gateways
      .slice(0, 3)
      .map((object): Evidence => ({ object: refOf(object), rule: 'stands for a service network' })),
  ];
  const gap = firstGap(world, [KIND.gatewayClass, KIND.kubernetesGateway]);
  const state = stateOf(found.state, { classes: classes.length, gateways: gateways.length, gap });
  return { ...found, state, evidence, details: { authorization: unknown('IAM policies are kept in AWS') } };
}

interface Counts {
  readonly classes: number;
  readonly gateways: number;
  readonly gap: string | undefined;
}

function stateOf(state: MeshState, { classes, gateways, gap }: Counts): MeshState {
  if (state === 'unknown') return 'unknown';
  if (state === 'installed-unused' && gateways > 0) return 'active';
  if (gap !== undefined) return 'unknown';
  return state === 'absent' && classes > 0 ? 'remnant' : state;
}
