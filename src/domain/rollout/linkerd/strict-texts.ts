import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';
import type { Condition } from '../plan.ts';
import type { StageParts } from '../stage-draft.ts';
import type { LinkerdCutting } from './cutting.ts';
import { converged, noPlaintext, portsAre, refused, stillScraped } from './gates.ts';
import { alsoAbout, formatUnit, type OddPort, type ServerUnit } from './server-units.ts';
import type { PiercedUnit } from './sort-units.ts';
import { probePaths } from '../../mesh/linkerd/policy/probes.ts';

/** Every port that a STRICT stage is about, in one list each. */
export interface StrictLists {
  readonly ready: readonly ServerUnit[];
  readonly done: readonly ServerUnit[];
  readonly excepted: readonly ServerUnit[];
  readonly lacking: readonly ServerUnit[];
  readonly pierced: readonly PiercedUnit[];
  readonly odd: readonly OddPort[];
  readonly outside: readonly { readonly workload: Workload; readonly why: string }[];
}

/** What the stage that turns the ports of a namespace STRICT says of itself. */
export function strictParts(cutting: LinkerdCutting, lists: StrictLists): StageParts {
  const { namespace, rule, isMeasured } = cutting;
  const workloads = workloadsOf(lists.ready);
  return {
    id: `strict-${namespace}`,
    kind: 'strict',
    title: `STRICT in ${namespace}`,
    why: 'From here on these ports let nobody in without an identity of the mesh. Each has a Server of its own: it acts at once, and is undone at once.',
    doesNotChange:
      "Who may call is not decided here: every workload of the mesh still may. Ports without a Server keep the pods' default policy; pods without a proxy, UDP, and ports that are skipped are not protected.",
    dependsOn: dependencies(cutting, workloads),
    scope: { namespaces: [namespace], workloads: workloads.map(workloadRef) },
    notes: [
      ...listNotes(lists),
      "The kubelet's HTTP probes are exempt on every port, as long as no HTTPRoute is attached to its Server; probes by gRPC are not.",
      'Connections that are not allowed any more are cut when the policy arrives; a client that starts before its proxy has its certificate may be refused for moments (linkerd2#13865).',
      ...(isMeasured ? [] : [MANUAL_GATES]),
    ],
    entryGate: [...lists.ready.flatMap((unit) => plaintextGates(unit, rule.minWindowSeconds)), converged()],
    exitGate: [...modes(lists.ready), converged(), stillScraped(namespace)],
    abort: [refused(namespace)],
  };
}

function plaintextGates({ workloads, ports }: ServerUnit, windowSeconds: number): readonly Condition[] {
  return workloads.flatMap((workload) =>
    ports.map((port) =>
      noPlaintext({ workload: workloadRef(workload), port, isProbed: isProbed(workload, port) }, windowSeconds),
    ),
  );
}

/** Whether the kubelet probes the port over plaintext HTTP. */
export function isProbed({ template }: Workload, port: number): boolean {
  return probePaths(template, port).length > 0;
}

function modes(units: readonly ServerUnit[]): readonly Condition[] {
  return workloadsOf(units).map((workload) => {
    const own = units.filter(({ workloads }) => workloads.some((each) => each === workload));
    const ports = [...new Set(own.flatMap((unit) => unit.ports))].sort((left, right) => left - right);
    return portsAre(workloadRef(workload), ports, 'strict');
  });
}

function workloadsOf(units: readonly ServerUnit[]): readonly Workload[] {
  const all = units.flatMap(({ workloads }) => workloads);
  return [...new Map(all.map((workload) => [formatWorkload(workload), workload])).values()];
}

/** The lists of law: ready, not ready, exempt, not covered, not enrolled. */
export function listNotes({ ready, done, excepted, lacking, pierced, odd, outside }: StrictLists): readonly string[] {
  const born = ready.flatMap((unit) =>
    alsoAbout(
      unit,
      outside.map(({ workload }) => workload),
    ).map((workload) => `${formatWorkload(workload)} (Server ${unit.name})`),
  );
  return [
    ...list('Ready', [...done, ...ready].map(formatUnit)),
    ...list("Exempt, with a Server that keeps today's policy", excepted.map(formatUnit)),
    ...list('Not ready, because too little is known of their callers', lacking.map(formatUnit)),
    ...list(
      'Not ready, because a policy lets, or may let, clients without an identity in',
      pierced.map(({ unit, why }) => `${formatUnit(unit)} (${why})`),
    ),
    ...list(
      'Not covered',
      odd.map(({ workload, port, why }) => `${formatWorkload(workload)} port ${String(port)} (${why})`),
    ),
    ...list(
      'Not enrolled, so not changed',
      outside.map(({ workload, why }) => `${formatWorkload(workload)} (${why})`),
    ),
    ...list(
      'Not enrolled, and refusing plaintext from the first pod on if they ever are, because a Server selects their labels',
      born,
    ),
  ];
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${title}: ${items.join(', ')}.`];
}

/** The waves of the namespace itself and of all who call into it, and the stage that keeps the scraper in. */
function dependencies(
  { planning, enrolled, namespace }: LinkerdCutting,
  servers: readonly Workload[],
): readonly string[] {
  const waves = new Set(enrolled.waves.get(namespace) ?? []);
  for (const server of servers) {
    for (const { from } of planning.index.byWorkload.get(formatWorkload(server)) ?? []) {
      const wave = from.kind === 'workload' ? enrolled.waveOf.get(formatWorkload(from.workload)) : undefined;
      if (wave !== undefined) waves.add(wave);
    }
  }
  const admin = planning.stages.filter(({ id }) => id === `scrapes-${namespace}`).map(({ id }) => id);
  return [...waves, ...admin];
}
