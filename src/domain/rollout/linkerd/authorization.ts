import { KIND } from '../../kubernetes/kinds.ts';
import type { Door } from '../../simulate/strangers.ts';
import type { ApplyStep, Step } from '../../world/step.ts';
import { formatWorkload, workloadRef } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { cuttingEvidence } from '../cutting-evidence.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import { needsStage, unknownAt } from '../obstacles/shared-obstacles.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { Exception, Obstacle } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage } from '../planning.ts';
import { refusedToday } from '../refused-callers.ts';
import { sameValue } from '../same-value.ts';
import { trySteps } from '../simulate-stage.ts';
import { stillAdmitted } from '../still-admitted.ts';
import { DENY_ORDER, denyParts, type Authorized, type DenyPart } from './authorization-texts.ts';
import { callersOf } from './callers.ts';
import { enrolledIn, type LinkerdCutting } from './cutting.ts';
import { isClosed, isStrict } from './port-policy.ts';
import { inWorld, serverStep, unitsOf } from './server-units.ts';
import { eachPort, judgedPorts } from './sort-units.ts';

/** Plans replay, policies and deny of one namespace; only outlines where STRICT does not hold. */
export function planAuthorization(cutting: LinkerdCutting): void {
  const { planning, namespace } = cutting;
  const strict = `strict-${namespace}`;
  const state = stateOf(planning, strict);
  if (state === undefined) return;
  if (!holds(state)) {
    outlineFrom(cutting, 0, [needsStage(strict)]);
    return;
  }
  planParts(cutting, authorized(cutting));
}

function outlineFrom(cutting: LinkerdCutting, from: number, blockedBy: readonly Obstacle[]): void {
  for (const part of DENY_ORDER.slice(from)) {
    addStage(cutting.planning, { ...denyParts(cutting, part, []), blockedBy }, 'outline');
  }
}

/** The Servers that take mutual TLS alone, with who calls them; the others are exceptions of STRICT, and stay so. */
function authorized(cutting: LinkerdCutting): readonly Authorized[] {
  const { planning, facts } = cutting;
  const { units } = unitsOf(cutting, enrolledIn(cutting));
  return units
    .map((unit) => inWorld(planning.world, unit))
    .filter((unit) => unit.existing !== undefined)
    .map((unit) => ({
      unit,
      callers: callersOf(planning, facts, unit),
      isStrict: eachPort(unit).every(([workload, port]) => isStrict(planning.world, workload, port)),
    }));
}

function planParts(cutting: LinkerdCutting, all: readonly Authorized[]): void {
  const { planning } = cutting;
  const closable = all.filter(({ isStrict: strict }) => strict);
  const open = all.filter((one) => !closable.includes(one));
  const exceptions = open.flatMap(openPorts);
  planning.exceptions.push(...exceptions);
  const policies = closable.flatMap(policiesOf).filter((step) => !isThere(planning.world, step));
  const denies = closable.flatMap(({ unit }) => serverStep(planning.world, unit, 'deny'));
  if (denies.length === 0) {
    planDone(cutting, closable, exceptions);
    return;
  }
  planReplay(cutting, closable, policies);
  if (writePart(cutting, { part: 'allow', closable, steps: policies })) planDeny(cutting, closable, exceptions);
  else outlineFrom(cutting, 2, [needsStage(`allow-${cutting.namespace}`)]);
}

/** Every Server denies already: what lets strangers in all the same stands in the way. */
function planDone(cutting: LinkerdCutting, closable: readonly Authorized[], exceptions: readonly Exception[]): void {
  const { planning } = cutting;
  const blockedBy = stillAdmitted(planning.world, doorsOf(closable));
  for (const part of DENY_ORDER) {
    const parts = { ...denyParts(cutting, part, closable), exceptions };
    if (part === 'deny' && blockedBy.length > 0) addStage(planning, { ...parts, blockedBy }, 'blocked');
    else addStage(planning, parts, 'done');
  }
}

function doorsOf(closable: readonly Authorized[]): readonly Door[] {
  return closable.flatMap(({ unit }) => eachPort(unit).map(([workload, port]) => ({ workload, port })));
}

/** What the policies, and then the denies, make of every known call, each in the world that its stage will meet. */
function planReplay(cutting: LinkerdCutting, closable: readonly Authorized[], policies: readonly Step[]): void {
  const { planning } = cutting;
  const parts = denyParts(cutting, 'shadow', closable);
  const allowed = tryNow(planning, parts.id, policies);
  const denies = closable.flatMap(({ unit }) => serverStep(allowed.world, inWorld(allowed.world, unit), 'deny'));
  const denied = trySteps({ ...allowed, index: planning.index }, parts.id, denies);
  const replayed = planning.index.byNamespace.get(cutting.namespace) ?? [];
  const refused = [...allowed.worse, ...denied.worse].map(
    ({ call, after }) => `${call.id}: ${after.verdict}: ${after.why}.`,
  );
  const objects = policies.length + denies.length;
  const result = `Replayed ${String(replayed.length)} known calls against ${String(objects)} objects: ${refused.length === 0 ? 'none of them gets worse' : `${String(refused.length)} get worse`}.`;
  addStage(planning, { ...parts, notes: [result, ...refused.slice(0, 20), ...(parts.notes ?? [])] }, 'ready');
}

