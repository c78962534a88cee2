import { asObject, at } from '../../../lib/json.ts';
import { compareBy, sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { AccessPolicy } from '../../mesh/linkerd/policy/access-policy.ts';
import type { ProxyProtocol } from '../../mesh/linkerd/policy/servers.ts';
import type { Step } from '../../world/step.ts';
import { serverPortsOf } from '../../world/server-ports.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { isLinkerdPort } from '../proxy-ports.ts';
import { isOurs, MANAGED_LABELS, nameFor, selectorLabels } from '../objects/generated-objects.ts';
import type { LinkerdCutting } from './cutting.ts';
import { portPolicy } from './port-policy.ts';

/**
 * A port with its Server, in the cluster or to be written: the one object that says who gets in. Workloads whose labels
 * overlap share one, because of two Servers on a pod's port only the oldest counts.
 */
export interface ServerUnit {
  readonly name: string;
  readonly namespace: string;
  /** Container ports; more than one only where a Server of others names a port that differs from pod to pod. */
  readonly ports: readonly number[];
  readonly workloads: readonly Workload[];
  /** What holds today. */
  readonly access: AccessPolicy;
  readonly protocol: ProxyProtocol;
  readonly selector: Readonly<Record<string, string>>;
  /** The object, where it is there already. */
  readonly existing?: KubeObject;
}

/** A port that no Server can be about, or of which nobody knows what holds. */
export interface OddPort {
  readonly workload: Workload;
  readonly port: number;
  readonly why: string;
  readonly kind: 'bypassed' | 'unknown';
}

/** The ports of the namespace's workloads that have proxies. */
export interface Units {
  readonly units: readonly ServerUnit[];
  readonly odd: readonly OddPort[];
}

interface Found extends Omit<ServerUnit, 'workloads' | 'ports' | 'name' | 'namespace'> {
  readonly workload: Workload;
  readonly port: number;
}

/** The ports with their Servers, the widest selector first, so that nobody gets a second Server on a port. */
export function unitsOf(cutting: LinkerdCutting, servers: readonly Workload[]): Units {
  const { world } = cutting.planning;
  const odd: OddPort[] = [];
  const found: Found[] = [];
  for (const workload of servers) {
    for (const port of portsOf(cutting, workload)) {
      const policy = portPolicy(world, workload, port);
      if (policy.kind !== 'held') {
        odd.push({ workload, port, why: policy.why, kind: policy.kind });
        continue;
      }
      const { access, protocol, server } = policy;
      const selector = ownLabels(workload);
      if (server === undefined && Object.keys(selector).length === 0) {
        odd.push({
          workload,
          port,
          why: 'its pods have no labels by which a Server could select them',
          kind: 'unknown',
        });
        continue;
      }
      found.push({ workload, port, access, protocol, selector, ...(server === undefined ? {} : { existing: server }) });
    }
  }
  const byWidth = compareBy<Found>(
    ({ selector }) => String(Object.keys(selector).length).padStart(3, '0'),
    ({ workload }) => formatWorkload(workload),
    ({ port }) => String(port).padStart(5, '0'),
  );
  return { units: grouped(world, [...found].sort(byWidth)), odd };
}

/** Ports that are declared, behind a Service, called or probed; not those of the proxy. */
function portsOf({ planning, rule }: LinkerdCutting, workload: Workload): readonly number[] {
  const judged = (rule.ports.get(formatWorkload(workload)) ?? []).map(({ port }) => port.port);
  const ports = new Set([...serverPortsOf(workload, planning.world), ...judged]);
  return [...ports].filter((port) => !isLinkerdPort(port)).sort((left, right) => left - right);
}

/** Labels that the mesh sets itself come and go with it. */
function ownLabels(workload: Workload): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(selectorLabels(workload)).filter(([key]) => !key.includes('linkerd.io/')));
}

function grouped(world: World, found: readonly Found[]): readonly ServerUnit[] {
  const units: ServerUnit[] = [];
  for (const one of found) {
    const index = units.findIndex((unit) => isAbout(unit, one));
    const unit = units[index];
    if (unit === undefined) units.push(newUnit(world, one));
    else
      units[index] = {
        ...unit,
        workloads: eachOnce([...unit.workloads, one.workload]),
        ports: numbers([...unit.ports, one.port]),
      };
  }
  return units;
}

function isAbout(unit: ServerUnit, { workload, port, existing }: Found): boolean {
  if (existing !== undefined || unit.existing !== undefined) return unit.existing === existing;
  return (
    unit.ports.includes(port) &&
    Object.entries(unit.selector).every(([key, value]) => workload.template.labels[key] === value)
  );
}

function newUnit(world: World, { workload, port, ...rest }: Found): ServerUnit {
  const name = rest.existing?.metadata.name ?? nameFor(world, workload, `port-${String(port)}`);
  return { ...rest, name, namespace: workload.namespace, ports: [port], workloads: [workload] };
}

function eachOnce(workloads: readonly Workload[]): readonly Workload[] {
  return [...new Map(workloads.map((workload) => [formatWorkload(workload), workload])).values()];
}

function numbers(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].sort((left, right) => left - right);
}

/**
 * The step that has the unit's Server say `access`; none where it does. One of others is patched in that field alone; one
 * of ours is written whole, because its file is ours too, and whoever applies that file would take a patch back.
 */
export function serverStep(world: World, unit: ServerUnit, access: AccessPolicy): readonly Step[] {
  const { existing, name, namespace, selector, protocol } = unit;
  const current = existing === undefined ? undefined : world.get(refOf(existing));
  if (current !== undefined) {
    if (at(current.spec, 'accessPolicy') === access) return [];
    if (isOurs(current)) {
      const { apiVersion, kind, spec } = current;
      const metadata = { name, namespace, labels: MANAGED_LABELS };
      return [
        { step: 'apply', manifest: { apiVersion, kind, metadata, spec: { ...asObject(spec), accessPolicy: access } } },
      ];
    }
    const why = `who gets in at port ${unit.ports.map(String).join(', ')}`;
    return [{ step: 'patch', target: refOf(current), patch: { spec: { accessPolicy: access } }, why }];
  }
  const [port = 0] = unit.ports;
  return [
    {
      step: 'apply',
      manifest: {
        apiVersion: 'policy.linkerd.io/v1beta3',
        kind: 'Server',
        metadata: { name, namespace, labels: MANAGED_LABELS },
        spec: { podSelector: { matchLabels: selector }, port, proxyProtocol: protocol, accessPolicy: access },
      },
    },
  ];
}

/** The unit once its Server is in the world. */
export function inWorld(world: World, unit: ServerUnit): ServerUnit {
  const existing = unit.existing ?? world.get({ kind: KIND.linkerdServer, namespace: unit.namespace, name: unit.name });
  return existing === undefined ? unit : { ...unit, existing };
}

/** Workloads without a proxy whose later pods the unit's Server would be about as well. */
export function alsoAbout(unit: ServerUnit, outside: readonly Workload[]): readonly Workload[] {
  const written = unit.existing === undefined ? { matchLabels: unit.selector } : at(unit.existing.spec, 'podSelector');
  const selector = parseLabelSelector(written);
  return outside.filter(({ template }) => matchesSelector(selector, template.labels));
}

/** The unit for people: `shop/Deployment/cart port 8080`. */
export function formatUnit({ workloads, ports }: ServerUnit): string {
  return `${sortedUnique(workloads.map(formatWorkload)).join(' and ')} port ${ports.map(String).join(', ')}`;
}
