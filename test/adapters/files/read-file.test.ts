import { describe, expect, it } from 'vitest';
import { readFileContent } from '../../../src/adapters/files/read-file.ts';

const TEXT = 'kind: Größe\n';

function bigEndian(text: string): Uint8Array {
  return Buffer.from(text, 'utf16le').swap16();
}

describe('readFileContent', () => {
  it.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['UTF-16, big end first', bigEndian(`\ufeff${TEXT}`)],
  ])('reads %s', (_name, content) => {
    expect([...readFileContent('a.yaml', content)]).toEqual([{ line: 1, value: { kind: 'Größe' }, warnings: [] }]);
  });

  it('says how to make a manifest of another encoding readable', () => {
    expect([...readFileContent('a.yaml', Buffer.from(TEXT, 'latin1'))]).toEqual([
      { setAside: { file: 'a.yaml', code: 'binary', reason: 'neither UTF-8 nor UTF-16: convert it to UTF-8' } },
    ]);
  });
});
