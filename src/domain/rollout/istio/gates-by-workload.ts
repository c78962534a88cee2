import { asObjects, asTexts, at } from '../../../lib/json.ts';
import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatWorkload, type Workload, type WorkloadRef } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { Condition } from '../plan.ts';
import type { PlannedStage, Planning } from '../planning.ts';
import { stageOf } from '../stage-places.ts';
import { foreignAllows } from './authorization-objects.ts';
import { isKnownCall } from '../../calls/call.ts';
import { proofOf, type Counting } from '../gates/watched.ts';
import { noPlaintext, proxyLogs, TRAFFIC } from './gates.ts';
import { asPattern, counted, quoted, windowOf } from '../promql.ts';
import { nameFor } from '../objects/generated-objects.ts';

interface Window {
  readonly namespace: string;
  readonly windowSeconds: number;
  /** Whose proxies count the calls; sidecars if absent. */
  readonly counting?: Counting;
}

/**
 * Writes the entry gates of a namespace's STRICT and deny stages workload by workload, once the stages are planned:
 * only then are the excepted ports and the callers' rules known.
 */
export function gateByWorkload(planning: Planning, window: Window): void {
  const { stages } = planning;
  for (const id of [`strict-${window.namespace}`, `deny-${window.namespace}`]) {
    const stage = stageOf(stages, id);
    const conditions = stage === undefined ? undefined : conditionsOf(planning, stage, window);
    if (stage === undefined || conditions === undefined) continue;
    const entryGate = stage.entryGate.flatMap((condition) =>
      condition.id === conditions.insteadOf ? conditions.written : [condition],
    );
    stages[stages.indexOf(stage)] = { ...stage, entryGate };
  }
}

interface ByWorkload {
  /** Id of the condition for the whole namespace that these replace. */
  readonly insteadOf: string;
  readonly written: readonly Condition[];
}

function conditionsOf(planning: Planning, stage: PlannedStage, window: Window): ByWorkload | undefined {
  if (stage.scope.workloads.length === 0) return undefined;
  if (stage.id === `strict-${window.namespace}`) {
    return { insteadOf: 'no-plaintext', written: plaintextConditions(planning, stage, window) };
  }
  if (stage.id === `deny-${window.namespace}`) {
    return { insteadOf: 'shadow-clean', written: callerConditions(planning, stage, window) };
  }
  return undefined;
}

/** Istio's metrics have no label for the port, so a workload with an excepted port is looked at in its log instead. */
function plaintextConditions(
  planning: Planning,
  { scope }: PlannedStage,
  { namespace, windowSeconds, counting = 'sidecar' }: Window,
): readonly Condition[] {
  const { exceptions } = planning;
  const excepted = new Map<string, readonly number[]>();
  for (const { layer, workload, ports } of exceptions) {
    if (layer !== 'mtls' || workload.namespace !== namespace) continue;
    excepted.set(workload.name, [...(excepted.get(workload.name) ?? []), ...ports]);
  }
  const measured = scope.workloads.filter(({ name }) => !excepted.has(name));
  const looked = scope.workloads.filter(({ name }) => excepted.has(name));
  const [called, uncalled] = [true, false].map((wanted) =>
    measured.filter((workload) => isCalled(planning, workload) === wanted),
  );
  return [
    ...(called === undefined || called.length === 0
      ? []
      : [noPlaintext(namespace, windowSeconds, { names: namesOf(called), counting })]),
    ...(uncalled === undefined || uncalled.length === 0
      ? []
      : [uncalledPlaintext(namesOf(uncalled), { namespace, windowSeconds, counting })]),
    ...looked.map((workload) => plaintextByLog(workload, excepted.get(workload.name) ?? [])),
  ];
}

/** Whether a known call leads to the workload, so that its proxy has something to count. */
function isCalled({ index }: Planning, ref: WorkloadRef): boolean {
  const name = formatWorkload(ref);
  const calls = index.byWorkload.get(name) ?? [];
  return calls.some(
    (call) =>
      isKnownCall(call) && (index.servers.get(call.id) ?? []).some(({ workload }) => formatWorkload(workload) === name),
  );
}

/** A workload that nobody is known to call shows no secured traffic by itself: somebody has to call it once. */
function uncalledPlaintext(
  names: readonly string[],
  { namespace, windowSeconds, counting = 'sidecar' }: Window,
): Condition {
  const gate = noPlaintext(namespace, windowSeconds, { names, counting });
  return {
    ...gate,
    id: 'no-plaintext-uncalled',
    text: `${gate.text} Nobody is known to call them: until somebody of the mesh has called each of them once in the window, nothing shows that their calls are counted.`,
  };
}

