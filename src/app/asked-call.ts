import { callId, formatSource, formatTarget } from '../domain/calls/call-id.ts';
import {
  strongestEvidence,
  type Call,
  type CallEvidence,
  type CallSource,
  type CallTarget,
} from '../domain/calls/call.ts';
import { fromWorkload, toPodPort } from '../domain/calls/found-calls.ts';
import { observedClient } from '../domain/calls/observed-client.ts';
import { observedTarget } from '../domain/calls/observed-service.ts';
import { findNamedWorkload, workloadKind } from '../domain/calls/workload-name.ts';
import { servicesOf } from '../domain/world/service.ts';
import { formatWorkload, type Workload } from '../domain/world/workload.ts';
import { workloadsOf } from '../domain/world/workloads-of.ts';
import { usageError, type AppError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { sortedUnique } from '../lib/order.ts';
import type { OpenedWorld } from './open-world.ts';

/** One call as somebody typed it, with what is known of the request. */
export interface TypedCall {
  /** `CLIENT:SERVICE:PORT`. */
  readonly text: string;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
}

type Known = Pick<OpenedWorld, 'world' | 'graph'>;

const FEW_CHOICES = 20;
const OUTSIDERS = 'kubelet, prometheus, apiserver, load-balancer, internet, node or unknown';

/**
 * The one call that was asked for: `[NS/][KIND/]NAME` or an outsider, then `[NS/]NAME` of a Service, a workload or a
 * host, then a port. What is known of such calls (protocol, evidence) goes with it; nothing needs to be. Throws a usage
 * error, with the choices, where an end is none or may be several.
 */
export function askedCall({ world, graph }: Known, { text, method, path }: TypedCall): Call {
  const [, client, service, port] = /^([^:]+):(.+):(\d{1,5})$/.exec(text) ?? [];
  if (client === undefined || service === undefined) throw notACall(text);
  const from = clientNamed({ world, graph }, client);
  const namespace = from.kind === 'workload' ? from.workload.namespace : undefined;
  const to = targetNamed({ world, graph }, { service, port: Number(port), namespace });
  const phase = from.kind === 'outsider' && from.who === 'kubelet' ? 'probe' : 'run';
  const request = {
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    ...(path === undefined ? {} : { path }),
  };
  const ends = { from, to, phase, ...(Object.keys(request).length === 0 ? {} : { request }) } as const;
  const alike = graph.calls.filter(
    (call) => call.phase === phase && isSameSource(call.from, from) && formatTarget(call.to) === formatTarget(to),
  );
  const protocol = protocolOf(alike);
  return {
    id: callId(ends),
    ...ends,
    ...(protocol === undefined ? {} : { protocol }),
    evidence: evidenceOf(alike),
  };
}

/** Callers of one kind from outside are told apart by remarks that nobody types. */
function isSameSource(left: CallSource, right: CallSource): boolean {
  if (left.kind === 'outsider' && right.kind === 'outsider') return left.who === right.who;
  return formatSource(left) === formatSource(right);
}

/** The protocol that all that is known of such calls agrees on, by the strongest evidence. */
function protocolOf(alike: readonly Call[]): string | undefined {
  const known = alike.filter((call) => strongestEvidence(call) !== 'inferred');
  const [only, second] = sortedUnique((known.length > 0 ? known : alike).flatMap(({ protocol }) => protocol ?? []));
  return second === undefined ? only : undefined;
}

function evidenceOf(alike: readonly Call[]): readonly CallEvidence[] {
  return alike.flatMap(({ evidence }) => evidence);
}

function clientNamed({ world }: Known, text: string): CallSource {
  const { from } = observedClient(world, { source: '--call', client: text });
  const [first] = from;
  if (
    first !== undefined &&
    (first.kind === 'workload' || first.who !== 'unknown' || text.toLowerCase() === 'unknown')
  ) {
    return first;
  }
  return fromWorkload(
    workloadNamed({ world }, text, `write the client as [NAMESPACE/][KIND/]NAME, or as ${OUTSIDERS}`),
  );
}

interface NamedTarget {
  readonly service: string;
  readonly port: number;
  /** Where the client runs, and where a Service is looked for first. */
  readonly namespace: string | undefined;
}

function targetNamed(known: Known, { service, port, namespace }: NamedTarget): CallTarget {
  const { world } = known;
  const hint = 'write the server as [NAMESPACE/]SERVICE, as NAMESPACE/KIND/WORKLOAD, or as the name of a host';
  if (saysKind(service)) return toPodPort(workloadNamed(known, service, hint), port);
  const { targets, reason } = observedTarget(world, { source: '--call', client: '', service, port }, namespace);
  const [target, second] = targets;
  if (target !== undefined && second === undefined && reason === undefined) return target;
  if (second !== undefined) {
    throw usageError(
      'ambiguous-server',
      `${service.slice(0, 100)}:${String(port)} may be any of ${String(targets.length)} workloads`,
      `name one of them: ${targets.slice(0, FEW_CHOICES).map(formatTarget).join(', ')}`,
    );
  }
  const places = servicesCalled(known, service);
  if (places.length > 1) {
    throw usageError(
      'ambiguous-service',
      `Service ${service.slice(0, 100)} is in ${String(places.length)} namespaces`,
      `name one of them: ${places.slice(0, FEW_CHOICES).join(', ')}`,
    );
  }
  if (places.length === 1)
    throw usageError(
      'no-such-port',
      reason ?? '',
      'give one of its ports, or call a workload: NAMESPACE/KIND/WORKLOAD',
    );
  const workload = findNamedWorkload(world, { text: service });
  if (workload.workload !== undefined) return toPodPort(workload.workload, port);
  throw usageError(
    'unknown-service',
    (reason ?? 'there is none').replace(/^service: /, ''),
    ...nearService(known, service),
    hint,
  );
}

/** Whether the name says of which kind it is, and so can be no Service. */
function saysKind(text: string): boolean {
  const parts = text.split('/');
  return parts.length === 3 || (parts.length === 2 && workloadKind(parts[0] ?? '') !== undefined);
}

/** The Services that the name may mean, as `NAMESPACE/NAME`. */
function servicesCalled({ world }: Known, text: string): readonly string[] {
  const named = servicesOf(world).map(({ namespace, name }) => ({ name, full: `${namespace}/${name}` }));
  return named.filter(({ name, full }) => text === (text.includes('/') ? full : name)).map(({ full }) => full);
}

function nearService({ world }: Known, text: string): readonly string[] {
  const services = servicesOf(world);
  const near = nearest(text.slice(text.lastIndexOf('/') + 1), sortedUnique(services.map(({ name }) => name)));
  const meant = services.filter(({ name }) => name === near).map(({ namespace, name }) => `${namespace}/${name}`);
  return meant.length === 0 ? [] : [`did you mean ${meant.slice(0, 5).join(' or ')}?`];
}

function workloadNamed({ world }: Pick<Known, 'world'>, text: string, hint: string): Workload {
  const found = findNamedWorkload(world, { text });
  if (found.workload !== undefined) return found.workload;
  const shown = text.slice(0, 100);
  if (found.choices.length > 0) {
    const more = found.choices.length > FEW_CHOICES ? ` and ${String(found.choices.length - FEW_CHOICES)} more` : '';
    throw usageError(
      'ambiguous-workload',
      `${shown} may be any of ${String(found.choices.length)} workloads`,
      `name one of them: ${found.choices.slice(0, FEW_CHOICES).join(', ')}${more}`,
    );
  }
  const all = workloadsOf(world);
  const near = nearest(text.slice(text.lastIndexOf('/') + 1), sortedUnique(all.map(({ name }) => name)));
  const meant = all.filter(({ name }) => name === near).map(formatWorkload);
  throw usageError(
    'unknown-workload',
    `there is no workload ${shown}`,
    ...(meant.length === 0 ? [] : [`did you mean ${meant.slice(0, 5).join(' or ')}?`]),
    hint,
  );
}

function notACall(text: string): AppError {
  return usageError(
    'bad-call',
    `--call ${text.slice(0, 100)} is not a call`,
    'write it as CLIENT:SERVICE:PORT, such as shop/cart:shop/payments:8080',
  );
}
