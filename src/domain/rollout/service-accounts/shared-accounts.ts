import { groupBy } from '../../../lib/order.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';

const SHOWN = 10;

/** Who shares a ServiceAccount in these namespaces, each as a paragraph: a rule for one of them admits all. `isSplit`: later stages part them. */
export function sharedAccountNotes(world: World, namespaces: readonly string[], isSplit = false): readonly string[] {
  const remedy = isSplit
    ? 'The stages split-accounts of its namespace split it.'
    : 'No stage splits it: give a workload an account of its own in its source, with all that is bound to the old one (imagePullSecrets, RoleBindings, cloud identities), before its namespace is denied by default.';
  return namespaces.flatMap((namespace) => {
    const byAccount = groupBy(workloadsIn(world, namespace), ({ serviceAccount }) => serviceAccount);
    return [...byAccount].flatMap(([account, sharing]) => {
      if (sharing.length < 2) return [];
      const names = sharing.slice(0, SHOWN).map(formatWorkload);
      const more = sharing.length > SHOWN ? ` and ${String(sharing.length - SHOWN)} more` : '';
      return [
        `ServiceAccount ${namespace}/${account} is shared by ${names.join(', ')}${more}: to a mesh they are one, so a rule that admits one of them admits all. ${remedy}`,
      ];
    });
  });
}
