import type { AppError } from '../../lib/errors.ts';
import { usageError } from '../../lib/errors.ts';
import { groupBy } from '../../lib/order.ts';
import type { Reading } from './reading.ts';
import { formatSetAside } from './reading.ts';

const SHOWN = 3;

/** The error for paths that hold no object: what was there instead, and what to give. */
export function nothingFound(paths: readonly string[], reading: Reading): AppError {
  const where = paths.join(', ');
  const { setAside, files, secretsSeen } = reading;
  if (files === 0 && setAside.length === 0 && !paths.includes('-')) {
    return usageError(
      'no-files',
      `no .yaml, .yml, .json or snapshot file in ${where}`,
      'give manifests, a cluster dump or a snapshot with -f',
    );
  }
  const counts = [...groupBy(setAside, ({ code }) => code)].map(
    ([code, entries]) => `${String(entries.length)} ${code}`,
  );
  const seen = [...counts, ...(secretsSeen === 0 ? [] : [`${String(secretsSeen)} Secrets, which are never read`])];
  return usageError(
    'no-kubernetes-objects',
    `no Kubernetes objects in ${where}${seen.length === 0 ? '' : ` (${seen.join(', ')})`}`,
    ...setAside.slice(0, SHOWN).map(formatSetAside),
    'give manifests, a cluster dump or a snapshot with -f',
  );
}
