import { asObjects, type JsonObject } from '../../../lib/json.ts';
import { formatRef, refOf, type Kind, type KubeObject } from '../../kubernetes/object.ts';
import type { PatchStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { AccountSplit } from './account-splits.ts';

const BINDINGS: readonly Kind[] = [
  'rbac.authorization.k8s.io/RoleBinding',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
];

/** Why bindings may name the accounts that were not read; undefined where all were. */
export function unreadBindings(world: World): string | undefined {
  return BINDINGS.map((kind) => world.list(kind).gap).find((gap) => gap !== undefined);
}

/** One patch for each binding that names a shared account: its subjects, with the new ones after them. */
export function withNewSubjects(world: World, splits: readonly AccountSplit[]): readonly PatchStep[] {
  return patched(
    world,
    (subjects, home) => {
      const added = splits.flatMap(({ workload: { namespace }, from, to }) => {
        const old = subjects.find((subject) => isSubject(subject, { namespace, name: from, home }));
        const has = subjects.some((subject) => isSubject(subject, { namespace, name: to, home }));
        return old === undefined || has ? [] : [{ kind: 'ServiceAccount', name: to, namespace }];
      });
      return [...subjects, ...added];
    },
    'names the new accounts beside the shared one, so that no pod loses what it may do',
  );
}

/** One patch for each binding that still names an account which nobody holds any more. */
export function withoutOldSubjects(
  world: World,
  accounts: readonly { readonly namespace: string; readonly name: string }[],
): readonly PatchStep[] {
  return patched(
    world,
    (subjects, home) =>
      subjects.filter((subject) => !accounts.some((account) => isSubject(subject, { ...account, home }))),
    'no pod runs under the shared account any more',
  );
}

/** The list of subjects has no merge key, so a patch says the whole of it. */
function patched(
  world: World,
  change: (subjects: readonly JsonObject[], home: string | undefined) => readonly JsonObject[],
  why: string,
): readonly PatchStep[] {
  return BINDINGS.flatMap((kind) => world.list(kind).objects).flatMap((object): readonly PatchStep[] => {
    const subjects = asObjects(object['subjects']);
    const changed = change(subjects, object.metadata.namespace);
    if (changed.length === subjects.length) return [];
    return [{ step: 'patch', target: refOf(object), patch: { subjects: changed }, why }];
  });
}

interface Account {
  readonly namespace: string;
  readonly name: string;
  /** Namespace of the binding. */
  readonly home: string | undefined;
}

function isSubject(subject: JsonObject, { namespace, name, home }: Account): boolean {
  return (
    subject['kind'] === 'ServiceAccount' && subject['name'] === name && (subject['namespace'] ?? home) === namespace
  );
}

/** The bindings of patches, for a page. */
export function bindingNotes(world: World, steps: readonly PatchStep[]): readonly string[] {
  const found = steps.flatMap(({ target }): readonly KubeObject[] => {
    const object = world.get(target);
    return object === undefined ? [] : [object];
  });
  return found.map(
    (object) =>
      `${formatRef(refOf(object))} is patched: its list of subjects is replaced as a whole, so read it again just before.`,
  );
}
