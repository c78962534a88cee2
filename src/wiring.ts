import { fileURLToPath } from 'node:url';
import type { Sources, WorldSource } from './app/ports.ts';
import type { WorldReading } from './domain/world/world-reading.ts';
import { usageError } from './lib/errors.ts';
import { clusterSource } from './wiring-cluster.ts';
import { evidenceSource } from './wiring-evidence.ts';
import { renamed } from './wiring-renamed.ts';
import { snapshotSink } from './wiring-snapshot.ts';
import type { Surroundings } from './wiring-surroundings.ts';
import type { WorldFlags } from './world-flags.ts';

/** The folder of what ships beside the code. */
const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url));

/** The time at which the demo cluster was taken. */
const DEMO_TIME = '2026-11-16T09:00:00Z';

/** The version of its API server, as its nodes have it. */
const DEMO_VERSION = 'v1.34.2';

/** Picks the adapters that the flags ask for; each is loaded only when it is used. */
export function wireSources(flags: WorldFlags, surroundings: Surroundings): Sources {
  const files = flags.filename ?? [];
  if (flags.demo && (files.length > 0 || flags.context !== undefined || flags.as !== undefined)) {
    throw usageError(
      'demo-with-input',
      'the demo cluster is read by itself',
      'leave out --demo, or leave out -f and --context',
    );
  }
  if (files.length > 0 && flags.context !== undefined) {
    throw usageError(
      'two-inputs',
      'a world comes from files or from a cluster, not from both',
      'lay files over a cluster with --overlay',
    );
  }
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(flags['namespace-for-unset'])) {
    throw usageError('bad-namespace', '--namespace-for-unset is no name of a namespace', 'write it as shop');
  }
  if (flags.at !== undefined && Number.isNaN(Date.parse(flags.at))) {
    throw usageError('bad-time', `--at ${flags.at} is not a time`, 'write it as 2026-11-16T09:00:00Z');
  }
  return {
    world: flags.demo
      ? demoSource(flags, surroundings)
      : files.length > 0
        ? fileSource(files, flags, surroundings)
        : clusterSource(flags, surroundings),
    overlays: (flags.overlay ?? []).map((path) => fileSource([path], flags, surroundings)),
    calls: evidenceSource(flags, surroundings, TEMPLATES),
    at: flags.at,
    save: flags.save === undefined ? undefined : snapshotSink(flags.save, flags['hide-names'] === true, surroundings),
  };
}

function fileSource(paths: readonly string[], flags: WorldFlags, surroundings: Surroundings): WorldSource {
  return {
    read: async (): Promise<WorldReading> => {
      const { readPaths } = await import('./adapters/files/read-paths.ts');
      return readPaths(paths, {
        stdin: process.stdin,
        namespaceForUnset: flags['namespace-for-unset'],
        wholeLists: flags['whole-lists'],
        onProgress: ({ filesRead, file }) => {
          surroundings.progress(`reading files: ${String(filesRead)} read, ${file}`);
        },
      });
    },
  };
}

/** Every list of the demo is of all namespaces, which a list by itself cannot say where it names one namespace or none. */
function demoSource(flags: WorldFlags, surroundings: Surroundings): WorldSource {
  const source = fileSource([`${TEMPLATES}demo/cluster`], flags, surroundings);
  return {
    read: async () => {
      const reading = renamed(await source.read(), TEMPLATES, '');
      return {
        ...reading,
        cluster: 'demo',
        asOf: { known: true, value: DEMO_TIME },
        kubernetesVersion: { known: true, value: DEMO_VERSION },
        coverage: reading.coverage.map(({ kind, objects }) => ({ kind, state: 'read', objects })),
      };
    },
  };
}
