import { KIND } from '../domain/kubernetes/kinds.ts';
import { kindOf, type Kind, type KubeObject } from '../domain/kubernetes/object.ts';
import type { CoverageEntry } from '../domain/world/coverage.ts';
import { known } from '../domain/world/fact.ts';
import { foldPods } from '../domain/world/fold-pods.ts';
import { makeWorld } from '../domain/world/object-world.ts';
import type { World } from '../domain/world/world.ts';
import { asText, at } from '../lib/json.ts';
import { compareBy } from '../lib/order.ts';
import type { WorldReading } from '../domain/world/world-reading.ts';

/** The world that a reading shows, pods folded; `time` stands in where the reading has none. */
export function buildWorld(reading: WorldReading, time: string | undefined): World {
  const asOf = time === undefined ? reading.asOf : known(time);
  return makeWorld(
    {
      coverage: { basis: reading.basis, entries: withUnnamedKinds(reading) },
      cluster: reading.cluster,
      asOf,
      kubernetesVersion: reading.kubernetesVersion,
    },
    foldPods(reading.objects),
  );
}

/**
 * Coverage with an entry for every kind that a rule names. Where all CustomResourceDefinitions were read, a custom kind
 * without one is not served, so there are none of it; any other kind that the input does not speak of is unread.
 */
function withUnnamedKinds({ coverage, objects, basis }: WorldReading): readonly CoverageEntry[] {
  if (basis === 'declared') return coverage;
  const definitions = coverage.find(({ kind }) => kind === KIND.customResourceDefinition);
  const served = definitions?.state === 'read' ? servedKinds(objects) : undefined;
  const named = new Set(coverage.map(({ kind }) => kind));
  const unnamed = Object.values(KIND)
    .filter((kind) => !named.has(kind))
    .map((kind): CoverageEntry => {
      const isAbsent = served !== undefined && isCustom(kind) && !served.has(kind);
      if (isAbsent) return { kind, state: 'absent', objects: 0, reason: 'the cluster has no definition of it' };
      return { kind, state: 'unread', objects: 0, reason: 'the input holds no list of it' };
    });
  return [...coverage, ...unnamed].sort(compareBy(({ kind }) => kind));
}

function servedKinds(objects: readonly KubeObject[]): ReadonlySet<Kind> {
  const definitions = objects.filter((object) => kindOf(object) === KIND.customResourceDefinition);
  return new Set(
    definitions.map(({ spec }) => `${asText(at(spec, 'group')) ?? ''}/${asText(at(spec, 'names', 'kind')) ?? ''}`),
  );
}

const BUILT_IN =
  /^(apps|batch|policy|autoscaling|discovery\.k8s\.io|networking\.k8s\.io|admissionregistration\.k8s\.io|apiextensions\.k8s\.io|apiregistration\.k8s\.io)\//;

function isCustom(kind: Kind): boolean {
  return kind.includes('/') && !BUILT_IN.test(kind);
}