function plaintextByLog(workload: WorkloadRef, ports: readonly number[]): Condition {
  const listed = sortedUnique(ports.map(String)).join(', ');
  return {
    id: `no-plaintext-${workload.name}`,
    text: `${formatWorkload(workload)} has ports that keep taking plaintext (${listed}), and the metrics do not tell ports apart: read in its access log, of all its pods and the whole window, that no call to another port came without mutual TLS (in Istio's default format such a line has - for the requested server name).`,
    command: [...proxyLogs(workload.namespace, '-1'), '--prefix'],
    positiveEvidence: 'the access log is on, and goes back as far as the window',
  };
}

/** While the catch-all is there it admits whom no rule names, and nothing reports it but the traffic itself. */
function callerConditions(planning: Planning, stage: PlannedStage, window: Window): readonly Condition[] {
  const byName = groupBy(stage.scope.workloads, ({ name }) => name);
  return [...byName].flatMap(([name, refs]): readonly Condition[] => {
    const workloads = refs.flatMap((ref) => findWorkload(planning.world, ref) ?? []);
    const foreign = sortedUnique(workloads.flatMap((workload) => foreignAllows(planning.world, workload)));
    if (foreign.length > 0) return [foreignCallers(refs, foreign)];
    return [unnamedCallers({ name, refs, window, admitted: admittedBy(planning, workloads) })];
  });
}

function foreignCallers(refs: readonly WorkloadRef[], foreign: readonly string[]): Condition {
  return {
    id: `callers-${refs[0]?.name ?? ''}`,
    text: `${refs.map(formatWorkload).join(', ')}: ${foreign.join(', ')} decides already who may call. See in its access log that nobody is refused who should not be.`,
  };
}

interface Admitted {
  /** As policies write them, without `spiffe://`. */
  readonly principals: readonly string[];
  /** Whether some port is open to callers without an identity. */
  readonly isOpen: boolean;
}

/** Whom the callers' policies name, as the allow stage writes them or as they are in the cluster already. */
function admittedBy(planning: Planning, workloads: readonly Workload[]): Admitted {
  const rules = workloads.flatMap((workload) => asObjects(at(callersSpec(planning, workload), 'rules')));
  const principals = rules.flatMap((rule) =>
    asObjects(rule['from']).flatMap((from) => asTexts(at(from, 'source', 'principals'))),
  );
  return { principals: sortedUnique(principals), isOpen: rules.some((rule) => rule['from'] === undefined) };
}

function callersSpec({ stages, world }: Planning, workload: Workload): unknown {
  const { namespace } = workload;
  const name = nameFor(world, workload, 'callers');
  const written = stageOf(stages, `allow-${namespace}`)?.steps.flatMap((step) =>
    step.step === 'apply' && step.manifest.metadata.name === name ? [step.manifest] : [],
  )[0];
  return written?.spec ?? world.get({ kind: KIND.authorizationPolicy, namespace, name })?.spec;
}

interface Server {
  readonly name: string;
  readonly refs: readonly WorkloadRef[];
  readonly window: Window;
  readonly admitted: Admitted;
}

function unnamedCallers({ name, refs, window, admitted }: Server): Condition {
  const { namespace, windowSeconds, counting = 'sidecar' } = window;
  const { principals, isOpen } = admitted;
  const patterns = [
    ...principals.map((principal) => `(spiffe://)?${asPattern(principal)}`),
    ...(isOpen ? ['unknown'] : []),
  ];
  const selector = [
    'reporter="destination"',
    `destination_workload_namespace=${quoted(namespace)}`,
    `destination_workload=${quoted(name)}`,
    ...(patterns.length === 0 ? [] : [`source_principal!~${quoted(patterns.join('|'))}`]),
  ].join(',');
  const series = TRAFFIC.map((metric) => counted(`${metric}{${selector}}`, windowOf(windowSeconds)));
  const whom = principals.length === 0 ? 'Nobody' : `Nobody but ${principals.join(', ')}`;
  const open = isOpen ? ' Callers without an identity are not counted: a port is open to them.' : '';
  return {
    id: `callers-${name}`,
    text: `${whom} called ${refs.map(formatWorkload).join(', ')} in the window: whoever else did will be refused.${open} The metrics do not tell ports apart: that each caller keeps to the ports of its rule is read from the access log.`,
    promql: `sum by (source_principal, source_workload, destination_workload) (${series.join(' or ')}) > 0`,
    proof: proofOf({ namespace, windowSeconds, counting }, principals.length === 0 ? undefined : [name]),
    positiveEvidence:
      principals.length === 0
        ? 'the proxies of the namespace were scraped for at least 99 % of the window, none restarted in it, and secured calls were counted in the namespace'
        : 'the proxies of the namespace were scraped for at least 99 % of the window, none restarted in it, and secured calls to the workload were counted',
  };
}

function namesOf(workloads: readonly WorkloadRef[]): readonly string[] {
  return sortedUnique(workloads.map(({ name }) => name));
}
