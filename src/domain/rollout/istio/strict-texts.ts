import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import type { StageParts } from '../stage-draft.ts';
import type { Cutting } from './cutting.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';
import { uncapturedPorts } from './in-force.ts';
import { exemptWhole, portsExceptedAlready } from './strict-exceptions.ts';
import { strictLists } from './strict-lists.ts';
import type { ListedServers } from './listed-servers.ts';

/** What the stage of exceptions says of itself. */
export function exceptionParts({ namespace, enrolled, plane }: Cutting): StageParts {
  return {
    id: `strict-exceptions-${namespace}`,
    kind: 'strict',
    title: `Exceptions of ${namespace}`,
    why: 'Some callers cannot present mutual TLS yet; their ports stay PERMISSIVE when the namespace turns STRICT.',
    doesNotChange: 'Nothing today: the namespace is PERMISSIVE, and so are these ports.',
    dependsOn: enrolled.waves.get(namespace) ?? [],
    scope: { namespaces: [namespace], workloads: [] },
    exitGate: [plane.converged()],
  };
}

/** What the stage that turns a namespace STRICT says of itself. */
export function strictParts(cutting: Cutting, listed: ListedServers): StageParts {
  const { namespace, isMeasured, plane } = cutting;
  const { servers } = listed;
  return {
    id: `strict-${namespace}`,
    kind: 'strict',
    title: `STRICT in ${namespace}`,
    why: plane.strictWhy,
    doesNotChange: plane.strictDoesNotChange,
    dependsOn: dependencies(cutting, servers),
    scope: { namespaces: [namespace], workloads: servers.map(workloadRef) },
    notes: [
      ...strictLists(cutting, listed),
      'New connections are refused first; open ones end within the drain time or live on. Begin the soak after that, and look at connection pools.',
      ...(isMeasured ? [] : [MANUAL_GATES]),
    ],
    entryGate: [...plane.beforeStrict(cutting, listed), plane.converged()],
    exitGate: [plane.converged(), ...strictModes(cutting, listed)],
    abort: [plane.onStrict(namespace)],
  };
}

/** That the mode is in force on each port that something calls or leads to, except those that stay open. */
function strictModes(
  { planning, rule, namespace }: Cutting,
  { servers, excepted = [] }: ListedServers,
): readonly Condition[] {
  const open = portsExceptedAlready(planning.world, namespace);
  const whole = new Set(exemptWhole(planning.world, namespace).map(formatWorkload));
  return servers.flatMap((workload): readonly Condition[] => {
    const name = formatWorkload(workload);
    const kept = new Set([
      ...(open.get(name) ?? []),
      ...excepted.flatMap((each) => (formatWorkload(each.workload) === name ? [each.port] : [])),
      ...uncapturedPorts(planning.world, workload, rule),
    ]);
    const ports = (rule.ports.get(name) ?? []).map(({ port }) => port.port).filter((port) => !kept.has(port));
    if (ports.length === 0 || whole.has(name)) return [];
    return [
      {
        id: `strict-${workload.kind.toLowerCase()}-${workload.name}`,
        text: `${name} takes nothing but mutual TLS at port ${ports.join(', ')}.`,
        state: { check: 'port-mode', workload: workloadRef(workload), ports, mode: 'strict' },
      },
    ];
  });
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
