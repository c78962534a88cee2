import { asTexts, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { AssessInput } from '../assessment.ts';
import { joined, lookFor, shareLook, type Evaluators, type Look } from './signs.ts';
import { containersWhere, workloadGaps } from './containers.ts';

/** What the cluster shows of mutual TLS, isolation and authorization. Strengths are our judgement. */
export const SECURITY: Evaluators = {
  'mtls-identity': mtlsIdentity,
  'l4-isolation': ({ world }) => isolation(world),
  'l7-authz-jwt': l7Authorization,
};

function mtlsIdentity({ world }: AssessInput): Look {
  const always = (strength: number) => () => strength;
  return lookFor(world, [
    {
      kind: KIND.peerAuthentication,
      strength: (object) => (at(object.spec, 'mtls', 'mode') === 'STRICT' ? 0.8 : 0.5),
      field: 'spec.mtls.mode',
      rule: 'somebody already asks for mutual TLS',
    },
    {
      kind: 'policy.linkerd.io/MeshTLSAuthentication',
      strength: always(0.8),
      rule: 'somebody already asks for mesh identities',
    },
    {
      kind: 'cert-manager.io/Certificate',
      strength: (object) => (asTexts(at(object.spec, 'usages')).includes('client auth') ? 0.6 : undefined),
      field: 'spec.usages',
      rule: 'clients here present certificates of their own',
    },
    {
      kind: KIND.configMap,
      strength: nodeEncryption,
      field: 'data',
      rule: 'traffic between nodes is encrypted on purpose',
    },
    {
      kind: KIND.namespace,
      strength: (object) => (namesCompliance(object) ? 0.6 : undefined),
      field: 'metadata.labels',
      rule: 'a label names a compliance regime',
    },
  ]);
}

function nodeEncryption(object: KubeObject): number | undefined {
  if (object.metadata.name !== 'cilium-config') return undefined;
  const on = ['enable-wireguard', 'enable-ipsec'].some((key) => at(object.data, key) === 'true');
  return on ? 0.5 : undefined;
}

function namesCompliance(object: KubeObject): boolean {
  const texts = Object.entries(object.metadata.labels).flat();
  return texts.some((text) => /(^|[^a-z])(pci|hipaa|fedramp|fips|psd2)([^a-z]|$)/i.test(text));
}

/**
 * The share of namespaces that run workloads and hold a NetworkPolicy. Half of it counts: policies show the wish, and
 * also that the CNI already serves part of it.
 */
function isolation(world: World): Look {
  const listing = world.list(KIND.networkPolicy);
  const namespaces = new Set(workloadsOf(world).map((workload) => workload.namespace));
  const covered = new Set(listing.objects.map((object) => object.metadata.namespace ?? ''));
  const part = [...namespaces].filter((namespace) => covered.has(namespace)).length;
  const value = `${String(part)} of ${String(namespaces.size)}`;
  const evidence = { field: 'namespaces with a NetworkPolicy', value, rule: 'isolation is already written down' };
  const gaps = [...workloadGaps(world), ...(listing.gap === undefined ? [] : [listing.gap])];
  return shareLook({ part, whole: namespaces.size, scale: 0.5, evidence, gaps });
}

function l7Authorization({ world }: AssessInput): Look {
  const objects = lookFor(world, [
    { kind: KIND.requestAuthentication, strength: () => 0.9, rule: 'JWTs are checked in the mesh' },
    {
      kind: KIND.ingress,
      strength: (object) =>
        object.metadata.annotations['nginx.ingress.kubernetes.io/auth-url'] === undefined ? undefined : 0.4,
      field: 'metadata.annotations',
      rule: 'requests are authorized outside the application, at the edge',
    },
  ]);
  const containers = containersWhere(world, (container) => {
    if (container.image.includes('openpolicyagent/opa')) return { value: 0.7, rule: 'OPA decides beside the workload' };
    if (container.image.includes('oauth2-proxy')) return { value: 0.5, rule: 'oauth2-proxy checks sessions' };
    return undefined;
  });
  return joined([objects, containers]);
}
