import { knowsAudit } from '../../mesh/linkerd/versions.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { cuttingEvidence } from '../cutting-evidence.ts';
import { needsStage, unknownAt } from '../obstacles/shared-obstacles.ts';
import type { Obstacle } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage } from '../planning.ts';
import { planAdminPort } from './admin-port.ts';
import { enrolledIn, outsideOf, type LinkerdCutting } from './cutting.ts';
import { isClosed } from './port-policy.ts';
import { formatUnit, serverStep, unitsOf, type Units } from './server-units.ts';
import { eachPort, judgedPorts, sortUnits, withIdentity, type Sorted } from './sort-units.ts';
import { bypassed, planExceptions, workloadsOf } from './strict-exceptions.ts';
import { piercedRows, restObstacles, strictObstacles } from './strict-obstacles.ts';
import { strictParts, type StrictLists } from './strict-texts.ts';

/** Plans STRICT of one namespace, port by port; nothing where none of its workloads is enrolled. */
export function planStrict(cutting: LinkerdCutting): void {
  const { planning, facts } = cutting;
  const servers = enrolledIn(cutting);
  if (servers.length === 0) {
    planNothingEnrolled(cutting);
    return;
  }
  const knows = knowsAudit(facts.version);
  if (!knows.known || !knows.value) {
    addStage(
      planning,
      { ...strictParts(cutting, NO_LISTS), blockedBy: [tooOld(knows.known ? undefined : knows.reason)] },
      'outline',
    );
    return;
  }
  planAdminPort(cutting, servers);
  const units = unitsOf(cutting, servers);
  const sorted = sortUnits(cutting, units);
  planExceptions(cutting, sorted.excepted);
  writeStrict(cutting, units, sorted);
  if (sorted.ready.length + sorted.done.length > 0) planRest(cutting, units, sorted);
  planning.exceptions.push(...bypassed(units), ...piercedRows(sorted));
}

const NO_LISTS: StrictLists = { ready: [], done: [], excepted: [], lacking: [], pierced: [], odd: [], outside: [] };

function tooOld(reason: string | undefined): Obstacle {
  return {
    kind: 'platform',
    what: reason ?? 'this Linkerd knows no accessPolicy: a Server would refuse everybody whom no policy names, at once',
    remedy: 'upgrade to Linkerd 2.16 or newer, and plan again',
  };
}

/** A namespace whose waves are all in trouble, or of whose workloads too little is known, keeps its place as an outline. */
function planNothingEnrolled(cutting: LinkerdCutting): void {
  const { planning, namespace } = cutting;
  const waves = planning.stages.filter(({ kind, scope }) => kind === 'enrol' && scope.namespaces.includes(namespace));
  const stuck = waves.find(({ state, scope }) => !holds(state) && scope.workloads.length > 0);
  const blockedBy =
    stuck === undefined
      ? outsideOf(cutting).map(({ workload, why }): Obstacle => ({
          kind: 'object',
          what: `${formatWorkload(workload)} is in no wave: ${why}`,
          remedy: 'read or change what keeps it out, and plan again',
        }))
      : [needsStage(stuck.id)];
  if (blockedBy.length > 0) addStage(planning, { ...strictParts(cutting, NO_LISTS), blockedBy }, 'outline');
}

function listsOf(cutting: LinkerdCutting, { odd }: Units, sorted: Sorted): StrictLists {
  return { ...sorted, excepted: sorted.excepted.map(({ unit }) => unit), odd, outside: outsideOf(cutting) };
}

function writeStrict(cutting: LinkerdCutting, units: Units, sorted: Sorted): void {
  const { planning, namespace, rule } = cutting;
  const { ready, done } = sorted;
  const parts = strictParts(cutting, listsOf(cutting, units, sorted));
  if (ready.length === 0) {
    const blockedBy = done.length > 0 ? [] : strictObstacles(cutting, units, sorted);
    addStage(planning, { ...parts, blockedBy }, blockedBy.length > 0 ? 'outline' : 'done');
    return;
  }
  const before = [`strict-exceptions-${namespace}`].filter((id) => stateOf(planning, id) !== undefined);
  const needs = before.filter((id) => !holds(stateOf(planning, id))).map(needsStage);
  const steps = ready.flatMap((unit) => serverStep(planning.world, unit, withIdentity(unit.access)));
  const trial = tryNow(planning, parts.id, steps);
  const names = new Set(ready.flatMap((unit) => eachPort(unit).map(([workload, port]) => keyOf(workload, port))));
  const unknown = unknownAt(
    planning,
    trial,
    (server, port) => names.has(keyOf(server, port)) && isClosed(trial.world, server, port),
  );
  const evidence = cuttingEvidence(
    ready.flatMap((unit) => judgedPorts(rule, unit)),
    rule,
    planning.input,
  );
  const notes = evidence.state === 'outline' ? [] : evidence.notes;
  const lacking = evidence.state === 'outline' ? evidence.blockedBy : [];
  writeStage(planning, {
    parts: {
      ...parts,
      dependsOn: [...(parts.dependsOn ?? []), ...before],
      notes: [...(parts.notes ?? []), ...notes, ...unknown.notes],
      blockedBy: [...needs, ...lacking, ...unknown.blockedBy],
    },
    trial,
    state: evidence.state === 'waived' || unknown.notes.length > 0 ? 'waived' : 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage deny-${namespace} is not applied, or is undone first`,
    irreversible: ['connections that were refused meanwhile'],
  });
}

function keyOf(workload: Workload, port: number): string {
  return `${formatWorkload(workload)} ${String(port)}`;
}

/** Ports that stay open until somebody knows more of them, while the others of the namespace go on. */
function planRest(cutting: LinkerdCutting, units: Units, sorted: Sorted): void {
  const { planning, namespace } = cutting;
  const blockedBy = restObstacles(cutting, units, sorted);
  if (blockedBy.length === 0) return;
  const { lacking, pierced } = sorted;
  addStage(
    planning,
    {
      id: `strict-rest-${namespace}`,
      kind: 'strict',
      title: `STRICT at the other ports of ${namespace}`,
      why: 'These ports take plaintext, or may, until somebody finds out or changes what is named here; each goes on by itself then.',
      dependsOn: [`strict-${namespace}`],
      scope: { namespaces: [namespace], workloads: workloadsOf([...lacking, ...pierced.map(({ unit }) => unit)]) },
      notes: lacking.map((unit) => `Not ready: ${formatUnit(unit)}.`),
      blockedBy,
    },
    'outline',
  );
}
