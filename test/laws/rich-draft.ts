import fc from 'fast-check';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { object } from '../cases-runner/case-world.ts';

export const SPACES = ['red', 'blue', 'green'] as const;
export type Space = (typeof SPACES)[number];
export const APPS = ['web', 'api'] as const;
export type App = (typeof APPS)[number];

/** An object without its name, which the world gives it so that no two are one. */
export interface Draft {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: JsonObject;
  readonly fields?: JsonObject;
}

/** The object that a draft stands for, under a name of its own. */
export function written(draft: Draft, index: number): KubeObject {
  const { apiVersion, kind, name, ...parts } = draft;
  return object(apiVersion, kind, { ...parts, name: name ?? `${kind.toLowerCase()}-${String(index)}` });
}

/** Each object created a minute after the one before. */
export function aged(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.map((one, index) => {
    const minute = String(index % 60).padStart(2, '0');
    const hour = String(Math.floor(index / 60)).padStart(2, '0');
    return { ...one, metadata: { ...one.metadata, creationTimestamp: `2025-12-01T${hour}:${minute}:00Z` } };
  });
}

export const space = fc.constantFrom(...SPACES);
export const app = fc.constantFrom(...APPS);
/** One of the workloads' namespaces, or Istio's root namespace. */
export const anySpace = fc.constantFrom(...SPACES, 'istio-system' as const);

/** A selector for one app, or none. */
export const maybeSelector = fc
  .option(app, { nil: undefined })
  .map((name): JsonObject => (name === undefined ? {} : { selector: { matchLabels: { app: name } } }));

/** True once in so many times. */
export function rarely(times: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 1, max: times }).map((drawn) => drawn === times);
}
