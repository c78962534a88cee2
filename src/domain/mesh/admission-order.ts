import { asObjects, asText } from '../../lib/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { Mesh } from './mesh.ts';
import { POD_WEBHOOKS } from './webhook-names.ts';

/**
 * The meshes in the order in which the API server asks their webhooks about a new pod: configurations by name, then
 * webhooks as written. Those that have none, such as node agents, come after all webhooks.
 * Source: k8s.io/apiserver pkg/admission/configuration/mutating_webhook_manager.go.
 */
export function admissionOrder(meshes: readonly Mesh[], configurations: readonly KubeObject[]): readonly Mesh[] {
  const names = configurations.flatMap((configuration) =>
    asObjects(configuration['webhooks']).map((webhook) => asText(webhook['name']) ?? ''),
  );
  const placeOf = ({ id }: Mesh): number => {
    const place = names.findIndex((name) => POD_WEBHOOKS[id]?.test(name) === true);
    return place < 0 ? names.length : place;
  };
  return meshes
    .map((mesh) => ({ mesh, place: placeOf(mesh) }))
    .sort((left, right) => left.place - right.place)
    .map(({ mesh }) => mesh);
}
