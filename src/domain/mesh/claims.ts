import type { DataPlane } from './mesh.ts';
import type { MeshId } from './mesh-id.ts';

/** Whether the data plane is that mesh's, or may be: one that several meshes claim may be any's. */
export function mayBeOf(mesh: MeshId, { mesh: owner, mode }: DataPlane): boolean {
  return mode !== 'none' && (owner === mesh || owner === 'contested');
}
