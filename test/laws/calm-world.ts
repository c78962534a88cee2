import fc from 'fast-check';
import type { Draft } from './rich-draft.ts';
import { istioPolicy } from './rich-istio-policies.ts';
import { linkerdPolicy, networkPolicy } from './rich-other-policies.ts';
import { richWorld, type RichWorld } from './rich-world.ts';
import type { MeshOfSpace } from './rich-workloads.ts';

const istioOrNetwork = fc.oneof({ arbitrary: istioPolicy, weight: 3 }, { arbitrary: networkPolicy, weight: 1 });
const linkerdOrNetwork = fc.oneof({ arbitrary: linkerdPolicy, weight: 3 }, { arbitrary: networkPolicy, weight: 1 });

const policiesOf: fc.Arbitrary<{ readonly mesh: MeshOfSpace; readonly policies: readonly Draft[] }> = fc
  .constantFrom<MeshOfSpace>('sidecar', 'sidecar', 'ambient', 'linkerd')
  .chain((mesh) =>
    fc
      .array(mesh === 'linkerd' ? linkerdOrNetwork : istioOrNetwork, { minLength: 1, maxLength: 2 })
      .map((policies) => ({ mesh, policies })),
  );

/** Clusters of one mesh in which every call works, but for what one or two policies make of it. */
export const calmWorld: fc.Arbitrary<RichWorld> = fc
  .tuple(richWorld, policiesOf)
  .map(([facts, { mesh, policies }]) => ({ ...calm(facts, mesh), policies, linkerdDefault: 'all-unauthenticated' }));

/** The servers that take mutual TLS only, whatever else is said, in a world with everything in the mesh. */
export const strictWorld: fc.Arbitrary<RichWorld> = fc
  .tuple(richWorld, fc.constantFrom<MeshOfSpace>('sidecar', 'sidecar', 'ambient', 'linkerd'))
  .map(([facts, mesh]) => ({
    ...calm(facts, mesh),
    policies: [STRICT, ...facts.policies.filter(({ kind }) => !OPENING.has(kind)).slice(0, 3)],
    linkerdDefault: 'all-authenticated',
  }));

const STRICT: Draft = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  namespace: 'istio-system',
  name: 'default',
  spec: { mtls: { mode: 'STRICT' } },
};

/** Kinds that would open a port again, or leave nobody knowing what its proxy does. */
const OPENING: ReadonlySet<string> = new Set(['PeerAuthentication', 'Server', 'EnvoyFilter', 'WasmPlugin']);

/** One mesh everywhere, in every pod, and nothing odd about the workloads. */
function calm(facts: RichWorld, mesh: MeshOfSpace): RichWorld {
  return {
    ...facts,
    meshes: { red: mesh, blue: mesh, green: mesh },
    enrolled: { red: true, blue: true, green: true },
    workloads: facts.workloads.map((one) => ({
      ...one,
      kind: one.kind === 'StatefulSet' ? one.kind : 'Deployment',
      live: 'meshed',
      portName: 'http',
      protocol: 'http',
      headless: false,
      annotations: {},
      labels: {},
      hostNetwork: false,
    })),
    meshConfig: {},
  };
}
