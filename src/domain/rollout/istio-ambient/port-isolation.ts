import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception } from '../plan.ts';
import { sameValue } from '../same-value.ts';
import { alsoSelected, MANAGED_LABELS, nameFor, selectorLabels } from '../objects/generated-objects.ts';
import { peersOf, policiesAround, rulesFor, tcpPortsOf, type PortSpan } from './policy-rules.ts';

/** The longest span of ports that is written out one by one; a policy takes single ports alone. */
const LONGEST_SPAN = 256;

/** What ztunnel is told so that port 15008 admits no more ports than the NetworkPolicies did, and what it cannot be told. */
export interface PortIsolation {
  readonly steps: readonly ApplyStep[];
  /** Steps whose object the world lacks, or holds otherwise. */
  readonly missing: readonly ApplyStep[];
  readonly gaps: readonly Exception[];
}

/**
 * HBONE enters at 15008 and is handed on to any port, so NetworkPolicies no longer tell ports apart. For each workload
 * that they isolate, a DENY on ztunnel for all ports that no rule admits: it refuses nobody whom they let pass. An ALLOW
 * would: it refuses whom it does not name. Which peer may reach which of the admitted ports is a gap until deny-by-default.
 */
export function portIsolation(world: World, workloads: readonly Workload[]): PortIsolation {
  const found = workloads.map((workload) => isolationOf(world, workload));
  const steps = found.flatMap(({ step }) => (step === undefined ? [] : [step]));
  return {
    steps,
    missing: steps.filter((step) => !isThere(world, step)),
    gaps: found.flatMap(({ gap }) => (gap === undefined ? [] : [gap])),
  };
}

interface Isolation {
  readonly step?: ApplyStep;
  readonly gap?: Exception;
}

function isolationOf(world: World, workload: Workload): Isolation {
  const policies = policiesAround(world, workload, 'Ingress');
  const rules = policies.flatMap((policy) => rulesFor(policy, 'Ingress'));
  if (rules.length === 0) return {};
  const groups = rules.map((rule) => ({ peers: peersOf(rule, 'Ingress'), ports: portsIn(workload, tcpPortsOf(rule)) }));
  const names = policies.map(({ metadata }) => metadata.name).join(', ');
  const open = rules.filter((rule) => tcpPortsOf(rule) === 'all');
  const long = groups.filter(({ ports }) => ports === 'all');
  if (open.length === groups.length) return {};
  if (long.length > 0 || selectorOf(world, workload) === undefined) {
    const why =
      open.length > 0
        ? 'some rules admit all ports'
        : long.length > 0
          ? `some rules admit a span of more than ${String(LONGEST_SPAN)} ports`
          : 'no policy can select its pods alone';
    return {
      gap: gapOf(
        workload,
        [],
        `${why}, so ztunnel is not told ports: whoever NetworkPolicy ${names} admits at some port may reach the others through 15008`,
      ),
    };
  }
  const ports = sortedNumbers(groups.flatMap(({ ports: own }) => (own === 'all' ? [] : own)));
  if (ports.length === 0) return {};
  const sets = groups.flatMap(({ ports: own }) => (own === 'all' || own.length === 0 ? [] : [sortedNumbers(own)]));
  const kinds = new Set(sets.map((own) => own.join(' ')));
  const step = denyOthers(world, workload, ports);
  if (kinds.size < 2) return { step };
  return {
    step,
    gap: gapOf(
      workload,
      ports,
      `NetworkPolicy ${names} admits peers at different ports, and behind ztunnel each of them may reach all of these through 15008`,
    ),
  };
}

/** Undefined where other pods carry the same labels: what their policies admit may differ. */
function selectorOf(world: World, workload: Workload): Readonly<Record<string, string>> | undefined {
  const labels = selectorLabels(workload);
  return Object.keys(labels).length === 0 || alsoSelected(world, workload).length > 0 ? undefined : labels;
}

function portsIn(workload: Workload, spans: 'all' | readonly PortSpan[]): 'all' | readonly number[] {
  if (spans === 'all') return 'all';
  const numbers = spans.map((span) => ('name' in span ? numbersOf(workload, span.name) : numbersIn(span)));
  return numbers.some((each) => each === 'all') ? 'all' : numbers.flatMap((each) => (each === 'all' ? [] : each));
}

function numbersOf(workload: Workload, name: string): readonly number[] {
  const containers = cohortsOf(workload).flatMap(({ pod }) => [...pod.containers, ...pod.initContainers]);
  return containers.flatMap(({ ports }) => ports.flatMap((port) => (port.name === name ? [port.port] : [])));
}

/** A span that is too long to be written out counts as all ports, because a DENY must not refuse any of it. */
function numbersIn({ first, last }: { readonly first: number; readonly last: number }): 'all' | readonly number[] {
  if (last - first >= LONGEST_SPAN) return 'all';
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

function denyOthers(world: World, workload: Workload, ports: readonly number[]): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: nameFor(world, workload, 'ports'), namespace: workload.namespace, labels: MANAGED_LABELS },
      spec: {
        selector: { matchLabels: selectorLabels(workload) },
        action: 'DENY',
        rules: [{ to: [{ operation: { notPorts: ports.map(String) } }] }],
      },
    },
  };
}

function isThere(world: World, { manifest }: ApplyStep): boolean {
  const { name, namespace = '' } = manifest.metadata;
  const existing = world.get({ kind: KIND.authorizationPolicy, namespace, name });
  return existing !== undefined && sameValue(existing.spec, manifest.spec);
}

function gapOf(workload: Workload, ports: readonly number[], what: string): Exception {
  return {
    workload: workloadRef(workload),
    layer: 'authorization',
    ports,
    reason: `${what}, from the enrolment of ${formatWorkload(workload)} on`,
    owner: ownerToBeNamed(workload),
    expires: `with stage deny-${workload.namespace}`,
  };
}

function sortedNumbers(numbers: readonly number[]): readonly number[] {
  return sortedUnique(numbers.map(String))
    .map(Number)
    .sort((left, right) => left - right);
}
