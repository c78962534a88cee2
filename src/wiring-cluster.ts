import type { WorldSource } from './app/ports.ts';
import type { WorldReading } from './domain/world/world-reading.ts';
import { unreachableError } from './lib/errors.ts';
import type { Surroundings } from './wiring-surroundings.ts';
import type { WorldFlags } from './world-flags.ts';

/** The cluster that the flags name; Ctrl-C stops the reading, and afterwards ends the process at once. */
export function clusterSource(flags: WorldFlags, surroundings: Surroundings): WorldSource {
  return {
    read: async () => {
      try {
        return await readLive(flags, surroundings);
      } finally {
        surroundings.release();
      }
    },
  };
}

async function readLive(flags: WorldFlags, surroundings: Surroundings): Promise<WorldReading> {
  const [{ collectWorld }, { progressLine }, { parseYaml }] = await Promise.all([
    import('./adapters/kube/collect-world.ts'),
    import('./adapters/kube/read-progress.ts'),
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
      namespaces: flags.namespace,
      configMapNamespaces: flags['read-configmaps'],
      onProgress: (progress) => {
        surroundings.progress(progressLine(progress, flags.qps));
      },
    },
    parseYaml,
  );
  const denied = collected.coverage.filter(({ state }) => state === 'forbidden' || state === 'unread');
  const granted = collected.coverage.filter(({ state }) => state === 'read' || state === 'partial');
  if (granted.length === 0 || collected.objects.length === 0) {
    throw unreachableError('nothing-readable', `${collected.cluster}: nothing of the cluster could be read`, [
      denied[0]?.reason ?? 'the API server gave no object',
      'Ask for the ClusterRole that `meshwise inventory --rbac` prints, or read files with -f.',
      'Who may read single namespaces only names them with -n.',
    ]);
  }
  const unread = denied.map(({ kind }) => kind).join(', ');
  const warnings = unread === '' ? collected.warnings : [...collected.warnings, `not read: ${unread}`];
  return { ...collected, warnings, basis: 'live', setAside: [], gaps: [] };
}
