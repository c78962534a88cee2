import { formatRef } from '../../kubernetes/object.ts';
import { istio } from '../../mesh/istio/istio.ts';
import type { PortMode } from '../../mesh/mesh.ts';
import { serverPortsOf } from '../../world/server-ports.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Obstacle } from '../plan.ts';
import { stillAdmitted } from '../still-admitted.ts';
import { exemptWhole, portsExceptedAlready } from './strict-exceptions.ts';

/** The workloads whose ports a stage is to shut, with what is known of their ports. */
export interface Guarded {
  readonly servers: readonly Workload[];
  readonly rule: Pick<EvidenceRule, 'ports' | 'isOwnPort'>;
}

interface Judged {
  readonly workload: Workload;
  readonly port: number;
  readonly modes: readonly PortMode[];
}

/** What a stage leaves as it was, though it should not: held against the world that it leaves behind. */
export interface Shortfall {
  readonly blockedBy: readonly Obstacle[];
  /** Ports that no proxy takes in, so that nothing can hold for them. */
  readonly uncaptured: readonly Exception[];
}

/**
 * The ports that STRICT should have closed and that take plaintext all the same, or of which nobody can say: whatever
 * the reason, a policy that is there and has no effect must not pass for one. Those that a policy keeps open are listed.
 */
export function notStrict(world: World, namespace: string, guarded: Guarded): Shortfall {
  const whole = new Set(exemptWhole(world, namespace).map(formatWorkload));
  const kept = portsExceptedAlready(world, namespace);
  const judged = judgedPorts(world, guarded).filter(({ workload, port }) => {
    const name = formatWorkload(workload);
    return !whole.has(name) && kept.get(name)?.has(port) !== true;
  });
  return {
    // A port that some pods' proxies take in and others' do not is open in those: only where none does is it no port of the mesh.
    blockedBy: judged
      .filter((each) => !isUncaptured(each))
      .flatMap(({ workload, port, modes }) =>
        modes
          .filter(({ mode }) => mode !== 'strict')
          .slice(0, 1)
          .map((mode) => stillOpen(`${formatWorkload(workload)} port ${String(port)}`, mode)),
      ),
    uncaptured: judged.filter(isUncaptured).map(uncapturedRow),
  };
}

/**
 * The ports at which a stranger of the mesh, or plaintext, is not surely refused once a namespace denies by default;
 * `isOpen` tells those that admit everybody on purpose.
 */
export function notDenied(
  world: World,
  guarded: Guarded,
  isOpen: (workload: Workload, port: number) => boolean,
): readonly Obstacle[] {
  const shut = judgedPorts(world, guarded).filter(
    (judged) => !isUncaptured(judged) && !isOpen(judged.workload, judged.port),
  );
  return stillAdmitted(world, shut);
}

/** Ports that a container names and that nobody is known to call, as a note: what shuts the workload shuts them too. */
export function silentPorts(
  world: World,
  { servers, rule }: Guarded,
  isCalled: (workload: Workload, port: number) => boolean,
): readonly string[] {
  const found = servers.flatMap((workload) => {
    const ports = serverPortsOf(workload, world).filter((port) => !rule.isOwnPort(port) && !isCalled(workload, port));
    return ports.length === 0 ? [] : [`${formatWorkload(workload)} port ${ports.join(', ')}`];
  });
  if (found.length === 0) return [];
  return [
    `Shut as well, though nobody is known to call there, so no evidence speaks of it: ${found.join('; ')}. A call to a pod by its address is in no table of Services: ask the owners.`,
  ];
}

function judgedPorts(world: World, { servers, rule }: Guarded): readonly Judged[] {
  return servers.flatMap((workload) => {
    const called = (rule.ports.get(formatWorkload(workload)) ?? []).map(({ port }) => port.port);
    const ports = [...new Set([...serverPortsOf(workload, world), ...called])].filter((port) => !rule.isOwnPort(port));
    return ports
      .sort((left, right) => left - right)
      .map((port): Judged => {
        const modes = cohortsOf(workload).map((cohort) => istio.portMode({ workload, cohort, port }, world));
        return { workload, port, modes };
      });
  });
}

/** The ports of a workload whose traffic no proxy of it takes in, so that no mode is ever in force there. */
export function uncapturedPorts(world: World, workload: Workload, rule: Guarded['rule']): readonly number[] {
  const now = findWorkload(world, workload);
  return judgedPorts(world, { servers: now === undefined ? [] : [now], rule })
    .filter(isUncaptured)
    .map(({ port }) => port);
}

function isUncaptured({ modes }: Judged): boolean {
  return modes.length > 0 && modes.every(({ mode }) => mode === 'none');
}

function uncapturedRow({ workload, port, modes }: Judged): Exception {
  const why = modes[0]?.evidence[0]?.rule ?? 'no proxy takes its traffic';
  return {
    workload: workloadRef(workload),
    layer: 'mtls',
    ports: [port],
    reason: `no policy holds at the port: ${why}`,
    owner: ownerToBeNamed(workload),
    expires: 'when a proxy takes the port',
  };
}

function stillOpen(name: string, { mode, declared, evidence }: PortMode): Obstacle {
  const [decided] = evidence;
  const by = decided?.object === undefined ? (decided?.rule ?? 'no reason is known') : formatRef(decided.object);
  const what =
    mode === 'unknown'
      ? `whether ${name} takes nothing but mutual TLS afterwards is not known: ${by}`
      : `${name} would still take plaintext afterwards: ${declared}, by ${by}`;
  return { kind: 'object', what, remedy: 'change or read what decides there, and plan again' };
}
