import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, namesImported, reachableFrom } from './import-graph.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const SRC = resolve(ROOT, 'src');

/**
 * Rules that cases check and no command asks yet, each with what it waits for. A rule that a command reaches must
 * leave this list.
 */
const WAITING: Readonly<Record<string, string>> = {
  'domain/mesh/istio/destination-rule/interplay.ts#interplay': 'a fact that an application serves TLS',
  'domain/mesh/linkerd/protocol/client-protocol.ts#isDefinedPort': 'calls to ports that no Service defines',
  'domain/mesh/linkerd/protocol/client-protocol.ts#isOpaqueByChart': 'addresses outside the cluster',
  'domain/mesh/linkerd/protocol/egress-network.ts#egressAllowed': 'addresses outside the cluster',
  'domain/mesh/linkerd/protocol/egress-network.ts#egressNetworkFor': 'addresses outside the cluster',
  'domain/mesh/linkerd/protocol/mesh-wire.ts#whyNotDelivered': 'where an application listens',
};

const reached = reachableFrom(filesBelow(resolve(SRC, 'commands')));
const runner = reachableFrom([resolve(import.meta.dirname, 'main.ts')]);

/** The functions of the product that the runner calls, as `path#name`. */
function functionsUsed(): readonly string[] {
  const used = [...runner]
    .filter((file) => !file.startsWith(SRC))
    .flatMap((file) =>
      [...namesImported(file)].flatMap(([module, names]) =>
        module.startsWith(SRC) ? names.map((name) => `${relative(SRC, module)}#${name}`) : [],
      ),
    );
  return [...new Set(used)].sort();
}

/** Whether code that some command runs calls the function: another module, or its own beyond the definition. */
function isReached(used: string): boolean {
  const [path = '', name = ''] = used.split('#');
  const own = resolve(SRC, path);
  if (!reached.has(own)) return false;
  const word = new RegExp(`\\b${name}\\b`, 'g');
  const code = (file: string): string => readFileSync(file, 'utf8').replace(/^\s*(\*|\/\/|\/\*\*).*$/gm, '');
  const elsewhere = [...reached].some((file) => file !== own && word.test(code(file)));
  return elsewhere || (code(own).match(word)?.length ?? 0) > 1;
}

describe('the truth-table runner', () => {
  test('calls only functions that some command reaches, or that are known to wait', () => {
    expect(functionsUsed().length).toBeGreaterThan(10);
    expect(functionsUsed().filter((used) => !isReached(used))).toEqual(Object.keys(WAITING).sort());
  });
});
