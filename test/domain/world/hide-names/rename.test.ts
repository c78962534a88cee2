import { describe, expect, it } from 'vitest';
import { fc } from '@fast-check/vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { configMapNames } from '../../../../src/domain/world/named-config-maps.ts';
import { pseudonymsFor } from '../../../../src/domain/world/hide-names/pseudonyms.ts';
import { renamePort, renameText, wordsIn } from '../../../../src/domain/world/hide-names/rename-text.ts';

function renamer(texts: readonly string[], starts: readonly string[] = [], ends: readonly string[] = []) {
  const words = new Set(texts.flatMap(wordsIn));
  const all = new Set([...words, ...starts, ...ends]);
  const pseudonym = pseudonymsFor({ naming: words, all, starts: new Set(starts), ends: new Set(ends), sorted: words });
  return (text: string): string => renameText(text, pseudonym);
}

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}$/);

describe('pseudonyms', () => {
  it('are equal exactly where the names are', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 30 }), (names) => {
        const rename = renamer(names);
        expect(new Set(names.map(rename)).size).toBe(new Set(names).size);
      }),
    );
  });

  it('tell names apart that differ in case alone', () => {
    const names = ['myApp', 'myapp', 'MyApp', 'MYAPP', 'my-app', 'MyAPP'];
    expect(new Set(names.map(renamer(names))).size).toBe(names.length);
  });

  it('lie among themselves and among the words that stay as the names do', () => {
    const name = fc.oneof(label, fc.constantFrom('istio', 'istiod', 'allow-all', 'deny', 'deny-all', 'gateway', 'svc'));
    fc.assert(
      fc.property(fc.array(name, { minLength: 2, maxLength: 20 }), (names) => {
        const rename = renamer(names);
        const sorted = [...new Set(names)].sort();
        expect(sorted.map(rename).sort()).toEqual(sorted.map(rename));
      }),
    );
  });

  it('compose: a host is made of the pseudonyms of its parts', () => {
    fc.assert(
      fc.property(label, label, (service, namespace) => {
        const rename = renamer([service, namespace]);
        const host = `${service}.${namespace}.svc.cluster.local`;
        expect(rename(host)).toBe(`${rename(service)}.${rename(namespace)}.svc.cluster.local`);
        expect(rename(`cluster.local/ns/${namespace}/sa/${service}`)).toBe(
          `cluster.local/ns/${rename(namespace)}/sa/${rename(service)}`,
        );
        expect(rename(`${service}-0`)).toBe(`${rename(service)}-0`);
      }),
    );
  });

  it('meet a pattern exactly where the names meet it', () => {
    const fragment = fc.stringMatching(/^[fgqz]{1,3}$/);
    const name = fc.stringMatching(/^[fgqz]{2,6}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 12 }), fragment, fragment, (names, start, end) => {
        const rename = renamer(names, [start], [end]);
        for (const one of names) {
          expect(rename(one).startsWith(rename(start))).toBe(one.startsWith(start));
          expect(rename(one).endsWith(rename(end))).toBe(one.endsWith(end));
        }
      }),
    );
  });

  it('leave a pattern alone that meets a word which stays', () => {
    const rename = renamer(['istio', 'isthmus'], ['ist']);
    expect(rename('ist*')).toBe('ist*');
    expect(rename('isthmus')).toMatch(/^ist(?!hmus)/);
  });

  it('are the same for the same names, in whatever order they come', () => {
    const names = ['checkout', 'billing', 'parcels'];
    expect([...names].map(renamer([...names].reverse()))).toEqual(names.map(renamer(names)));
  });

  it('stand for no word that occurs in the world', () => {
    const rename = renamer(['bbb', 'bbc', 'zebra']);
    expect(['bbb', 'bbc']).not.toContain(rename('zebra'));
  });

  it('keep the case of variables', () => {
    const rename = renamer(['parcels']);
    expect(rename('PARCELS_ADDR')).toBe(`${rename('parcels').toUpperCase()}_ADDR`);
  });
});

describe('what stays', () => {
  const everything = renamer([...'kube-system istio-system'.split(' '), 'anything', 'web', 'cart']);

  const groups = Object.values(KIND).map((kind) => `${kind.slice(0, Math.max(0, kind.indexOf('/')))}/v1`);

  it.each([...new Set([...groups, ...configMapNames([])])])('%s', (text) => {
    expect(renamer([text])(text)).toBe(text);
  });

  it.each([
    'kube-system',
    'istio-system',
    'linkerd',
    'default',
    'istio-proxy',
    'istio-ingressgateway',
    'linkerd-destination',
    'istio-sidecar-injector',
    'redis',
    '10.0.0.1',
    'fe80::1',
    '1.29.2-distroless',
    'v1',
  ])('%s', (name) => {
    expect(renamer([name])(name)).toBe(name);
    expect(everything(name)).toBe(name);
  });

  it('is the protocol with which the name of a port begins', () => {
    const names = ['web', 'parcels'];
    const words = new Set(names);
    const pseudonym = pseudonymsFor({ naming: words, all: words, starts: new Set(), ends: new Set(), sorted: words });
    expect(renamePort('web', pseudonym)).toBe('web');
    expect(renamePort('tcp-mysql', pseudonym)).toBe('tcp-mysql');
    expect(renamePort('http-parcels', pseudonym)).toBe(`http-${renameText('parcels', pseudonym)}`);
  });
});
