import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { dataPlaneOf, MESHES } from '../../../../src/domain/mesh/registry.ts';
import { factsOf, withBuckets } from '../../../../src/domain/world/object-world.ts';
import { cohortsOf } from '../../../../src/domain/world/workload.ts';
import { workloadsOf } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, worldFrom } from '../../../support/build-world.ts';
import {
  APP_MESH_CONTROLLER,
  APP_MESH_ENVOY,
  carrying,
  consulInstalled,
  controller,
  DATAPLANE,
  definition,
  SHOP,
} from './foreign-world.ts';

const PROXIED = [carrying('cart', { containers: [APP_MESH_ENVOY] }), carrying('till', { containers: [DATAPLANE] })];
const RICH: readonly JsonObject[] = [
  SHOP,
  ...PROXIED,
  APP_MESH_CONTROLLER,
  definition('meshes', 'kuma.io', 'Mesh'),
  ...consulInstalled(),
  controller('shop', 'plain', { name: 'app', image: 'a/b:1' }),
];
const WORLDS = [worldFrom([SHOP]), worldFrom(RICH), worldFrom([SHOP, namespace('x', { 'mtls-enabled': 'true' })])];

describe('what was not read', () => {
  test('never makes a mesh absent whose state was not known, nor clears pods', () => {
    const kinds = fc.uniqueArray(fc.constantFrom(...Object.values(KIND)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...WORLDS), kinds, fc.constantFrom(...Object.values(KIND)), (world, unread, more) => {
        const [before, after] = [hiding(world, unread), hiding(world, [...unread, more])];
        for (const mesh of MESHES) {
          if (mesh.id === 'istio' || mesh.id === 'linkerd') continue;
          if (mesh.detect(before).state !== 'absent') expect(mesh.detect(after).state).not.toBe('absent');
        }
        for (const workload of workloadsOf(after)) {
          for (const cohort of cohortsOf(workload)) {
            const same = workloadsOf(before).find(
              (each) => each.name === workload.name && each.namespace === workload.namespace,
            );
            const was = cohortsOf(same ?? workload).find(({ id }) => id === cohort.id);
            if (same === undefined || was === undefined) continue;
            const wasMeshed = dataPlaneOf(same, was, before).mesh !== undefined;
            if (wasMeshed) expect(dataPlaneOf(workload, cohort, after).mesh).toBeDefined();
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** The world with kinds marked unread; what was read of them stays out. */
function hiding(world: World, kinds: readonly string[]): World {
  const entries = world.coverage.entries.map((entry) =>
    kinds.includes(entry.kind) ? { ...entry, state: 'unread' as const, objects: 0 } : entry,
  );
  const replaced = new Map(
    kinds.map(
      (kind) =>
        [
          kind,
          new Map(
            [...new Set(world.list(kind).objects.map(({ metadata }) => metadata.namespace ?? ''))].map((name) => [
              name,
              [],
            ]),
          ),
        ] as const,
    ),
  );
  return withBuckets(world, replaced, { ...factsOf(world), coverage: { ...world.coverage, entries } });
}
