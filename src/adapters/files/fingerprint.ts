import { createHash } from 'node:crypto';
import type { CallsFile } from '../../domain/calls/call.ts';
import { keyOf, refOf, type KubeObject } from '../../domain/kubernetes/object.ts';
import { compareText } from '../../lib/order.ts';

/**
 * SHA-256 over objects and observed calls, as hexadecimal text: equal for the same content in whatever order and from
 * whatever source it was read.
 */
export function fingerprintOf(objects: readonly KubeObject[], calls: readonly CallsFile[]): string {
  const hash = createHash('sha256');
  for (const line of objects.map(lineOf).sort(compareText)) hash.update(line);
  for (const { rows } of calls) for (const { source: _source, ...row } of rows) hash.update(JSON.stringify(row));
  return hash.digest('hex');
}

function lineOf(object: KubeObject): string {
  const { origin: _origin, ...content } = object;
  return `${keyOf(refOf(object))} ${JSON.stringify(content)}\n`;
}
