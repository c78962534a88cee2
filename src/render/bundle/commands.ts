import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { groupOf, kindOf, type ObjectRef } from '../../domain/kubernetes/object.ts';
import { derivedFrom } from '../../domain/world/derived.ts';
import type { PatchStep } from '../../domain/world/step.ts';
import { escapeJson, shellQuote } from '../escape.ts';

/** A command line to paste into a POSIX shell, from its arguments. */
export function shellLine(args: readonly string[]): string {
  return args.map(shellQuote).join(' ');
}

/** What kubectl takes for one object: `authorizationpolicy.security.istio.io/cart`. The slash keeps a name that begins with a dash from being an option. */
export function kubectlName(ref: Pick<ObjectRef, 'kind' | 'name'>): string {
  const slash = ref.kind.indexOf('/');
  const [group, kind] = slash < 0 ? ['', ref.kind] : [ref.kind.slice(0, slash), ref.kind.slice(slash + 1)];
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${ref.name}`;
}

/** The arguments that choose the namespace; none for a cluster-scoped object. */
export function namespaceArgs(namespace: string | undefined): readonly string[] {
  return namespace === undefined ? [] : ['-n', namespace];
}

/** `kubectl patch` for an object that somebody else's files hold. */
export function patchCommand({ target, patch }: PatchStep): string {
  // Only built-in kinds know merge keys; custom resources take a plain merge patch.
  const type = isBuiltIn(target.kind) ? 'strategic' : 'merge';
  const text = escapeJson(JSON.stringify(patch));
  return shellLine([
    ...['kubectl', 'patch', kubectlName(target), ...namespaceArgs(target.namespace)],
    ...['--type', type, '--patch', text],
  ]);
}

/** `kubectl delete` for one object. */
export function deleteCommand(target: ObjectRef): string {
  return shellLine([
    'kubectl',
    'delete',
    kubectlName(target),
    ...namespaceArgs(target.namespace),
    '--ignore-not-found',
  ]);
}

function isBuiltIn(kind: string): boolean {
  const slash = kind.indexOf('/');
  const group = slash < 0 ? '' : kind.slice(0, slash);
  return !group.includes('.') || (group.endsWith('.k8s.io') && group !== 'gateway.networking.k8s.io');
}

interface Versioned {
  readonly apiVersion: string;
  readonly kind: string;
}

const VERSION_OF_GROUP: Readonly<Record<string, string>> = {
  '': 'v1',
  apps: 'v1',
  batch: 'v1',
  policy: 'v1',
  autoscaling: 'v2',
  'networking.k8s.io': 'v1',
  'argoproj.io': 'v1alpha1',
};

/** The apiVersion to write for an object of which only the kind is known: as the plan itself writes it, else of the kinds that patches are made for; undefined where that would be a guess. */
export function apiVersionOf(plan: RolloutPlan, kind: string): string | undefined {
  const written = derivedFrom(plan.stages, versionsWritten).get(kind);
  if (written !== undefined) return written;
  const group = kind.includes('/') ? kind.slice(0, kind.indexOf('/')) : '';
  const version = Object.hasOwn(VERSION_OF_GROUP, group) ? VERSION_OF_GROUP[group] : undefined;
  if (version === undefined) return undefined;
  return group === '' ? version : `${group}/${version}`;
}

/** The first apiVersion that the stages write for each kind; every step of a plan of thousands of stages asks for one. */
function versionsWritten(stages: readonly Stage[]): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const object of stages.flatMap(manifestsIn)) {
    const kind = kindOf(object);
    if (!versions.has(kind)) versions.set(kind, object.apiVersion);
  }
  return versions;
}

function manifestsIn(stage: Stage): readonly Versioned[] {
  return [...stage.steps, ...stage.rollback.steps].flatMap((step): readonly Versioned[] => {
    if (step.step === 'apply') return [step.manifest];
    return step.step === 'external' ? step.expect : [];
  });
}

/** The kind without its group, as people write it. */
export function shortKind(kind: string): string {
  return kind.slice(kind.lastIndexOf('/') + 1);
}

/** Whether deleting such an object takes others with it. */
export function holdsOthers({ kind }: ObjectRef): boolean {
  return (
    kind === 'Namespace' || (groupOf(kind) === 'apiextensions.k8s.io' && shortKind(kind) === 'CustomResourceDefinition')
  );
}
