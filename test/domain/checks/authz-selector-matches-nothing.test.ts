import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runChecks } from '../../../src/domain/checks/run-checks.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { contextOf, FIXTURES, worldOfYaml } from './check-world.ts';

const ID = 'authz-selector-matches-nothing';

it('does not say that nobody enforces a policy where only pods were read, and what comes after them is not known', () => {
  const text = readFileSync(path.join(FIXTURES, ID, 'not-assessed.pods-without-their-controller.yaml'), 'utf8');
  const read = [KIND.pod, KIND.authorizationPolicy].map((kind) => ({ kind, state: 'read', objects: 1 }) as const);
  const world = worldOfYaml(text, { coverage: { basis: 'dump', entries: read } });
  const report = runChecks(contextOf(world), { checks: [ID] });
  expect(report.findings).toEqual([]);
  expect(report.notAssessed.map(({ reason }) => reason)).toEqual([
    'which policies attach to shop/ReplicaSet/web-7d9c is not known',
  ]);
});
