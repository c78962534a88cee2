import type { CallSource, CallTarget } from '../domain/calls/call.ts';
import { formatTarget } from '../domain/calls/call-id.ts';
import { fromWorkload, toPodPort } from '../domain/calls/found-calls.ts';
import { observedClient } from '../domain/calls/observed-client.ts';
import { observedTarget } from '../domain/calls/observed-service.ts';
import { findNamedWorkload, workloadKind } from '../domain/calls/workload-name.ts';
import { servicesOf } from '../domain/world/service.ts';
import { formatWorkload, type Workload } from '../domain/world/workload.ts';
import { workloadsOf } from '../domain/world/workloads-of.ts';
import { usageError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import { sortedUnique } from '../lib/order.ts';
import type { OpenedWorld } from './open-world.ts';

/** Where a call is looked up. */
export type KnownCalls = Pick<OpenedWorld, 'world' | 'graph'>;

const FEW_CHOICES = 20;
const OUTSIDERS = 'kubelet, prometheus, apiserver, load-balancer, internet, node or unknown';
const SERVER_HINT = 'write the server as [NAMESPACE/]SERVICE, as NAMESPACE/KIND/WORKLOAD, or as the name of a host';
const SERVICE_WORDS = /^(?:services?|svc)$/i;

/** Who calls, as somebody typed it. Throws a usage error, with the choices, where that is nobody or may be several. */
export function clientNamed({ world }: KnownCalls, text: string): CallSource {
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

/** A server as somebody typed it. */
export interface NamedTarget {
  readonly service: string;
  readonly port: number;
  /** Where the client runs, and where a Service is looked for first. */
  readonly namespace: string | undefined;
}

/**
 * Who is called, as somebody typed it: a Service by preference, else a workload or a host. Throws a usage error, with the
 * choices, where that is none or may be several.
 */
export function targetNamed(known: KnownCalls, named: NamedTarget): CallTarget {
  const { world } = known;
  const { port, namespace } = named;
  const typed = saidService(known, named.service);
  const service = typed ?? named.service;
  if (typed === undefined && saysKind(service)) return toPodPort(workloadNamed(known, service, SERVER_HINT), port);
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
  refuseKnownService(known, service, reason);
  const { workload } = typed === undefined ? findNamedWorkload(world, { text: service }) : { workload: undefined };
  if (workload !== undefined) return toPodPort(workload, port);
  throw usageError(
    'unknown-service',
    (reason ?? 'there is none').replace(/^service: /, ''),
    ...nearService(known, service),
    SERVER_HINT,
  );
}

/** Throws where there are Services of the name, and none of them was understood to be called. */
function refuseKnownService(known: KnownCalls, service: string, reason: string | undefined): void {
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
}

/** The name of a Service that is said to be one (`svc/cart`, `shop/Service/cart`), as `[NAMESPACE/]NAME`. */
function saidService({ world }: KnownCalls, text: string): string | undefined {
  const [first = '', second = '', third, surplus] = text.split('/');
  if (surplus !== undefined) return undefined;
  if (third !== undefined) return SERVICE_WORDS.test(second) ? `${first}/${third}` : undefined;
  if (second === '' || !SERVICE_WORDS.test(first) || world.namespaces().includes(first)) return undefined;
  return second;
}

/** Whether the name says of which kind it is, and so can be no Service. */
function saysKind(text: string): boolean {
  const parts = text.split('/');
  return parts.length === 3 || (parts.length === 2 && workloadKind(parts[0] ?? '') !== undefined);
}

/** The Services that the name may mean, as `NAMESPACE/NAME`. */
function servicesCalled({ world }: KnownCalls, text: string): readonly string[] {
  const named = servicesOf(world).map(({ namespace, name }) => ({ name, full: `${namespace}/${name}` }));
  return named.filter(({ name, full }) => text === (text.includes('/') ? full : name)).map(({ full }) => full);
}

function nearService({ world }: KnownCalls, text: string): readonly string[] {
  const services = servicesOf(world);
  const near = nearest(text.slice(text.lastIndexOf('/') + 1), sortedUnique(services.map(({ name }) => name)));
  const meant = services.filter(({ name }) => name === near).map(({ namespace, name }) => `${namespace}/${name}`);
  return meant.length === 0 ? [] : [`did you mean ${meant.slice(0, 5).join(' or ')}?`];
}

function workloadNamed({ world }: Pick<KnownCalls, 'world'>, text: string, hint: string): Workload {
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
