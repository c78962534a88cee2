import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { KEPT_KEYS } from '../../../../src/domain/world/hide-names/kept-words.ts';
import { pseudonymsFor } from '../../../../src/domain/world/hide-names/pseudonyms.ts';
import { renameText, wordsIn } from '../../../../src/domain/world/hide-names/rename-text.ts';

const DOMAIN = join(import.meta.dirname, '../../../../src/domain');
/** Where rules read worlds. */
const READERS = ['calls', 'checks', 'mesh', 'simulate', 'world'];
/** The names of Linkerd's annotations after `config.linkerd.io/`: where a domain stays, so does the rest. */
const KEYS_OF_A_DOMAIN = 'inheritance.ts';
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** What is compared by these is the name of something in a cluster. */
const NAMED = /\b(name|component|hostname|image|owner|app)(\?)?$|\b(labels|annotations)(\?\.)?\[[^\]]+\]$/i;
const COMPARING = new Set(['startsWith', 'endsWith']);

/** Words of our own, keys of settings, and protocols, which hiding does not touch where they stand. */
const OTHERS = new Set([
  ...['grpc-web', 'ip', 'contested', 'installed-unused', 'node-to-node', 'per-connection', 'mutual-own'],
  ...['value-not-kept', 'progressive-delivery', 'policy-engine', 'inbound-ports-to-ignore', 'outbound-ports-to-ignore'],
  ...['bpf-lb-sock-hostns-only', 'kube-proxy-replacement', 'cni-exclusive', 'encrypt-node'],
  ...['enable-encryption-strict-mode', 'enable-encryption-strict-mode-egress', 'enable-encryption-strict-mode-ingress'],
  ...['mesh-auth-enabled', 'mesh-auth-mutual-enabled', 'meshwise-stranger'],
]);

interface Constant {
  readonly text: string;
  readonly file: string;
}

function filesOf(folder: string): readonly string[] {
  const entries = readdirSync(join(DOMAIN, folder), { recursive: true, withFileTypes: true });
  // Labels of metrics are in no object; they are rows of calls before a snapshot is written.
  const isOfObjects = ({ parentPath }: { readonly parentPath: string }): boolean =>
    !parentPath.includes('hide-names') && !parentPath.endsWith(join('calls', 'metrics'));
  const files = entries.filter((entry) => entry.isFile() && isOfObjects(entry));
  return files.map((entry) => join(entry.parentPath, entry.name));
}

/** The constants of a file that stand where something of a cluster is compared with them. */
function comparedIn(file: string): readonly Constant[] {
  const found: Constant[] = [];
  const take = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && NAME.test(node.text)) found.push({ text: node.text, file });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && NAMED.test(node.left.getText())) take(node.right);
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      if (COMPARING.has(node.expression.name.text)) node.arguments.forEach(take);
    }
    if (ts.isVariableStatement(node) && node.parent === node.getSourceFile()) {
      const inside = (one: ts.Node): void => {
        if (ts.isStringLiteralLike(one) && one.text.includes('-')) take(one);
        if (!ts.isFunctionLike(one) && !ts.isTypeNode(one)) ts.forEachChild(one, inside);
      };
      inside(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ESNext, true));
  return found;
}

/** The name as a snapshot would show it, if all its words were names of that world. */
function hiddenName(name: string): string {
  const words = new Set(wordsIn(name));
  const pseudonym = pseudonymsFor({ naming: words, all: words, starts: new Set(), ends: new Set(), sorted: words });
  return renameText(name, pseudonym);
}

describe('names that rules know', () => {
  const constants = READERS.flatMap(filesOf).flatMap(comparedIn);

  it('are found in the rules', () => {
    const texts = new Set(constants.map(({ text }) => text));
    for (const name of ['linkerd-admin', 'proxyinit', 'xray-daemon', 'istio-proxy', 'discovery'])
      expect(texts).toContain(name);
  });

  it('stay as they are when names are hidden', () => {
    const isOther = ({ text, file }: Constant): boolean =>
      OTHERS.has(text) || file.endsWith(`/${text}.ts`) || file.endsWith(KEYS_OF_A_DOMAIN);
    const changed = constants.filter((one) => !isOther(one) && hiddenName(one.text) !== one.text);
    expect(changed.map(({ text, file }) => `${text} (${file.slice(DOMAIN.length + 1)})`)).toEqual([]);
  });

  it('include the keys of labels without a domain', () => {
    const key = /\b(?:labels|annotations|matchLabels)(?:\?\.)?\['([a-z0-9-]+)'\]/g;
    const keys = READERS.flatMap(filesOf).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(key)]);
    const names = [...new Set(keys.map(([, name = '']) => name))];
    expect(names).toContain('app');
    expect(names.filter((name) => !KEPT_KEYS.test(name))).toEqual([]);
  });
});
