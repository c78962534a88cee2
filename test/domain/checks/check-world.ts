import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseYaml, readYaml } from '../../../src/adapters/yaml/read.ts';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import type { CheckContext } from '../../../src/domain/checks/check.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { admit } from '../../../src/domain/world/admit.ts';
import { unknown } from '../../../src/domain/world/fact.ts';
import { foldPods } from '../../../src/domain/world/fold-pods.ts';
import { makeWorld } from '../../../src/domain/world/object-world.ts';
import type { World, WorldFacts } from '../../../src/domain/world/world.ts';
import { asObject } from '../../../src/lib/json.ts';

export const FIXTURES = path.resolve(import.meta.dirname, '../../checks');

/** A fixture: the file's name says what must come of it. */
export interface Fixture {
  readonly check: string;
  readonly outcome: 'pass' | 'fail' | 'not-assessed';
  readonly name: string;
  readonly world: World;
}

/** All fixtures, or those of one check, sorted by name. */
export function fixtures(check?: string): readonly Fixture[] {
  const folders = check === undefined ? readdirSync(FIXTURES).sort() : [check];
  return folders.flatMap((folder) =>
    readdirSync(path.join(FIXTURES, folder))
      .sort()
      .map((file): Fixture => {
        const outcome = /^(pass|fail|not-assessed)\.[a-z0-9-]+\.yaml$/.exec(file)?.[1];
        if (outcome === undefined) throw new Error(`${folder}/${file} is no fixture name`);
        const world = worldOfYaml(readFileSync(path.join(FIXTURES, folder, file), 'utf8'));
        return { check: folder, outcome: outcome as Fixture['outcome'], name: `${folder}/${file}`, world };
      }),
  );
}

/** A declared world of the documents in the text; objects without a namespace are in `default`. */
export function worldOfYaml(text: string, facts: Partial<WorldFacts> = {}): World {
  const objects = [...readYaml(text)].flatMap((document): KubeObject[] => {
    if ('error' in document) throw new Error(`line ${String(document.line)}: ${document.error.message}`);
    const raw = asObject(document.value);
    const admitted = raw === undefined ? undefined : admit(raw, { from: 'read' }, parseYaml);
    return admitted !== undefined && 'object' in admitted ? [admitted.object] : [];
  });
  const none = unknown('not given');
  const coverage = { basis: 'declared', entries: [] } as const;
  const all: WorldFacts = { coverage, cluster: 'test', asOf: none, kubernetesVersion: none, ...facts };
  return makeWorld(all, foldPods(objects));
}

/** The world with the calls that its objects tell of, on the way to Istio sidecars. */
export function contextOf(world: World): CheckContext {
  return { world, graph: buildCallGraph(world, []), target: 'istio-sidecar' };
}
