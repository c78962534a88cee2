import { containerPorts, workloadsBehind } from '../../calls/find-services.ts';
import { formatSource } from '../../calls/call-id.ts';
import type { Call } from '../../calls/call.ts';
import { knownServerFirst, namesServerFirst, type ServerFirstHint } from '../../calls/known-server-first.ts';
import { payloadOf } from '../../calls/payload.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { portProtocol } from '../../mesh/istio/protocol/port-protocol.ts';
import { derivedFrom } from '../../world/derived.ts';
import { servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { CallIndex } from '../call-index.ts';
import type { Planning } from '../planning.ts';

/** A Service port that proxies would take for something else than what is spoken there. */
export interface JudgedServicePort {
  readonly service: Service;
  readonly port: ServicePort;
  /** `sure`: evidence says that the server speaks first. `question`: something only hints at what is spoken. */
  readonly certainty: 'sure' | 'question';
  /** What would be declared. */
  readonly declare: 'tcp' | 'http';
  /** What is spoken and who says so, what the port says, and what follows; without a full stop. */
  readonly why: string;
}

/**
 * The Service ports of the namespaces, and those that their workloads call elsewhere, whose declaration would stall a
 * call between sidecars or hide what it speaks.
 */
export function judgePorts(planning: Planning, namespaces: readonly string[]): readonly JudgedServicePort[] {
  const { world, index } = planning;
  const inPlan = new Set(namespaces);
  const calls = derivedFrom(index, byServicePort);
  const called = new Set(
    index.all.flatMap(({ id, from }) =>
      from.kind === 'workload' && inPlan.has(from.workload.namespace)
        ? (index.servers.get(id) ?? []).flatMap(({ service }) => (service === undefined ? [] : [nameOf(service)]))
        : [],
    ),
  );
  return world.namespaces().flatMap((namespace) =>
    servicesIn(world, namespace)
      .filter((service) => inPlan.has(namespace) || called.has(nameOf(service)))
      .flatMap((service) =>
        service.ports.flatMap(
          (port) => judge(planning, { service, port, calls: calls.get(keyOf(service, port)) ?? [] }) ?? [],
        ),
      ),
  );
}

function byServicePort({ all, servers }: CallIndex): ReadonlyMap<string, readonly Call[]> {
  const found = new Map<string, Set<Call>>();
  for (const call of all) {
    for (const { service, servicePort } of servers.get(call.id) ?? []) {
      if (service === undefined || servicePort === undefined) continue;
      const key = keyOf(service, servicePort);
      found.set(key, (found.get(key) ?? new Set<Call>()).add(call));
    }
  }
  return new Map([...found].map(([key, calls]) => [key, [...calls]]));
}

function nameOf({ namespace, name }: Service): string {
  return `${namespace}/${name}`;
}

function keyOf(service: Service, { port, protocol }: ServicePort): string {
  return `${nameOf(service)}:${String(port)}/${protocol}`;
}

interface Judged {
  readonly service: Service;
  readonly port: ServicePort;
  readonly calls: readonly Call[];
}

function judge(planning: Planning, judged: Judged): JudgedServicePort | undefined {
  const { service, port, calls } = judged;
  const said = portProtocol(port);
  if (port.protocol !== 'TCP' || service.type === 'ExternalName' || service.selector === undefined) return undefined;
  const http = calls.filter((call) => isHttp(call));
  if (said.declared === 'TCP') return said.decidedBy === 'well-known-port' ? undefined : hiddenHttp(judged, http);
  const named = calls.filter(({ protocol }) => namesServerFirst(protocol));
  const hint = said.declared === 'HTTP' ? undefined : hintAt(planning, judged);
  const who = serverFirstBy(named, hint);
  if (who === undefined) return undefined;
  const isRawTcp = calls.some(({ protocol }) => payloadOf(protocol, undefined) === 'tcp');
  const isSure = http.length === 0 && (named.length > 0 || hint?.by !== 'port' || isRawTcp);
  const against = http.length === 0 ? '' : `, but ${callers(http)} calls it with HTTP`;
  return {
    service,
    port,
    certainty: isSure ? 'sure' : 'question',
    declare: 'tcp',
    why: `${who}${against}, so the server speaks first; ${decapitalized(said.why)}`,
  };
}

function decapitalized(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '');
}

function isHttp({ protocol, request, phase }: Call): boolean {
  return phase !== 'probe' && (request !== undefined || payloadOf(protocol, undefined) === 'http');
}

function callers(calls: readonly Call[]): string {
  const names = sortedUnique(calls.map(({ from }) => formatSource(from)));
  return names.length > 2
    ? `${names.slice(0, 2).join(', ')} and ${String(names.length - 2)} more`
    : names.join(' and ');
}

function serverFirstBy(named: readonly Call[], hint: ServerFirstHint | undefined): string | undefined {
  const [call] = named;
  if (call !== undefined) return `${callers(named)} speaks ${call.protocol ?? ''} there`;
  if (hint === undefined) return undefined;
  const what = { image: 'image', name: 'name', port: 'number' }[hint.by];
  return `the ${what} ${hint.value} is known for ${hint.protocol}`;
}

/** A hint by image or name before one by the number alone. */
function hintAt({ world }: Planning, { service, port }: Judged): ServerFirstHint | undefined {
  let byNumber: ServerFirstHint | undefined;
  for (const { workload, pods } of workloadsBehind(world, service)) {
    const targets = containerPorts(port, pods);
    const containers = workload.template.containers.filter(
      ({ ports }) => ports.length === 0 || ports.some((each) => targets.includes(each.port)),
    );
    const inPod = containers.flatMap(({ ports }) => ports.filter((each) => targets.includes(each.port)));
    const names = [port.appProtocol, port.name, ...inPod.map(({ name }) => name)];
    const images = containers.map(({ image }) => image);
    const strong = knownServerFirst([], images, names);
    if (strong !== undefined) return strong;
    byNumber ??= knownServerFirst([...targets, port.port], []);
  }
  return byNumber;
}

/** HTTP on a port that is declared TCP passes, and no proxy sees that it is HTTP. */
function hiddenHttp({ service, port }: Judged, http: readonly Call[]): JudgedServicePort | undefined {
  if (http.length === 0) return undefined;
  return {
    service,
    port,
    certainty: 'question',
    declare: 'http',
    why: `${callers(http)} calls it with HTTP; ${decapitalized(portProtocol(port).why)}, so proxies see bytes only: calls pass, without metrics, retries and rules of HTTP`,
  };
}
