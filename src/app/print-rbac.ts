import { KIND } from '../domain/kubernetes/kinds.ts';
import type { Kind } from '../domain/kubernetes/object.ts';
import { resourceOf } from '../domain/kubernetes/plurals.ts';
import { ASKED_KINDS } from '../domain/world/asked-kinds.ts';
import { configMapNames } from '../domain/world/named-config-maps.ts';
import type { Manifest } from '../domain/world/step.ts';
import { compareText, groupBy, sortedUnique } from '../lib/order.ts';

/** For whom the roles are printed: what they will ask meshwise to read. */
export interface RbacRequest {
  /** Namespaces whose ConfigMaps are to be read (`--read-configmaps`). */
  readonly configMapNamespaces: readonly string[];
  /** Revisions of Istio beside the default one; their ConfigMaps have names of their own. */
  readonly revisions: readonly string[];
}

/** Roles as a list that `kubectl apply` takes. */
export interface RbacList {
  readonly apiVersion: 'v1';
  readonly kind: 'List';
  readonly items: readonly Manifest[];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const NAME = 'meshwise';

/**
 * The least that lets somebody read a cluster whole: a ClusterRole that lists exactly what is asked for and gets the
 * named ConfigMaps, and for each namespace whose ConfigMaps are to be read a Role that lists them. Discovery and
 * `/version` need no rule, as every authenticated user may ask them; Secrets are in none.
 */
export function rolesFor({ configMapNamespaces, revisions }: RbacRequest): RbacList {
  const clusterRole = manifest('ClusterRole', [...listRules(ASKED_KINDS), namedConfigMaps(revisions)]);
  const roles = sortedUnique(configMapNamespaces).map((namespace) =>
    manifest('Role', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }], namespace),
  );
  return { apiVersion: 'v1', kind: 'List', items: [clusterRole, ...roles] };
}

/** The commands that give the roles to a ServiceAccount, one a line. */
export function bindingCommands({ items }: RbacList): readonly string[] {
  return items.map(({ kind, metadata: { namespace } }) => {
    const account = '--serviceaccount=NAMESPACE:NAME';
    return kind === 'ClusterRole'
      ? `kubectl create clusterrolebinding ${NAME} --clusterrole=${NAME} ${account}`
      : `kubectl create rolebinding ${NAME} --role=${NAME} ${account} --namespace=${namespace ?? ''}`;
  });
}

function listRules(kinds: readonly Kind[]): readonly Rule[] {
  const byGroup = groupBy(
    kinds.filter((kind) => kind !== KIND.configMap),
    (kind) => (kind.includes('/') ? kind.slice(0, kind.indexOf('/')) : ''),
  );
  return [...byGroup]
    .sort(([left], [right]) => compareText(left, right))
    .map(([group, members]) => ({
      apiGroups: [group],
      resources: sortedUnique(members.map(resourceOf)),
      verbs: ['list'],
    }));
}

function namedConfigMaps(revisions: readonly string[]): Rule {
  return { apiGroups: [''], resources: ['configmaps'], resourceNames: configMapNames(revisions), verbs: ['get'] };
}

function manifest(kind: 'ClusterRole' | 'Role', rules: readonly Rule[], namespace?: string): Manifest {
  const metadata = { name: NAME, ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion: API_VERSION, kind, metadata, rules };
}
