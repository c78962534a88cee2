import { openWorld, type OpenedWorld } from '../../src/app/open-world.ts';
import { wireSources } from '../../src/wiring.ts';
import type { WorldFlags } from '../../src/world-flags.ts';

/** The world that a command with these flags would open. */
export async function openFiles(flags: Partial<WorldFlags>): Promise<OpenedWorld> {
  const sources = wireSources(
    { demo: false, 'request-timeout': 30, qps: 5, window: '7d', 'namespace-for-unset': 'default', ...flags },
    {
      signal: () => new AbortController().signal,
      release: () => undefined,
      progress: () => undefined,
      version: 'test',
    },
  );
  return await openWorld(sources);
}
