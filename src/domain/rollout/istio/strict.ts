import { isKnownCall } from '../../calls/call.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import { cuttingEvidence, type CuttingEvidence } from '../cutting-evidence.ts';
import type { JudgedPort } from '../evidence-rule.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Obstacle } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage } from '../planning.ts';
import { undecidedCalls } from '../undecided-calls.ts';
import { isClosed } from './closed-ports.ts';
import { needsStage, unknownAt } from '../obstacles/shared-obstacles.ts';
import { exceptionObjects, type ExceptedPort } from './exception-objects.ts';
import { namespaceMtls, setNamespaceMode, unreadNotes, type NamespaceMtls } from './namespace-mtls.ts';
import {
  exemptWhole,
  hasOurExceptions,
  mtlsExceptions,
  portsExceptedAlready,
  portsToExcept,
} from './strict-exceptions.ts';
import { enrolledIn, type Cutting } from './cutting.ts';
import { notStrict, silentPorts } from './in-force.ts';
import { decidedByRequest, hangsOnRequest } from './on-the-wire.ts';
import type { ListedServers } from './listed-servers.ts';
import { exceptionParts, strictParts } from './strict-texts.ts';

/** Plans the exceptions and STRICT of one namespace; nothing where none of its workloads is enrolled. */
export function planStrict(cutting: Cutting): void {
  const { planning, facts, namespace } = cutting;
  const servers = enrolledIn(cutting);
  if (servers.length === 0) {
    planNothingEnrolled(cutting);
    return;
  }
  const mtls = namespaceMtls(planning.world, facts, namespace);
  if (mtls.effective === 'STRICT') {
    planDone(cutting, servers, mtls);
    return;
  }
  const step = setNamespaceMode(namespace, mtls, 'STRICT');
  const alone = tryNow(planning, `strict-${namespace}`, [step]);
  const undecided = undecidedCalls(planning, alone).filter(({ call }) => isKnownCall(call));
  const onWire = [...alone.worse, ...undecided].filter((each) => !hangsOnRequest(each, alone.world));
  const excepted = portsToExcept(planning, namespace, onWire);
  const evidence = cuttingEvidence(portsCut(cutting, servers, excepted), cutting.rule, planning.input);
  if (evidence.state === 'outline') {
    outline(cutting, { servers, excepted, lacking: evidence.lacking }, evidence.blockedBy);
    return;
  }
  const kept = rowsOfExisting(cutting, servers);
  planning.exceptions.push(...kept);
  const exceptionsStage = planExceptions(cutting, excepted);
  writeStrict(cutting, servers, { mtls, evidence, exceptionsStage, kept });
}

/** STRICT already: what it leaves open is listed, and what should be closed and is not stands in the way. */
function planDone(cutting: Cutting, servers: readonly Workload[], mtls: NamespaceMtls): void {
  const { planning, namespace, rule } = cutting;
  if (hasOurExceptions(planning.world, namespace)) addStage(planning, exceptionParts(cutting), 'done');
  const { blockedBy, uncaptured } = notStrict(planning.world, namespace, { servers, rule });
  const kept = [...rowsOfExisting(cutting, servers), ...uncaptured];
  planning.exceptions.push(...kept);
  const parts = strictParts(cutting, { servers });
  const notes = [...(parts.notes ?? []), ...unreadNotes(mtls)];
  addStage(planning, { ...parts, notes, exceptions: kept, blockedBy }, blockedBy.length === 0 ? 'done' : 'blocked');
}

/** A namespace whose waves are all in trouble, or of whose workloads too little is known, keeps its place as an outline. */
function planNothingEnrolled(cutting: Cutting): void {
  const { planning, namespace } = cutting;
  const waves = planning.stages.filter(({ kind, scope }) => kind === 'enrol' && scope.namespaces.includes(namespace));
  const [first] = waves.filter(({ state }) => !holds(state));
  const blockedBy = first === undefined ? leftObstacles(cutting) : [needsStage(first.id)];
  if (blockedBy.length > 0) addStage(planning, { ...strictParts(cutting, { servers: [] }), blockedBy }, 'outline');
}

function leftObstacles({ planning, standing, namespace }: Cutting): readonly Obstacle[] {
  return workloadsIn(planning.world, namespace).flatMap((workload): readonly Obstacle[] => {
    const stands = standing(planning.world, workload);
    if (stands.kind !== 'left') return [];
    const what = `${formatWorkload(workload)} is in no wave: ${stands.reason}`;
    return [{ kind: 'object', what, remedy: 'read or change what keeps it out, and plan again' }];
  });
}

/** What policies of the world keep from turning STRICT, for the register. */
function rowsOfExisting({ planning, namespace }: Cutting, servers: readonly Workload[]): readonly Exception[] {
  const ports = portsExceptedAlready(planning.world, namespace);
  const whole = new Set(exemptWhole(planning.world, namespace).map(formatWorkload));
  return servers.flatMap((workload): readonly Exception[] => {
    const name = formatWorkload(workload);
    const own = [...(ports.get(name) ?? [])].sort((left, right) => left - right);
    if (own.length === 0 && !whole.has(name)) return [];
    const what = whole.has(name) ? 'it' : 'the ports';
    const reason = `a PeerAuthentication for the workload keeps ${what} from turning STRICT already`;
    const row = { workload: workloadRef(workload), layer: 'mtls' as const, reason };
    const by = { owner: ownerToBeNamed(workload), expires: 'to be named' };
    return [{ ...row, ...by, ports: whole.has(name) ? [] : own }];
  });
}

/**
 * Ports of which something must be known before STRICT: those of enrolled workloads that no exception keeps open. An
 * exception for a guess leaves the port open, and yet nobody knows who calls it: a guess never stands for evidence.
 */
