import type { KubeObject } from '../../../kubernetes/object.ts';
import { compareText } from '../../../../lib/order.ts';

/**
 * How old an object is among others: `created` with its time in milliseconds; `unknown` for objects that exist (or may)
 * but whose creation time was not read; `new` for objects that are yet to be created, younger than all others.
 */
export type Age =
  { readonly age: 'created'; readonly at: number } | { readonly age: 'unknown' } | { readonly age: 'new' };

/** What the order of creation looks at. */
export interface Aged {
  readonly name: string;
  readonly namespace: string;
  readonly age: Age;
}

/** The age of an object. A creation time that cannot be parsed is unknown. */
export function ageOf(object: Pick<KubeObject, 'metadata' | 'origin'>): Age {
  const { creationTimestamp } = object.metadata;
  const at = creationTimestamp === undefined ? Number.NaN : Date.parse(creationTimestamp);
  if (!Number.isNaN(at)) return { age: 'created', at: Math.floor(at / 1000) * 1000 };
  return object.origin.from === 'read' ? { age: 'unknown' } : { age: 'new' };
}

/**
 * The objects that may come first when Istio sorts by creation time, name and namespace; the first one is the best
 * guess. One where the order is certain; more where objects without a creation time compete; none for none. Kubernetes
 * keeps whole seconds, so objects of one `kubectl apply` normally tie.
 * Source: istio pilot/pkg/model/config.go#sortConfigByCreationTime.
 */
export function possiblyOldest<T extends Aged>(objects: readonly T[]): readonly T[] {
  const sorted = [...objects].sort(compareCreation);
  const undated = sorted.filter(({ age }) => age.age === 'unknown');
  const dated = sorted.find(({ age }) => age.age === 'created');
  const existing = dated === undefined ? undated : [dated, ...undated];
  return existing.length > 0 ? [...existing].sort(byName) : sorted.slice(0, 1);
}

function compareCreation(left: Aged, right: Aged): number {
  return rank(left.age) - rank(right.age) || time(left.age) - time(right.age) || byName(left, right);
}

function byName(left: Aged, right: Aged): number {
  return compareText(left.name, right.name) || compareText(left.namespace, right.namespace);
}

function rank({ age }: Age): number {
  return age === 'new' ? 1 : 0;
}

function time(age: Age): number {
  return age.age === 'created' ? age.at : 0;
}
