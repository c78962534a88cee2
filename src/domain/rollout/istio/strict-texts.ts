import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { StageParts } from '../stage-draft.ts';
import type { Cutting } from './cutting.ts';
import { converged, MANUAL_GATES, noPlaintext, plaintextRefused } from './gates.ts';
import { strictLists, type ListedServers } from './strict-lists.ts';

/** What the stage of exceptions says of itself. */
export function exceptionParts({ namespace, enrolled }: Cutting): StageParts {
  return {
    id: `strict-exceptions-${namespace}`,
    kind: 'strict',
    title: `Exceptions of ${namespace}`,
    why: 'Some callers cannot present mutual TLS yet; their ports stay PERMISSIVE when the namespace turns STRICT.',
    doesNotChange: 'Nothing today: the namespace is PERMISSIVE, and so are these ports.',
    dependsOn: enrolled.waves.get(namespace) ?? [],
    scope: { namespaces: [namespace], workloads: [] },
    exitGate: [converged()],
  };
}

/** What the stage that turns a namespace STRICT says of itself. */
export function strictParts(cutting: Cutting, listed: ListedServers): StageParts {
  const { namespace, rule, isMeasured } = cutting;
  const { servers } = listed;
  return {
    id: `strict-${namespace}`,
    kind: 'strict',
    title: `STRICT in ${namespace}`,
    why: 'From here on the sidecars of the namespace take nothing but mutual TLS.',
    doesNotChange:
      'Who may call is not decided here: every workload of the mesh still may. Pods without a sidecar are not protected.',
    dependsOn: dependencies(cutting, servers),
    scope: { namespaces: [namespace], workloads: servers.map(workloadRef) },
    notes: [
      ...strictLists(cutting, listed),
      'New connections are refused first; open ones end within the drain time or live on. Begin the soak after that, and look at connection pools.',
      ...(isMeasured ? [] : [MANUAL_GATES]),
    ],
    entryGate: [noPlaintext(namespace, rule.minWindowSeconds), converged()],
    exitGate: [converged()],
    abort: [plaintextRefused(namespace)],
  };
}

/** The waves of the namespace itself and of all who call into it. */
function dependencies({ planning, enrolled, namespace }: Cutting, servers: readonly Workload[]): readonly string[] {
  const waves = new Set(enrolled.waves.get(namespace) ?? []);
  for (const server of servers) {
    for (const { from } of planning.index.byWorkload.get(formatWorkload(server)) ?? []) {
      const wave = from.kind === 'workload' ? enrolled.waveOf.get(formatWorkload(from.workload)) : undefined;
      if (wave !== undefined) waves.add(wave);
    }
  }
  return [...waves];
}
