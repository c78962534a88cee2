import type { JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind } from '../../kubernetes/object.ts';
import type { Extras, IsDefault } from './compare-fields.ts';

const ROUTES: ReadonlySet<Kind> = new Set<Kind>([KIND.linkerdHttpRoute, 'policy.linkerd.io/GRPCRoute']);
const EXACT_GROUPS = ['security.istio.io/', 'networking.istio.io/', 'policy.linkerd.io/'];

/**
 * What fields beyond the written ones the object may have. In a policy every field changes who may call: of one that the
 * plan made itself none may be added; of one that others write too, lists alone are ours as a whole. Other kinds are
 * filled in by the API server and by controllers.
 */
export function extrasOf(kind: Kind, isOurs: boolean): Extras {
  const isPolicy = kind === KIND.networkPolicy || EXACT_GROUPS.some((group) => kind.startsWith(group));
  if (!isPolicy || ROUTES.has(kind)) return 'any';
  return isOurs ? 'none' : 'merged';
}

/**
 * Whether the API server fills the field in. NetworkPolicy: https://kubernetes.io/docs/reference/kubernetes-api/
 * policy-resources/network-policy-v1/; Linkerd's Server: linkerd2 charts/linkerd-crds/templates/policy/server.yaml.
 */
export function defaultsOf(kind: Kind): IsDefault {
  if (kind === KIND.networkPolicy) {
    return (field, value, siblings) =>
      (field === 'protocol' && value === 'TCP') || (field === 'policyTypes' && isDerived(value, siblings));
  }
  if (kind === KIND.linkerdServer) {
    return (field, value) =>
      (field === 'proxyProtocol' && value === 'unknown') || (field === 'accessPolicy' && value === 'deny');
  }
  return () => false;
}

function isDerived(value: unknown, { egress }: JsonObject): boolean {
  return JSON.stringify(value) === JSON.stringify(egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
}