function portsCut(
  { planning, rule, namespace }: Cutting,
  servers: readonly Workload[],
  excepted: readonly ExceptedPort[],
): readonly JudgedPort[] {
  const open = new Set(excepted.map(({ workload, port }) => `${formatWorkload(workload)} ${String(port)}`));
  const already = portsExceptedAlready(planning.world, namespace);
  return servers.flatMap((workload) => {
    const key = formatWorkload(workload);
    return (rule.ports.get(key) ?? []).filter(
      ({ port, evidence }) =>
        (evidence === 'inferred' || !open.has(`${key} ${String(port.port)}`)) &&
        already.get(key)?.has(port.port) !== true,
    );
  });
}

function outline(cutting: Cutting, listed: ListedServers, blockedBy: readonly Obstacle[]): void {
  const waits = (listed.excepted ?? []).map(
    ({ workload, port, waitsFor }) =>
      `${formatWorkload(workload)} port ${String(port)} waits for ${waitsFor.join('; ')}.`,
  );
  const parts = strictParts(cutting, listed);
  addStage(cutting.planning, { ...parts, notes: [...(parts.notes ?? []), ...waits], blockedBy }, 'outline');
}

/** Gives the id of the stage, or undefined where nothing needs an exception. */
function planExceptions(cutting: Cutting, excepted: readonly ExceptedPort[]): string | undefined {
  const { planning, namespace } = cutting;
  const parts = exceptionParts(cutting);
  if (excepted.length === 0) {
    if (!hasOurExceptions(planning.world, namespace)) return undefined;
    addStage(planning, parts, 'done');
    return parts.id;
  }
  const { steps, blockedBy, notes } = exceptionObjects(planning.world, excepted);
  const exceptions = mtlsExceptions(excepted);
  planning.exceptions.push(...exceptions);
  writeStage(planning, {
    parts: {
      ...parts,
      blockedBy,
      exceptions,
      notes: [
        ...exceptions.map(
          ({ workload, ports, reason }) => `${formatWorkload(workload)} port ${ports.join(', ')}: ${reason}.`,
        ),
        ...notes,
      ],
      scope: { namespaces: [namespace], workloads: excepted.map(({ workload }) => workloadRef(workload)) },
    },
    trial: tryNow(planning, parts.id, steps),
    state: 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage strict-${namespace} is not applied: undo that one first`,
  });
  return parts.id;
}

interface Decided {
  readonly mtls: NamespaceMtls;
  readonly evidence: Exclude<CuttingEvidence, { state: 'outline' }>;
  readonly exceptionsStage: string | undefined;
  /** What policies keep open that were there before. */
  readonly kept: readonly Exception[];
}

function writeStrict(cutting: Cutting, servers: readonly Workload[], decided: Decided): void {
  const { planning, namespace } = cutting;
  const { mtls, evidence, exceptionsStage } = decided;
  const parts = strictParts(cutting, { servers });
  const needs =
    exceptionsStage === undefined || holds(stateOf(planning, exceptionsStage)) ? [] : [needsStage(exceptionsStage)];
  const trial = tryNow(planning, parts.id, [setNamespaceMode(namespace, mtls, 'STRICT')]);
  const names = new Set(servers.map(formatWorkload));
  const closes = (server: Workload, port: number): boolean =>
    names.has(formatWorkload(server)) && isClosed(trial.world, server, port);
  const unknown = unknownAt(
    planning,
    trial,
    (server, port, each) => closes(server, port) && !hangsOnRequest(each, trial.world),
  );
  const shortfall = notStrict(trial.world, namespace, { servers, rule: cutting.rule });
  const exceptions = [...decided.kept, ...shortfall.uncaptured];
  planning.exceptions.push(...shortfall.uncaptured);
  writeStage(planning, {
    parts: {
      ...parts,
      dependsOn: [...(parts.dependsOn ?? []), ...(exceptionsStage === undefined ? [] : [exceptionsStage])],
      notes: [
        ...(parts.notes ?? []),
        ...evidence.notes,
        ...unknown.notes,
        ...unreadNotes(mtls),
        ...decidedByRequest(planning, trial, closes),
        ...silentPorts(
          trial.world,
          { servers, rule: cutting.rule },
          (server, port) => isJudged(cutting, server, port) || !closes(server, port),
        ),
      ],
      blockedBy: [...rivals(namespace, mtls), ...needs, ...unknown.blockedBy, ...shortfall.blockedBy],
      exceptions,
    },
    trial,
    state: unknown.notes.length > 0 ? 'waived' : evidence.state,
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage deny-${namespace} is not applied, or is undone first`,
    irreversible: ['connections that were refused meanwhile'],
  });
}

/** Whether the evidence rule looks at the port: it is called, probed or behind a Service. */
function isJudged({ rule }: Cutting, server: Workload, port: number): boolean {
  return (rule.ports.get(formatWorkload(server)) ?? []).some((judged) => judged.port.port === port);
}

function rivals(namespace: string, { rivals: names, gap, readBySome }: NamespaceMtls): readonly Obstacle[] {
  if (gap !== undefined) {
    return [
      {
        kind: 'object',
        what: `an older PeerAuthentication may hold instead: ${gap}`,
        remedy: 'read them, and plan again',
      },
    ];
  }
  if (readBySome.length > 0) {
    return [
      {
        kind: 'object',
        what: `${readBySome.join(', ')} holds for some control planes of this cluster and not for others`,
        remedy: 'take the label off, or delete the object, and plan again',
      },
    ];
  }
  if (names.length === 0) return [];
  return [
    {
      kind: 'object',
      what: `PeerAuthentications ${names.join(' and ')} of ${namespace} compete, and which is older is not known`,
      remedy: 'keep one of them',
    },
  ];
}
