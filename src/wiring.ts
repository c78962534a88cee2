import { fileURLToPath } from 'node:url';
import type { Sources, WorldSource } from './app/ports.ts';
import type { WorldReading } from './domain/world/world-reading.ts';
import type { SetAside as FileSetAside } from './adapters/files/reading.ts';
import { foldPods } from './domain/world/fold-pods.ts';
import { unreachableError, usageError } from './lib/errors.ts';
import type { WorldFlags } from './world-flags.ts';

/** What the wiring needs of the command that asks: where progress goes, and when to stop. */
export interface Surroundings {
  readonly signal: () => AbortSignal;
  readonly progress: (text: string) => void;
  readonly version: string;
}

/** The folder of what ships beside the code. */
const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url));

/** The time at which the demo cluster was taken. */
const DEMO_TIME = '2026-11-16T09:00:00Z';

/** The version of its API server, as its nodes have it. */
const DEMO_VERSION = 'v1.34.2';

/** Picks the adapters that the flags ask for; each is loaded only when it is used. */
export async function wireSources(flags: WorldFlags, surroundings: Surroundings): Promise<Sources> {
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
  const callsFiles = flags.demo ? [`${TEMPLATES}demo/calls.csv`, ...(flags.calls ?? [])] : (flags.calls ?? []);
  const { readCalls } = await import('./adapters/files/read-calls.ts');
  return {
    world: flags.demo
      ? demoSource(flags, surroundings)
      : files.length > 0
        ? fileSource(files, flags, surroundings)
        : clusterSource(flags, surroundings),
    overlays: (flags.overlay ?? []).map((path) => fileSource([path], flags, surroundings)),
    calls: { read: () => callsFiles.map((file) => named(readCalls(file), file)) },
    at: flags.at,
    save: flags.save === undefined ? undefined : snapshotSink(flags.save, surroundings.version),
  };
}

/** The path of the machine's install must not show in what a stranger compares. */
function named<T extends { readonly source: string }>(calls: T, file: string): T {
  return file.startsWith(TEMPLATES) ? renamed(calls, file, file.slice(TEMPLATES.length)) : calls;
}

function renamed<T>(calls: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(calls).replaceAll(JSON.stringify(from).slice(1, -1), to)) as T;
}

function fileSource(paths: readonly string[], flags: WorldFlags, surroundings: Surroundings): WorldSource {
  return {
    read: async (): Promise<WorldReading> => {
      const { readPaths } = await import('./adapters/files/read-paths.ts');
      return readPaths(paths, {
        stdin: process.stdin,
        namespaceForUnset: flags['namespace-for-unset'],
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

function clusterSource(flags: WorldFlags, surroundings: Surroundings): WorldSource {
  return {
    read: async (): Promise<WorldReading> => {
      const [{ collectWorld }, { parseYaml }] = await Promise.all([
        import('./adapters/kube/collect-world.ts'),
        import('./adapters/yaml/read.ts'),
      ]);
      const collected = await collectWorld(
        {
          kubeconfig: flags.kubeconfig,
          context: flags.context,
          as: flags.as,
          asGroups: flags['as-group'],
          requestTimeoutSeconds: flags['request-timeout'],
          qps: flags.qps,
          signal: surroundings.signal(),
          onProgress: ({ kind, objects, kindsDone, kindsTotal }) => {
            surroundings.progress(
              `reading the cluster: ${String(kindsDone)} of ${String(kindsTotal)} kinds, ${String(objects)} ${kind}`,
            );
          },
        },
        parseYaml,
      );
      const denied = collected.coverage.filter(({ state }) => state === 'forbidden' || state === 'unread');
      const granted = collected.coverage.filter(({ state }) => state === 'read' || state === 'partial');
      if (granted.length === 0 || collected.objects.length === 0) {
        throw unreachableError('nothing-readable', `${collected.cluster}: nothing of the cluster could be read`, [
          denied[0]?.reason ?? 'the API server gave no object',
          'Ask for get and list on the kinds that meshwise reads, or read files with -f.',
        ]);
      }
      const unread = denied.map(({ kind }) => kind).join(', ');
      const warnings = unread === '' ? collected.warnings : [...collected.warnings, `not read: ${unread}`];
      return { ...collected, warnings, basis: 'live', setAside: [], gaps: [] };
    },
  };
}

function snapshotSink(path: string, version: string): NonNullable<Sources['save']> {
  return {
    write: async (reading) => {
      const { writeSnapshot } = await import('./adapters/files/write-snapshot.ts');
      const { basis, coverage, objects, cluster, asOf, kubernetesVersion, setAside, gaps, warnings } = reading;
      await writeSnapshot(path, {
        basis,
        entries: coverage,
        objects: foldPods(objects),
        cluster,
        asOf,
        kubernetesVersion,
        setAside: setAside as readonly FileSetAside[],
        gaps,
        warnings,
        writtenBy: version,
      });
    },
  };
}
