import { usageError, type AppError } from '../../lib/errors.ts';
import { controlPlanes } from '../mesh/istio/control-plane.ts';
import { linkerdControlPlanes } from '../mesh/linkerd/control-plane.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { admitPod, MESHES } from '../mesh/registry.ts';
import { applyChange } from '../world/apply.ts';
import type { World } from '../world/world.ts';
import { enrolmentSteps } from './assume-enrol.ts';
import { denyAllIstio, strictIstio } from './assume-istio.ts';
import type { AssumedSteps, AssumingMesh, Assumption } from './assumption.ts';
import { denyAllLinkerd, strictLinkerd } from './assume-linkerd.ts';

/** A world in which the assumption holds. */
export interface AssumedWorld {
  readonly id: string;
  readonly title: string;
  readonly world: World;
  readonly notes: readonly string[];
}

/** The assumption that somebody typed, as `strict`, `deny-all`, `enrol-all` or `enrol-all=NS`; undefined if it is none. */
export function parseAssumption(text: string): Assumption | undefined {
  const [, what, , namespace] = /^(strict|deny-all|enrol-all)(=(.+))?$/.exec(text) ?? [];
  if (what === 'enrol-all') return namespace === undefined ? { what } : { what, namespace };
  if (namespace !== undefined) return undefined;
  return what === 'strict' || what === 'deny-all' ? { what } : undefined;
}

/**
 * The world as it would be if the assumption held: synthetic objects laid over it as `kubectl apply` would, and pods
 * made anew where the mesh takes new pods only. Throws a usage error where no mesh, or more than one, is there to
 * follow it, or where a fact that it needs was not read.
 */
export function assume(world: World, assumption: Assumption): AssumedWorld {
  const mesh = meshToAssume(world, assumption);
  const { steps, notes } = stepsFor(world, assumption, mesh);
  const id = idOf(assumption);
  const applied = applyChange(world, { id, steps }, admitPod);
  return { id, title: titleOf(assumption), world: applied.world, notes: [...notes, ...applied.assumptions] };
}

/** The mesh that an assumption would change; undefined where there is not exactly one. */
export function assumableMesh(world: World): AssumingMesh | undefined {
  const [mesh, second] = assumableMeshes(world);
  return second === undefined ? mesh : undefined;
}

function stepsFor(world: World, assumption: Assumption, mesh: AssumingMesh): AssumedSteps {
  switch (assumption.what) {
    case 'strict':
      return mesh === 'istio' ? strictIstio(world) : strictLinkerd(world);
    case 'deny-all':
      return mesh === 'istio' ? denyAllIstio(world) : denyAllLinkerd(world);
    case 'enrol-all':
      return enrolmentSteps(world, mesh, assumption.namespace);
  }
}

function idOf(assumption: Assumption): string {
  const namespace = assumption.what === 'enrol-all' ? assumption.namespace : undefined;
  return `assume-${assumption.what}${namespace === undefined ? '' : `=${namespace}`}`;
}

function titleOf(assumption: Assumption): string {
  switch (assumption.what) {
    case 'strict':
      return 'as if every server in the mesh demanded mutual TLS';
    case 'deny-all':
      return 'as if every server in the mesh let in only whom a policy names';
    case 'enrol-all':
      return assumption.namespace === undefined
        ? 'as if every namespace were in the mesh, and its pods made anew'
        : `as if namespace ${assumption.namespace} were in the mesh, and its pods made anew`;
  }
}

function meshToAssume(world: World, { what }: Assumption): AssumingMesh {
  const [mesh, second] = assumableMeshes(world);
  if (mesh === undefined) throw noMesh(world, what);
  if (second === undefined) return mesh;
  throw usageError(
    'several-meshes',
    `--assume ${what} means one mesh, and there are several: Istio and Linkerd`,
    'lay manifests of the mesh that you mean over the world with --overlay',
  );
}

function assumableMeshes(world: World): readonly AssumingMesh[] {
  return (['istio', 'linkerd'] as const).filter((id) => isThere(world, id));
}

function isThere(world: World, id: AssumingMesh): boolean {
  const planes =
    id === 'istio'
      ? controlPlanes(world)
      : linkerdControlPlanes(world).filter(({ components }) => components.length > 0);
  return planes.length > 0 || meshNamed(id)?.detect(world).state === 'external';
}

function noMesh(world: World, what: string): AppError {
  const install = 'lay a control plane over the world with --overlay, or ask meshwise plan for a rollout';
  const unknown = (['istio', 'linkerd'] as const).find((id) => meshNamed(id)?.detect(world).state === 'unknown');
  if (unknown !== undefined) {
    return usageError(
      'mesh-not-known',
      `--assume ${what} needs a mesh, and whether ${meshNamed(unknown)?.displayName ?? unknown} is here is not known`,
      'read Deployments and webhook configurations too (meshwise inventory names what was not read)',
      install,
    );
  }
  const others = MESHES.filter((mesh) => ['active', 'installed-unused', 'external'].includes(mesh.detect(world).state));
  const names = others.map(({ displayName }) => displayName).join(', ');
  return usageError(
    'no-mesh-to-assume',
    names === ''
      ? `--assume ${what} needs a control plane of Istio or Linkerd, and none was read`
      : `--assume ${what} is known for Istio and Linkerd, and here is ${names}`,
    install,
  );
}

function meshNamed(id: AssumingMesh): Mesh | undefined {
  return MESHES.find((mesh) => mesh.id === id);
}
