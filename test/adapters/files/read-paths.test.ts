import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { readPaths } from '../../../src/adapters/files/read-paths.ts';
import type { Reading } from '../../../src/adapters/files/reading.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meshwise-'));
});

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function read(...paths: string[]): Promise<Reading> {
  return readPaths(paths.length === 0 ? [root] : paths, { namespaceForUnset: 'default' });
}

const service = (name: string, port = 80, namespace?: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [{ port }] } });
const pod = (name: string, namespace: string): object => ({
  metadata: { name, namespace, uid: name },
  spec: { containers: [{ name: 'a', image: 'b' }] },
});
const codes = (reading: Reading): string[] => reading.setAside.map(({ code }) => code).sort();
const names = (reading: Reading): string[] =>
  reading.objects.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);

describe('readPaths', () => {
  it('reads what it can of a directory and names the rest with its reason', async () => {
    put('a.yaml', `${service('a')}\n---\n{{ if x }}\n---\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\n`);
    put('b/broken.yaml', 'a: [\n');
    put('b/binary.yaml', new Uint8Array([0, 1, 2]));
    put('b/latin.yaml', new Uint8Array([0x61, 0x3a, 0xe9]));
    put('b/values.yaml', 'replicas: 1\n');
    put('b/nokind.json', '{"metadata":{"name":"x"}}');
    put('b/patch.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 2}\n');
    put('b/bad.json', '{"a": 1,}');
    put('.hidden/c.yaml', service('hidden'));
    put('note.txt', 'x');
    const reading = await read();
    expect(names(reading)).toEqual(['default/a']);
    expect(codes(reading)).toEqual([
      'binary',
      'binary',
      'no-kind',
      'not-json',
      'not-kubernetes',
      'not-yaml',
      'patch',
      'template',
    ]);
    expect(reading.gaps).toHaveLength(7);
    expect(reading.gaps[0]).toMatch(/^.*a\.yaml:3: an unrendered template/);
    expect(reading).toMatchObject({ basis: 'declared', secretsSeen: 1, conflicts: 0 });
  });

  it('uses the last of two different objects in path order and names both places', async () => {
    put('1.yaml', service('a', 80));
    put('2.yaml', `${service('a', 81)}\n---\n${service('a', 81)}`);
    const reading = await read();
    expect(reading.objects.map(({ spec }) => spec)).toEqual([{ ports: [{ port: 81 }] }]);
    expect(reading.conflicts).toBe(1);
    expect(reading.warnings[0]).toMatch(/Service default\/a is in .*1\.yaml:1 and, different, in .*2\.yaml:1/);
  });

  it('reads a kustomization as its resources, inside the root only, and says what was not built', async () => {
    put(
      'app/kustomization.yaml',
      'resources: [svc.yaml, ../base, ../../outside.yaml, "https://x.io/y"]\npatches: [{path: p.yaml}]\n',
    );
    put('app/svc.yaml', service('svc'));
    put('app/unlisted.yaml', service('unlisted'));
    put('base/b.yaml', service('base'));
    const reading = await read();
    expect(names(reading)).toEqual(['default/svc', 'default/base']);
    expect(reading.gaps.join('\n')).toMatch(/kustomization not built \(patches, remote resource https:\/\/x\.io\/y\)/);
    expect(reading.gaps.join('\n')).toMatch(/outside\.yaml lies outside/);
  });

  it('follows links inside the root only, and does not run in circles', async () => {
    put('a/x.yaml', service('x'));
    symlinkSync(join(root, 'a'), join(root, 'a', 'loop'));
    symlinkSync('/etc', join(root, 'etc'));
    symlinkSync('self', join(root, 'self'));
    const reading = await read();
    expect(names(reading)).toEqual(['default/x']);
    expect(codes(reading)).toEqual(['link', 'unreadable']);
  });

  it('leaves a rollout bundle to --plan', async () => {
    put('rollout/plan.json', '{"apiVersion":"meshwise.dev/v1alpha1","kind":"RolloutPlan"}');
    put('rollout/a.yaml', service('planned'));
    put('b.yaml', service('b'));
    const reading = await read();
    expect(names(reading)).toEqual(['default/b']);
    expect(codes(reading)).toEqual(['bundle']);
  });

  it('takes a list over several namespaces as complete, and one of a single namespace for that one', async () => {
    put('pods.json', JSON.stringify({ kind: 'PodList', apiVersion: 'v1', items: [pod('a', 'n1'), pod('b', 'n2')] }));
    put(
      'policies.yaml',
      'apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ""}\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: {name: s, namespace: n1}\n',
    );
    put('loose.yaml', service('loose'));
    const reading = await read();
    expect(reading.basis).toBe('dump');
    expect(reading.coverage).toMatchObject([
      { kind: 'Pod', state: 'read', objects: 2 },
      { kind: 'Service', state: 'partial', reason: 'single objects, no list of them' },
      { kind: 'ServiceAccount', state: 'partial', namespaces: ['n1'] },
    ]);
  });

  it('reads a support bundle: kinds by folder, empty lists, version', async () => {
    const at = 'bundle/cluster-resources';
    put(
      `${at}/namespaces.json`,
      JSON.stringify({ items: [{ metadata: { name: 'n1' } }, { metadata: { name: 'n2' } }] }),
    );
    put(`${at}/pods/n1.json`, JSON.stringify([pod('a', 'n1')]));
    put(`${at}/pods/n2.json`, JSON.stringify({ kind: 'PodList', apiVersion: 'v1', items: [] }));
    put(`${at}/services/n1.json`, JSON.stringify({ kind: 'ServiceList', apiVersion: 'v1', items: [] }));
    put('bundle/cluster-info/cluster_version.json', '{"info":{"gitVersion":"v1.30.1"}}');
    const reading = await read();
    expect(names(reading)).toEqual(['/n1', '/n2', 'n1/a']);
    expect(reading.kubernetesVersion).toEqual({ known: true, value: 'v1.30.1' });
    expect(reading.coverage).toMatchObject([
      { kind: 'Namespace', state: 'read' },
      { kind: 'Pod', state: 'read', objects: 1 },
      { kind: 'Service', state: 'partial', namespaces: ['n1'] },
    ]);
  });

  it('takes lists of one namespace for all there is where somebody vouches for them', async () => {
    put('pods.json', JSON.stringify({ kind: 'PodList', apiVersion: 'v1', items: [pod('a', 'n1')] }));
    put('quotas.json', JSON.stringify({ kind: 'ResourceQuotaList', apiVersion: 'v1', items: [] }));
    put('services.yaml', service('a', 80, 'n1'));
    const states = async (wholeLists: boolean) => {
      const { coverage } = await readPaths([root], { namespaceForUnset: 'default', wholeLists });
      return coverage.map(({ kind, state }) => `${kind} ${state}`);
    };
    expect(await states(false)).toEqual(['Pod partial', 'ResourceQuota partial', 'Service partial']);
    expect(await states(true)).toEqual(['Pod read', 'ResourceQuota read', 'Service partial']);
  });

  it('takes no page that others follow for the whole list, whoever vouches for it', async () => {
    const page = (items: readonly object[], next?: string): string =>
      JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { continue: next }, items });
    put('1.json', page([pod('a', 'n1'), pod('b', 'n2')], 'token'));
    const options = { namespaceForUnset: 'default', wholeLists: true };
    expect((await readPaths([root], options)).coverage).toMatchObject([{ kind: 'Pod', state: 'partial' }]);
    put('2.json', page([pod('c', 'n3')]));
    expect((await readPaths([root], options)).coverage).toMatchObject([{ kind: 'Pod', state: 'read' }]);
    expect((await read()).coverage).toMatchObject([{ kind: 'Pod', state: 'partial' }]);
  });

  it('sets a document aside that is nested without end, and reads the others', async () => {
    const deep = `{"apiVersion":"v1","kind":"EnvoyFilter","metadata":{"name":"x"},"spec":${'['.repeat(9000)}${']'.repeat(9000)}}`;
    put('a.json', deep);
    put('b.yaml', service('b'));
    const reading = await read();
    expect(names(reading)).toEqual(['default/b']);
    expect(reading.setAside).toMatchObject([{ code: 'invalid', reason: expect.stringMatching(/nested/) as string }]);
  });

  it('takes a handwritten List as manifests, not as a dump', async () => {
    put('l.yaml', `apiVersion: v1\nkind: List\nitems:\n- ${service('a')}\n`);
    expect((await read()).basis).toBe('declared');
  });

  it('asks the definition of a custom kind whether it has namespaces', async () => {
    const custom = (kind: string): string => `apiVersion: x.io/v1\nkind: ${kind}\nmetadata: {name: a}\n`;
    const crd = (kind: string, scope: string): string =>
      `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ${kind}.x.io}\nspec: {group: x.io, scope: ${scope}, names: {kind: ${kind}}}\n`;
    put(
      'a.yaml',
      [custom('Wide'), custom('Narrow'), crd('Wide', 'Cluster'), crd('Narrow', 'Namespaced')].join('---\n'),
    );
    expect(names(await read())).toEqual(['/a', 'default/a', '/Wide.x.io', '/Narrow.x.io']);
  });

  it('reads standard input', async () => {
    const options = { namespaceForUnset: 'shop', stdin: Readable.from([service('a'), '\n', service('b')]) };
    expect(names(await readPaths(['-'], options))).toEqual(['shop/a', 'shop/b']);
  });

  it('says what was there when nothing can be used', async () => {
    await expect(read(join(root, 'none'))).rejects.toMatchObject({ code: 'path-not-found', exitStatus: 2 });
    await expect(read()).rejects.toMatchObject({ code: 'no-files', exitStatus: 2 });
    put('values.yaml', 'a: 1\n');
    await expect(read()).rejects.toMatchObject({ code: 'no-kubernetes-objects', exitStatus: 2 });
    await expect(read()).rejects.toThrow('1 not-kubernetes');
  });
});
