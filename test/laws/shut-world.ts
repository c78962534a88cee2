import fc from 'fast-check';
import { SPACES, type Draft } from './rich-draft.ts';
import { richWorld, type RichWorld } from './rich-world.ts';

/** Policies that shut all doors of a namespace, each in the words of one mesh or of none. */
const shutters: fc.Arbitrary<readonly Draft[]> = fc.subarray(
  SPACES.flatMap((namespace): readonly Draft[] => [
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      namespace,
      name: 'a-shutter',
      spec: { mtls: { mode: 'STRICT' } },
    },
    { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', namespace, name: 'a-shutter', spec: {} },
    {
      apiVersion: 'policy.linkerd.io/v1beta3',
      kind: 'Server',
      namespace,
      name: 'a-shutter',
      spec: { podSelector: {}, port: 8080, accessPolicy: 'deny' },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace,
      name: 'a-shutter',
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 8080 }] }] },
    },
  ]),
);

/** Generated worlds, with more that is refused: what is older holds where only the oldest does. */
export const shutWorld: fc.Arbitrary<RichWorld> = fc
  .tuple(richWorld, shutters)
  .map(([facts, shut]) => ({ ...facts, policies: [...shut, ...facts.policies.slice(0, 3)] }));
