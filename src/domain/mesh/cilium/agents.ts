import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import { whyMissing } from '../../world/coverage.ts';
import { derivedFrom } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { oncePerNamespace } from '../../world/object-world.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { imageVersion } from '../recognised/signature.ts';

/** Cilium's agents, which run on every node. */
export interface CiliumAgents {
  readonly ref: ObjectRef;
  readonly namespace: string;
  readonly version?: string;
}

/**
 * The agents of Cilium, or undefined where there are none. That there are none is known where DaemonSets or pods were
 * read whole.
 */
export function ciliumAgents(world: World): Fact<CiliumAgents | undefined> {
  return derivedFrom(world, findAgents);
}

function findAgents(world: World): Fact<CiliumAgents | undefined> {
  const found = world.namespaces().flatMap((namespace) => agentIn(world, namespace) ?? [])[0];
  if (found === undefined) {
    const [daemonSets, pods] = [world.list(KIND.daemonSet).gap, world.list(KIND.pod).gap];
    return daemonSets === undefined || pods === undefined ? known(undefined) : unknown(daemonSets);
  }
  const agent = found.template.containers.find(({ name }) => name === 'cilium-agent') ?? found.template.containers[0];
  const version = imageVersion(agent?.image ?? '');
  const { namespace, object } = found;
  return known({ ref: refOf(object), namespace, ...(version === undefined ? {} : { version }) });
}

const agentIn = oncePerNamespace((world: World, namespace: string) =>
  workloadsIn(world, namespace).find(
    ({ kind, name, template }) =>
      kind === 'DaemonSet' && (name === 'cilium' || template.labels['k8s-app'] === 'cilium'),
  ),
);

/** A switch of `cilium-config`: what is written, or undefined where the chart left it out; unknown where nobody read it. */
export function ciliumSwitch(world: World, key: string): Fact<string | undefined> {
  const config = ciliumConfig(world);
  if (!config.known) return config;
  return known(asText(at(config.value.data, key)));
}

/** Whether a switch is on, as Go's flags read it; one that is left out is off. */
export function isOn(world: World, key: string): Fact<boolean> {
  const found = ciliumSwitch(world, key);
  return found.known ? known(/^(1|t|T|true|True|TRUE)$/.test(found.value ?? '')) : found;
}

function ciliumConfig(world: World): Fact<KubeObject> {
  const agents = ciliumAgents(world);
  if (!agents.known) return agents;
  const namespace = agents.value?.namespace ?? 'kube-system';
  const ref = { kind: KIND.configMap, namespace, name: 'cilium-config' };
  const config = world.get(ref);
  return config === undefined ? unknown(whyMissing(world.coverage, ref)) : known(config);
}
