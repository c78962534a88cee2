import { asObject, at } from '../../lib/json.ts';
import type { Call } from '../calls/call.ts';
import { CONTROLLER_KINDS } from '../kubernetes/kinds.ts';
import { selectorMatcher, type LabelSelector } from '../kubernetes/label-selector.ts';
import { kindOf, type Kind } from '../kubernetes/object.ts';
import type { Step } from '../world/step.ts';
import { cohortsOf, formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsIn, workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { CallIndex } from './call-index.ts';

/** Calls, or undefined where they cannot be told apart from others. */
export type SomeCalls = readonly Call[] | undefined;

/**
 * The calls that pods with these labels answer, in one namespace or, where none is given, in all; undefined where the
 * labels are some that a mesh may yet give them.
 */
export type CallsSelected = (namespace: string | undefined, selector: LabelSelector) => SomeCalls;

interface Labelled {
  readonly workload: string;
  readonly labels: readonly Readonly<Record<string, string>>[];
}

/** Looks up calls by the labels of the pods that answer them, those that run and those that would be made next. */
export function callsSelectedIn(world: World, index: CallIndex): CallsSelected {
  const byNamespace = new Map<string | undefined, readonly Labelled[]>();
  const answered = new Map<string, readonly Call[]>();
  return (namespace, selector) => {
    if (keysOf(selector).some(isOfMesh)) return undefined;
    const isSelected = selectorMatcher(selector);
    const workloads = () => (namespace === undefined ? workloadsOf(world) : workloadsIn(world, namespace));
    const labelled = byNamespace.get(namespace) ?? workloads().map(toLabelled);
    byNamespace.set(namespace, labelled);
    const found = labelled
      .filter(({ labels }) => labels.some(isSelected))
      .flatMap(({ workload }) => {
        const calls = answered.get(workload) ?? answeredBy(index, workload);
        answered.set(workload, calls);
        return calls;
      });
    return [...new Set(found)];
  };
}

function keysOf({ matchLabels, matchExpressions }: LabelSelector): readonly string[] {
  return [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
}

/** Labels that a pod gets with its proxy are on none of the pods that would be made next. */
function isOfMesh(key: string): boolean {
  return key.includes('istio.io/') || key.includes('linkerd.io/');
}

function toLabelled(workload: Workload): Labelled {
  return { workload: formatWorkload(workload), labels: cohortsOf(workload).map(({ pod }) => pod.labels) };
}

function answeredBy(index: CallIndex, name: string): readonly Call[] {
  return (index.byWorkload.get(name) ?? []).filter(({ id }) =>
    (index.servers.get(id) ?? []).some(({ workload }) => formatWorkload(workload) === name),
  );
}

/** All of them; undefined where some are not known. */
export function together(parts: readonly SomeCalls[]): SomeCalls {
  const found = new Set<Call>();
  for (const part of parts) {
    if (part === undefined) return undefined;
    for (const call of part) found.add(call);
  }
  return [...found];
}

const CONTROLLERS: ReadonlySet<Kind> = new Set<Kind>(CONTROLLER_KINDS);

/** Whether a step may change other labels of pods than those by which they are in a mesh. */
export function isRelabelled(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.step === 'apply') return CONTROLLERS.has(kindOf(step.manifest)) && hasOwnLabels(step.manifest.spec);
    return step.step === 'patch' && CONTROLLERS.has(step.target.kind) && hasOwnLabels(step.patch['spec']);
  });
}

function hasOwnLabels(spec: unknown): boolean {
  const templates = [at(spec, 'template'), at(spec, 'jobTemplate', 'spec', 'template')];
  return templates.some((template) => {
    const labels = at(template, 'metadata', 'labels');
    return labels !== undefined && Object.keys(asObject(labels) ?? { '': null }).some((key) => !isOfMesh(key));
  });
}
