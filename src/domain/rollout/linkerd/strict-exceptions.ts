import { formatWorkload, workloadRef, type WorkloadRef } from '../../world/workload.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception } from '../plan.ts';
import { addStage, tryNow, writeStage } from '../planning.ts';
import type { LinkerdCutting } from './cutting.ts';
import { formatUnit, serverStep, type ServerUnit, type Units } from './server-units.ts';
import type { ExceptedUnit } from './sort-units.ts';

/** Ports that keep today's policy, written out as a Server of their own before anything closes. */
export function planExceptions(cutting: LinkerdCutting, excepted: readonly ExceptedUnit[]): void {
  const { planning, namespace, enrolled } = cutting;
  if (excepted.length === 0) return;
  const exceptions = excepted.flatMap(({ unit, waitsFor: callers }) => rowsOf(unit, callers));
  planning.exceptions.push(...exceptions);
  const steps = excepted.flatMap(({ unit }) => serverStep(planning.world, unit, unit.access));
  const parts = {
    id: `strict-exceptions-${namespace}`,
    kind: 'strict',
    title: `Exceptions of ${namespace}`,
    why: "Some callers cannot present mutual TLS; their ports keep today's policy, written out as a Server of their own, when the others ask for an identity.",
    doesNotChange: 'Nothing today: the Servers say what holds already, in the same protocol.',
    dependsOn: enrolled.waves.get(namespace) ?? [],
    scope: { namespaces: [namespace], workloads: workloadsOf(excepted.map(({ unit }) => unit)) },
    exceptions,
    notes: excepted.map(({ unit, waitsFor: callers }) => `${formatUnit(unit)} waits for ${callers.join('; ')}.`),
  } as const;
  if (steps.length === 0) {
    addStage(planning, parts, 'done');
    return;
  }
  writeStage(planning, {
    parts,
    trial: tryNow(planning, parts.id, steps),
    state: 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage strict-${namespace} is not applied, or is undone first`,
  });
}

function rowsOf(unit: ServerUnit, callers: readonly string[]): readonly Exception[] {
  return unit.workloads.map((workload) => ({
    workload: workloadRef(workload),
    layer: 'mtls' as const,
    ports: unit.ports,
    reason: `it waits for ${callers.join('; ')}`,
    owner: ownerToBeNamed(workload),
    expires: 'when these callers send mutual TLS',
  }));
}

/** Ports that pass no proxy have neither mutual TLS nor policy. */
export function bypassed({ odd }: Units): readonly Exception[] {
  return odd
    .filter(({ kind }) => kind === 'bypassed')
    .map(({ workload, port, why }) => ({
      workload: workloadRef(workload),
      layer: 'mtls' as const,
      ports: [port],
      reason: why,
      owner: ownerToBeNamed(workload),
      expires: 'to be named',
    }));
}

/** The workloads of several units, each once. */
export function workloadsOf(units: readonly ServerUnit[]): readonly WorkloadRef[] {
  const all = units.flatMap(({ workloads }) => workloads);
  return [...new Map(all.map((workload) => [formatWorkload(workload), workloadRef(workload)])).values()];
}
