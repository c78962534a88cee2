import { KIND } from '../../kubernetes/kinds.ts';
import { isEmptySelector, matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { at } from '../../../lib/json.ts';
import type { Evidence } from '../../world/evidence.ts';
import type { World } from '../../world/world.ts';
import type { Enrolment } from '../mesh.ts';
import { inject, leave, undecided, type InjectionQuestion } from '../recognised/enrolment.ts';
import { firstGap } from '../recognised/signs.ts';

/** The label by which a namespace lets App Mesh's webhook see its pods, and the annotation by which a pod answers. */
export const NAMESPACE_SWITCH = 'appmesh.k8s.aws/sidecarInjectorWebhook';

/**
 * The pod's annotation comes before the namespace's label, and the webhook sees only namespaces with that label. A pod
 * must match one VirtualNode: with none its creation is refused, with several too.
 * Source: aws-app-mesh-controller-for-k8s pkg/inject, docs/reference/injector.md.
 */
export function appMeshInjection(question: InjectionQuestion): Enrolment {
  const { namespace, pod, world } = question;
  const written = pod.annotations[NAMESPACE_SWITCH] ?? namespace.labels[NAMESPACE_SWITCH];
  const evidence: Evidence = {
    field: NAMESPACE_SWITCH,
    value: written ?? '',
    rule: 'asks for App Mesh, or against it',
  };
  if (namespace.labels[NAMESPACE_SWITCH] === undefined)
    return leave(`the namespace does not carry ${NAMESPACE_SWITCH}`);
  if (written === 'disabled') return leave(`${NAMESPACE_SWITCH} is disabled`, evidence);
  if (written !== 'enabled') return undecided(`${NAMESPACE_SWITCH} is ${written ?? ''}`, evidence);
  const gap = firstGap(world, [KIND.appMeshVirtualNode, KIND.appMeshMesh]);
  if (gap !== undefined) return undecided(gap, evidence);
  const nodes = virtualNodesFor(question, world);
  if (nodes.length === 1) return inject(`VirtualNode ${nodes[0]?.metadata.name ?? ''} selects the pod`, evidence);
  const count = nodes.length === 0 ? 'no VirtualNode selects' : `${String(nodes.length)} VirtualNodes select`;
  return undecided(`${count} the pod, so App Mesh's webhook refuses to create it`, evidence);
}

/** An absent selector selects nothing, an empty one everything. */
function virtualNodesFor({ namespace, pod }: InjectionQuestion, world: World): readonly KubeObject[] {
  const labels = { ...namespace.labels, 'kubernetes.io/metadata.name': namespace.name };
  const meshed = world
    .list(KIND.appMeshMesh)
    .objects.some(({ spec }) => selects(at(spec, 'namespaceSelector'), labels));
  if (!meshed) return [];
  return world
    .listIn(KIND.appMeshVirtualNode, namespace.name)
    .objects.filter(({ spec }) => selects(at(spec, 'podSelector'), pod.labels));
}

function selects(raw: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (raw === undefined || raw === null) return false;
  const selector = parseLabelSelector(raw);
  return isEmptySelector(selector) || matchesSelector(selector, labels);
}