interface Part {
  readonly part: DenyPart;
  readonly closable: readonly Authorized[];
  readonly steps: readonly Step[];
}

function writePart(cutting: LinkerdCutting, { part, closable, steps }: Part): boolean {
  const { planning, namespace } = cutting;
  const parts = denyParts(cutting, part, closable);
  if (steps.length === 0) {
    addStage(planning, parts, 'done');
    return true;
  }
  const state = writeStage(planning, {
    parts,
    trial: tryNow(planning, parts.id, steps),
    state: 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage deny-${namespace} is not applied, or is undone first`,
  });
  return holds(state);
}

function planDeny(cutting: LinkerdCutting, closable: readonly Authorized[], exceptions: readonly Exception[]): void {
  const { planning, namespace, rule } = cutting;
  const parts = denyParts(cutting, 'deny', closable);
  const evidence = cuttingEvidence(
    closable.flatMap(({ unit }) => judgedPorts(rule, unit)),
    rule,
    planning.input,
  );
  const stepsFor = ({ unit }: Authorized): readonly Step[] =>
    serverStep(planning.world, inWorld(planning.world, unit), 'deny');
  const closing = closable.filter((one) => stepsFor(one).length > 0);
  const refused = refusedToday(
    planning,
    closing.flatMap(({ unit }) => judgedPorts(rule, unit)),
  );
  if (evidence.state === 'outline' || refused.length > 0) {
    const lacking = evidence.state === 'outline' ? evidence.blockedBy : [];
    addStage(planning, { ...parts, blockedBy: [...lacking, ...refused], exceptions }, 'outline');
    return;
  }
  const steps = closing.flatMap(stepsFor);
  const trial = tryNow(planning, parts.id, steps);
  const names = new Set(
    closable.flatMap(({ unit }) =>
      eachPort(unit).map(([workload, port]) => `${formatWorkload(workload)} ${String(port)}`),
    ),
  );
  const unknown = unknownAt(
    planning,
    trial,
    (server, port) => names.has(`${formatWorkload(server)} ${String(port)}`) && isClosed(trial.world, server, port),
  );
  writeStage(planning, {
    parts: {
      ...parts,
      notes: [...(parts.notes ?? []), ...evidence.notes, ...unknown.notes],
      blockedBy: [...unknown.blockedBy, ...stillAdmitted(trial.world, doorsOf(closable))],
      exceptions,
    },
    trial,
    state: evidence.state === 'waived' || unknown.notes.length > 0 ? 'waived' : 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: `stage default-${namespace} may stay: it is about ports without a Server`,
    irreversible: ['calls that were refused meanwhile'],
  });
}

/** The authentication comes before the policy that needs it; nobody loses anything while the Server lets every identity in. */
function policiesOf({ unit, callers }: Authorized): readonly ApplyStep[] {
  if (callers.accounts.length === 0) return [];
  const metadata = { name: `${unit.name}-callers`, namespace: unit.namespace, labels: MANAGED_LABELS };
  const identityRefs = callers.accounts.map(({ name, namespace }) => ({ kind: 'ServiceAccount', name, namespace }));
  const group = 'policy.linkerd.io';
  return [
    {
      step: 'apply',
      manifest: {
        apiVersion: 'policy.linkerd.io/v1alpha1',
        kind: 'MeshTLSAuthentication',
        metadata,
        spec: { identityRefs },
      },
    },
    {
      step: 'apply',
      manifest: {
        apiVersion: 'policy.linkerd.io/v1alpha1',
        kind: 'AuthorizationPolicy',
        metadata,
        spec: {
          targetRef: { group, kind: 'Server', name: unit.name },
          requiredAuthenticationRefs: [{ group, kind: 'MeshTLSAuthentication', name: metadata.name }],
        },
      },
    },
  ];
}

/** Whether the world holds the object as the step would make it. */
function isThere(world: World, { manifest }: ApplyStep): boolean {
  const kind = manifest.kind === 'MeshTLSAuthentication' ? KIND.meshTlsAuthentication : KIND.linkerdAuthorizationPolicy;
  const { name, namespace } = manifest.metadata;
  const existing = world.get({ kind, name, ...(namespace === undefined ? {} : { namespace }) });
  return existing !== undefined && sameValue(existing.spec, manifest.spec);
}

/** Ports at which somebody gets in without an identity, as rows of the register. */
function openPorts({ unit }: Authorized): readonly Exception[] {
  return unit.workloads.map((workload) => ({
    workload: workloadRef(workload),
    layer: 'authorization' as const,
    ports: unit.ports,
    reason: `a caller shows no identity there, so Server ${unit.name} goes on saying ${unit.access}`,
    owner: ownerToBeNamed(workload),
    expires: 'when these callers send mutual TLS',
  }));
}
