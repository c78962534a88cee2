import type { Kind, KubeObject, ObjectRef } from '../kubernetes/object.ts';
import type { Coverage } from './coverage.ts';
import type { Fact } from './fact.ts';

/**
 * Objects of one kind, sorted by namespace and name. The same array stands for the same content, so that what is
 * derived from it can be kept. `gap` says why there may be more; a resolver whose answer another object could change
 * must then answer unknown.
 */
export interface Listing {
  readonly objects: readonly KubeObject[];
  readonly gap: string | undefined;
}

/** What a reader found, before anything is derived from it. */
export interface WorldFacts {
  readonly coverage: Coverage;
  /** Name of the cluster, context or folder; part of every key so that several clusters fit later. */
  readonly cluster: string;
  /** When the world was read, RFC 3339. */
  readonly asOf: Fact<string>;
  /** Version of the API server, as `v1.34.2`. */
  readonly kubernetesVersion: Fact<string>;
}

/** A set of Kubernetes objects, with what could not be read. All that meshwise says is a function of one. */
export interface World extends WorldFacts {
  /** All objects of a kind. */
  list(kind: Kind): Listing;
  /** The objects of a kind in one namespace. */
  listIn(kind: Kind, namespace: string): Listing;
  /** One object, or undefined where the world does not hold it (ask the listing's gap before saying it is not there). */
  get(ref: ObjectRef): KubeObject | undefined;
  /** The kinds of which the world holds an object, sorted. */
  kinds(): readonly Kind[];
  /** Namespaces that have a Namespace object or hold an object, sorted. */
  namespaces(): readonly string[];
}
