import { compareText } from '../../../lib/order.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { Cutting } from './cutting.ts';
import type { ExceptedPort } from './exception-objects.ts';
import type { ListedServers } from './listed-servers.ts';
import { exemptWhole, portsExceptedAlready } from './strict-exceptions.ts';

/**
 * The workloads that STRICT for a namespace covers, each in one list: ready, not ready, exempt by an object of their
 * own, or not enrolled. One that keeps some ports PERMISSIVE is exempt at those.
 */
export function strictLists(cutting: Cutting, { servers, excepted = [], lacking }: ListedServers): readonly string[] {
  const exempt = exemptions(cutting, excepted);
  const enrolled = new Set(servers.map(formatWorkload));
  const names = [...enrolled].filter((name) => !exempt.has(name)).sort(compareText);
  const outside = workloadsIn(cutting.planning.world, cutting.namespace).filter(
    (workload) => !enrolled.has(formatWorkload(workload)),
  );
  return [
    ...list(
      'Ready',
      names.filter((name) => lacking?.has(name) !== true),
    ),
    ...list(
      'Not ready, because too little is known of their callers',
      names.filter((name) => lacking?.has(name) === true),
    ),
    ...list(
      'Exempt',
      [...exempt].filter(([name]) => enrolled.has(name)).map(([name, what]) => `${name} (${what})`),
    ),
    ...list(
      'Not enrolled, so not changed',
      outside.map((workload) => `${formatWorkload(workload)} (${whyOutside(cutting, workload)})`),
    ),
  ];
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${title}: ${items.join(', ')}.`];
}

/** What stays PERMISSIVE of each workload, as `port 8080`. */
function exemptions({ planning, namespace }: Cutting, excepted: readonly ExceptedPort[]): ReadonlyMap<string, string> {
  const { world } = planning;
  const ports = new Map([...portsExceptedAlready(world, namespace)].map(([name, own]) => [name, new Set(own)]));
  for (const { workload, port } of excepted) {
    const name = formatWorkload(workload);
    ports.set(name, (ports.get(name) ?? new Set<number>()).add(port));
  }
  const texts = new Map(
    [...ports].map(([name, own]) => {
      const numbers = [...own].sort((left, right) => left - right).map(String);
      return [name, `port ${numbers.join(', ')} stays PERMISSIVE, the others turn STRICT`];
    }),
  );
  for (const workload of exemptWhole(world, namespace)) texts.set(formatWorkload(workload), 'a policy of its own');
  return new Map([...texts].sort(([left], [right]) => compareText(left, right)));
}

function whyOutside({ planning, standing }: Cutting, workload: Workload): string {
  const stands = standing(planning.world, workload);
  return 'reason' in stands ? stands.reason : 'no wave that can be applied takes it in';
}
