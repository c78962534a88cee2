import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asObjects, asText, at } from '../../src/lib/json.ts';

const root = path.resolve(import.meta.dirname, '../..');
const rules = asObjects(at(createRequire(import.meta.url)(path.join(root, '.dependency-cruiser.cjs')), 'forbidden'));

/** For each rule an import that it must refuse: the file, and what that file imports. */
const planted: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['lib-is-the-floor', 'src/lib/a.ts', 'node:fs'],
  ['domain-is-pure', 'src/domain/world/a.ts', 'node:crypto'],
  ['domain-is-pure', 'src/domain/world/b.ts', 'zod'],
  ['domain-is-pure', 'src/domain/world/c.ts', '../../render/target.ts'],
  ['domain-order-kubernetes', 'src/domain/kubernetes/a.ts', '../world/target.ts'],
  ['domain-order-world', 'src/domain/world/d.ts', '../inventory/target.ts'],
  ['domain-order-mesh', 'src/domain/mesh/a.ts', '../calls/target.ts'],
  ['domain-order-calls', 'src/domain/calls/a.ts', '../inventory/target.ts'],
  ['domain-order-inventory', 'src/domain/inventory/a.ts', '../simulate/target.ts'],
  ['domain-order-simulate', 'src/domain/simulate/a.ts', '../checks/target.ts'],
  ['domain-order-checks', 'src/domain/checks/a.ts', '../decide/target.ts'],
  ['domain-order-decide', 'src/domain/decide/a.ts', '../rollout/target.ts'],
  ['meshes-do-not-know-each-other', 'src/domain/mesh/istio/a.ts', '../linkerd/target.ts'],
  ['rollouts-of-linkerd-and-istio-do-not-know-each-other', 'src/domain/rollout/linkerd/a.ts', '../istio/target.ts'],
  ['recognition-knows-no-mesh', 'src/domain/mesh/recognised/a.ts', '../istio/target.ts'],
  ['checks-do-not-know-each-other', 'src/domain/checks/protocol/a.ts', './target.ts'],
  ['app-sees-ports-not-adapters', 'src/app/a.ts', '../adapters/kube/target.ts'],
  ['app-does-no-io', 'src/app/b.ts', 'node:fs'],
  ['adapters-stay-apart', 'src/adapters/files/a.ts', '../kube/target.ts'],
  ['yaml-stands-alone', 'src/adapters/yaml/a.ts', '../kube/target.ts'],
  ['adapters-face-the-domain', 'src/adapters/kube/a.ts', '../../render/target.ts'],
  ['render-does-no-io', 'src/render/a.ts', 'node:fs'],
  ['schema-describes-contracts', 'src/schema/a.ts', '../render/target.ts'],
  ['commands-go-through-wiring', 'src/commands/a.ts', '../adapters/kube/target.ts'],
  ['commands-are-the-top', 'src/wiring.ts', './commands/target.ts'],
  ['k8s-client-in-one-place', 'src/adapters/files/b.ts', '@kubernetes/client-node'],
  ['yaml-in-one-place', 'src/adapters/files/c.ts', 'yaml'],
  ['templates-in-one-place', 'src/adapters/files/d.ts', 'handlebars'],
  ['no-circular', 'src/domain/calls/circle.ts', './circle.ts'],
  ['not-to-dev-dep', 'src/adapters/files/e.ts', 'vitest'],
  ['not-to-test', 'src/adapters/files/f.ts', '../../../test/target.ts'],
  ['resolvable', 'src/adapters/files/g.ts', './missing.ts'],
  ['no-orphans', 'src/domain/calls/orphan.ts', ''],
];

/** Imports at the edge of a rule that must stay allowed. */
const allowed: readonly (readonly [file: string, imported: string])[] = [
  ['src/domain/mesh/registry.ts', './istio/target.ts'],
  ['src/domain/checks/catalogue.ts', './protocol/target.ts'],
  ['src/domain/rollout/x.ts', '../world/target.ts'],
  ['src/adapters/files/x.ts', '../yaml/target.ts'],
  ['src/adapters/kube/x.ts', '@kubernetes/client-node'],
  ['src/adapters/yaml/x.ts', 'yaml'],
  ['src/render/x.ts', 'ansis'],
  ['src/commands/x.ts', '../wiring.ts'],
  ['src/app/x.ts', '../domain/world/target.ts'],
];

const packages = ['zod', 'yaml', 'handlebars', 'ansis', '@kubernetes/client-node', 'vitest'];

let folder = '';
let found: ReadonlySet<string> = new Set();

function write(file: string, content: string): void {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
}

function plant(file: string, imported: string): void {
  write(file, imported === '' ? 'export {};\n' : `import '${imported}';\n`);
  if (!/^\.+\//.test(imported) || imported.includes('missing')) return;
  const target = path.join(path.dirname(file), imported);
  if (target !== file && imported.includes('target')) write(target, 'export {};\n');
}

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'meshwise-rules-'));
  for (const name of packages) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  const dependencies = Object.fromEntries(packages.filter((name) => name !== 'vitest').map((name) => [name, '1.0.0']));
  write('package.json', JSON.stringify({ type: 'module', dependencies, devDependencies: { vitest: '1.0.0' } }));
  write('tsconfig.json', '{}');
  for (const [, file, imported] of planted) plant(file, imported);
  for (const [file, imported] of allowed) plant(file, imported);
  found = cruise();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The violations as "rule file". */
function cruise(): ReadonlySet<string> {
  const program = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = path.join(root, '.dependency-cruiser.cjs');
  const args = [program, 'src', '--config', config, '--output-type', 'json'];
  let output: string;
  try {
    output = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  } catch (error) {
    // Its exit status is the number of violations.
    output = asText(at(error, 'stdout')) ?? '';
  }
  const violations = asObjects(at(JSON.parse(output), 'summary', 'violations'));
  return new Set(violations.map((each) => `${String(at(each, 'rule', 'name'))} ${String(each['from'])}`));
}

describe('the dependency rules', () => {
  it.each(planted)('%s refuses that %s imports "%s"', (rule, file) => {
    expect([...found]).toContain(`${rule} ${file}`);
  });

  it.each(allowed)('%s may import %s', (file) => {
    expect(
      [...found].filter((violation) => violation.endsWith(` ${file}`) && !violation.startsWith('no-orphans')),
    ).toEqual([]);
  });

  it('each has a sentence that says why and a planted import that it refuses', () => {
    for (const rule of rules) {
      expect(asText(rule['comment'])).toMatch(/^\S+ .{20,}\.$/);
      expect(planted.map(([name]) => name)).toContain(rule['name']);
    }
  });
});
