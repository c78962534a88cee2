import { asObject, asObjects, asText, type JsonObject } from '../../../lib/json.ts';

/** Calls files with numbers for their paths, which tell people and customers: `calls-1`, and `calls-1:12` for a row. */
export function numberSources(files: readonly unknown[]): readonly JsonObject[] {
  return files.map((value, index) => {
    const file = asObject(value) ?? {};
    const rows = asObjects(file['rows']);
    const name = `calls-${String(index + 1)}`;
    return { ...file, source: name, rows: rows.map((row) => ({ ...row, source: name + lineOf(row) })) };
  });
}

function lineOf(row: JsonObject): string {
  return /:\d+$/.exec(asText(row['source']) ?? '')?.[0] ?? '';
}
