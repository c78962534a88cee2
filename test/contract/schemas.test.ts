import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { jsonSchemaOf } from '../../src/schema/json-schema.ts';
import { schemaKinds } from '../../src/schema/kinds.ts';

const folder = path.resolve(import.meta.dirname, '../../schemas');
const files = schemaKinds().map((kind) => ({ kind, file: `${kebab(kind)}.schema.json` }));

function kebab(kind: string): string {
  return kind.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();
}

describe('the committed JSON Schemas', () => {
  it.each(files)('$file is what the code says of $kind (UPDATE=1 writes it)', ({ kind, file }) => {
    const text = `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`;
    const place = path.join(folder, file);
    if (process.env['UPDATE'] === '1') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(place, text);
    }
    expect(readFileSync(place, 'utf8')).toBe(text);
  });

  it('are all there is in schemas/', () => {
    expect(readdirSync(folder).sort()).toEqual(files.map(({ file }) => file).sort());
  });
});
