import { formatWorkload, workloadRef } from '../../world/workload.ts';
import { cuttingEvidence } from '../cutting-evidence.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Obstacle } from '../plan.ts';
import type { LinkerdCutting } from './cutting.ts';
import { formatUnit, type OddPort, type ServerUnit, type Units } from './server-units.ts';
import { judgedPorts, type PiercedUnit, type Sorted } from './sort-units.ts';

/** What keeps ports of a namespace from STRICT that no exception is about: they wait while the others go on. */
export function restObstacles(cutting: LinkerdCutting, { odd }: Units, sorted: Sorted): readonly Obstacle[] {
  return [
    ...(sorted.lacking.length === 0 ? [] : whatLacks(cutting, sorted.lacking)),
    ...sorted.pierced.map(toObstacle),
    ...odd.filter(({ kind }) => kind === 'unknown').map(notKnown),
  ];
}

/** The same, with the exceptions: why no port of the namespace is STRICT at all. */
export function strictObstacles(cutting: LinkerdCutting, units: Units, sorted: Sorted): readonly Obstacle[] {
  return [
    ...restObstacles(cutting, units, sorted),
    ...sorted.excepted.map(({ unit, waitsFor }): Obstacle => ({
      kind: 'call',
      what: `${formatUnit(unit)} waits for ${waitsFor.join('; ')}`,
      remedy: 'bring these callers into the mesh, and plan again',
    })),
    ...units.odd
      .filter(({ kind }) => kind === 'bypassed')
      .map(({ workload, port, why }): Obstacle => ({
        kind: 'object',
        what: `${formatWorkload(workload)} port ${String(port)} passes no proxy: ${why}`,
        remedy: 'take it from the ports that are skipped, and plan again',
      })),
  ];
}

/** Why the ports cannot be closed, in the words of the evidence rule. */
export function whatLacks({ rule, planning }: LinkerdCutting, units: readonly ServerUnit[]): readonly Obstacle[] {
  const evidence = cuttingEvidence(
    units.flatMap((unit) => judgedPorts(rule, unit)),
    rule,
    planning.input,
  );
  return evidence.state === 'outline' ? evidence.blockedBy : [];
}

/** A port of which nobody knows what holds there, as what stands in the way. */
export function notKnown({ workload, port, why }: OddPort): Obstacle {
  return {
    kind: 'object',
    what: `what holds at ${formatWorkload(workload)} port ${String(port)} is not known: ${why}`,
    remedy: 'find out, and plan again',
  };
}

function toObstacle({ unit, why }: PiercedUnit): Obstacle {
  return {
    kind: 'object',
    what: `${formatUnit(unit)} stays open, or may, whatever its Server says: ${why}`,
    remedy: 'take that policy away, or have it name identities of the mesh, and plan again',
  };
}

/** Ports that a policy of others keeps open, as rows of the register. */
export function piercedRows({ pierced }: Sorted): readonly Exception[] {
  return pierced.flatMap(({ unit, why }) =>
    unit.workloads.map((workload) => ({
      workload: workloadRef(workload),
      layer: 'mtls' as const,
      ports: unit.ports,
      reason: why,
      owner: ownerToBeNamed(workload),
      expires: 'when that policy is gone, or names identities',
    })),
  );
}
