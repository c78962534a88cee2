import { existsSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeTree } from '../../../src/adapters/files/write-tree.ts';

let root: string;
let target: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meshwise-'));
  target = join(root, 'rollout');
});

const FILES = new Map([
  ['README.md', 'hello'],
  ['010/a.yaml', 'a: 1\n'],
]);

describe('writeTree', () => {
  it('replaces its own folder whole, leaving nothing of the earlier one and no temporary folder', () => {
    writeTree(target, FILES);
    writeTree(target, new Map([['020/b.yaml', 'b: 2\n']]));
    expect(existsSync(join(target, '010'))).toBe(false);
    expect(readFileSync(join(target, '020/b.yaml'), 'utf8')).toBe('b: 2\n');
    expect(readdirSync(root)).toEqual(['rollout']);
  });

  it('touches nothing where somebody edited a file, and says which', () => {
    writeTree(target, FILES);
    writeFileSync(join(target, '010/a.yaml'), 'a: 2\n');
    expect(() => {
      writeTree(target, new Map([['x', 'y']]));
    }).toThrow('010/a.yaml (edited since)');
    expect(readFileSync(join(target, '010/a.yaml'), 'utf8')).toBe('a: 2\n');
    expect(existsSync(join(target, 'x'))).toBe(false);
  });

  it('touches nothing where there is a file or link that it did not write', () => {
    writeTree(target, FILES);
    symlinkSync('/etc/hostname', join(target, 'link'));
    expect(() => {
      writeTree(target, FILES);
    }).toThrow('link (not written by meshwise)');
  });

  it.runIf(existsSync('/proc/self'))('says that a folder cannot be made where the system lets nobody make one', () => {
    const write = (): void => {
      writeTree('/proc/meshwise/rollout', new Map([['a.yaml', 'a: 1']]));
    };
    expect(write).toThrow(/cannot write/);
  });

  it('never writes outside its folder', () => {
    expect(() => {
      writeTree(target, new Map([['../evil', 'x']]));
    }).toThrow('leaves its folder');
    expect(existsSync(join(root, 'evil'))).toBe(false);
  });
});
