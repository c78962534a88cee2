import { asObject, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { keyOf, refOf, type Kind, type KubeObject, type ObjectRef } from '../kubernetes/object.ts';
import type { Manifest, Step } from '../world/step.ts';
import type { World } from '../world/world.ts';
import { refOfManifest } from './rollback-steps.ts';
import { sameValue } from './same-value.ts';

/** A policy as it stands at some moment of a stage, as far as it says whom it is about. */
export interface PolicyForm {
  readonly ref: ObjectRef;
  readonly spec: unknown;
}

/** The forms that objects take from before a stage to after it. */
export interface PolicyForms {
  /** Those of one object; undefined where it cannot be told whom it is about at each moment. */
  readonly of: (ref: ObjectRef) => readonly PolicyForm[] | undefined;
  /** Those of all objects of a kind; undefined where that cannot be told of one of them. */
  readonly all: (kind: Kind) => readonly PolicyForm[] | undefined;
}

/** The fields that say whom a policy is about, or what it rests on. */
const SELECTING: ReadonlyMap<Kind, readonly string[]> = new Map<Kind, readonly string[]>([
  [KIND.peerAuthentication, ['selector']],
  [KIND.authorizationPolicy, ['selector', 'targetRef', 'targetRefs']],
  [KIND.linkerdServer, ['podSelector', 'externalWorkloadSelector']],
  [KIND.linkerdAuthorizationPolicy, ['targetRef', 'requiredAuthenticationRefs']],
  [KIND.meshTlsAuthentication, []],
  [KIND.networkAuthentication, []],
]);

/** The forms of a world's policies while steps are applied to it, in whatever order and however many of them. */
export function policyForms(world: World, steps: readonly Step[]): PolicyForms {
  const changes = new Map<string, Step[]>();
  for (const step of steps) {
    const ref = changed(step);
    if (ref !== undefined) changes.set(keyOf(ref), [...(changes.get(keyOf(ref)) ?? []), step]);
  }
  const formsOf: PolicyForms['of'] = (ref) => {
    const [step, ...others] = changes.get(keyOf(ref)) ?? [];
    const existing = world.get(ref);
    const before = existing === undefined ? [] : [formOf(existing)];
    if (step === undefined) return before;
    return others.length > 0 ? undefined : formsWith(step, { ref, existing, before });
  };
  return {
    of: formsOf,
    all: (kind) => {
      const all = world.list(kind).objects.map(formOf);
      for (const ref of steps.flatMap((step) => changed(step) ?? [])) {
        const forms = ref.kind === kind ? formsOf(ref) : [];
        if (forms === undefined) return undefined;
        all.push(...forms);
      }
      return all;
    },
  };
}

/** The object that a step writes, if it is one. */
function changed(step: Step): ObjectRef | undefined {
  switch (step.step) {
    case 'apply':
      return refOfManifest(step.manifest);
    case 'patch':
    case 'delete':
      return step.target;
    case 'restart':
    case 'external':
      return undefined;
  }
}

function formOf(object: KubeObject): PolicyForm {
  return { ref: refOf(object), spec: object.spec };
}

function written(manifest: Manifest): PolicyForm {
  return { ref: refOfManifest(manifest), spec: manifest.spec };
}

interface Before {
  readonly ref: ObjectRef;
  readonly existing: KubeObject | undefined;
  readonly before: readonly PolicyForm[];
}

/** Fields that are merged into what is there are not followed: a changed selector is neither the old nor the new one. */
function formsWith(step: Step, { ref, existing, before }: Before): readonly PolicyForm[] | undefined {
  const fields = SELECTING.get(ref.kind);
  if (fields === undefined) return undefined;
  switch (step.step) {
    case 'apply': {
      const { manifest, whole } = step;
      if (existing === undefined) return [written(manifest)];
      if (whole !== undefined) return [...before, written(manifest)];
      return fields.every((field) => sameValue(at(manifest.spec, field), at(existing.spec, field)))
        ? before
        : undefined;
    }
    case 'patch': {
      const spec = asObject(step.patch['spec']);
      const isKept = step.patch['spec'] === undefined || spec !== undefined;
      return isKept && fields.every((field) => spec?.[field] === undefined) ? before : undefined;
    }
    case 'delete':
      return before;
    case 'restart':
    case 'external':
      return undefined;
  }
}
