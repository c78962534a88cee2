import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, type KubeObject } from '../../kubernetes/object.ts';
import { whyMissing } from '../../world/coverage.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { LinkerdControlPlane } from './control-plane.ts';
import { INIT_CONTAINER, PROXY_PORTS, SKIP_INBOUND_PORTS, SKIP_OUTBOUND_PORTS } from './names.ts';
import { holdsPort, firewallPortRanges, type PortRange } from './opaque-ports/port-lists.ts';
import { linkerdMarks } from './recognise.ts';

/** A direction of the pod's traffic. */
export type Direction = 'inbound' | 'outbound';

const SETTINGS = {
  inbound: { annotation: SKIP_INBOUND_PORTS, flag: '--inbound-ports-to-ignore', cni: 'inbound-ports-to-ignore' },
  outbound: { annotation: SKIP_OUTBOUND_PORTS, flag: '--outbound-ports-to-ignore', cni: 'outbound-ports-to-ignore' },
} as const;

/**
 * The ports that a pod's capture leaves out, so that connections to them pass no proxy: as `linkerd-init` was told,
 * else as the pod's annotation says, else the chart's list; with the CNI plugin, the annotation and the plugin's list.
 * Entries with blanks or names are no ports here. Only TCP is ever captured.
 * Source: linkerd2-proxy-init pkg/iptables/iptables.go, cni-plugin/main.go#cmdAdd.
 */
export function skippedPorts(
  pod: PodShape,
  direction: Direction,
  context: { readonly plane: Fact<LinkerdControlPlane>; readonly world: World },
): Fact<readonly PortRange[]> {
  const { annotation, flag } = SETTINGS[direction];
  const init = pod.initContainers.find(({ name }) => name === INIT_CONTAINER);
  const told = init === undefined || init.args.length === 0 ? undefined : (argumentAfter(init.args, flag) ?? '');
  if (told !== undefined) return known(withOwnPorts(firewallPortRanges(told), direction));
  const written = pod.annotations[annotation];
  if (usesPlugin(pod, context.plane)) return skippedByPlugin(written, direction, context.world);
  if (written !== undefined) return known(withOwnPorts(firewallPortRanges(written), direction));
  const { plane } = context;
  if (!plane.known) return plane;
  const list = direction === 'inbound' ? plane.value.ignoreInboundPorts : plane.value.ignoreOutboundPorts;
  return mapFact(list, (ports) => withOwnPorts(firewallPortRanges(ports), direction));
}

/** Whether the capture leaves every port of a direction out. */
export function skipsEverything(ranges: readonly PortRange[]): boolean {
  return [1, 80, 443, 8080, 65_535].every((port) => holdsPort(ranges, port));
}

/** The DaemonSets of Linkerd's CNI plugin. */
export function cniAgents(world: World): { readonly objects: readonly KubeObject[]; readonly gap: string | undefined } {
  const { objects, gap } = world.list(KIND.daemonSet);
  return { objects: objects.filter(isCniAgent), gap };
}

function isCniAgent({ metadata }: KubeObject): boolean {
  return metadata.labels['k8s-app'] === 'linkerd-cni' || metadata.name === 'linkerd-cni';
}

function usesPlugin(pod: PodShape, plane: Fact<LinkerdControlPlane>): boolean {
  const { capture } = linkerdMarks(pod);
  if (capture !== 'none') return capture === 'cni';
  return plane.known && plane.value.cniEnabled.known && plane.value.cniEnabled.value;
}

/** An annotation adds to the plugin's inbound list and replaces its outbound list; an empty one does neither. */
function skippedByPlugin(written: string | undefined, direction: Direction, world: World): Fact<readonly PortRange[]> {
  const own = written === undefined || written === '' ? [] : firewallPortRanges(written);
  if (direction === 'outbound' && own.length > 0) return known(own);
  return mapFact(pluginPorts(world, direction), (ports) => withOwnPorts([...ports, ...own], direction));
}

function pluginPorts(world: World, direction: Direction): Fact<readonly PortRange[]> {
  const [agent] = cniAgents(world).objects;
  const namespace = agent?.metadata.namespace ?? 'linkerd-cni';
  const ref = { kind: KIND.configMap, namespace, name: 'linkerd-cni-config' };
  const config = world.get(ref);
  if (config === undefined) return unknown(whyMissing(world.coverage, ref));
  const ports = asText(at(config.decoded?.['cni'], SETTINGS[direction].cni));
  if (ports === undefined) return unknown(`${formatRef(ref)} does not say ${SETTINGS[direction].cni}`);
  return known(firewallPortRanges(ports));
}

function withOwnPorts(ranges: readonly PortRange[], direction: Direction): readonly PortRange[] {
  if (direction === 'outbound') return ranges;
  const { admin, control } = PROXY_PORTS;
  return [{ first: control, last: admin }, ...ranges];
}

function argumentAfter(args: readonly string[], flag: string): string | undefined {
  const index = args.indexOf(flag);
  return index < 0 ? args.find((arg) => arg.startsWith(`${flag}=`))?.slice(flag.length + 1) : args[index + 1];
}
