import { asBoolean, asList, asNumber, asTexts, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { gapOfObject, whyMissing } from '../../world/coverage.ts';
import { derivedFrom, oncePer } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import { DEFAULT_ENABLEMENT_SELECTORS, type EnablementSelector } from './ambient/enrolment-labels.ts';
import { DEFAULT_CNI_EXCLUDED_NAMESPACES } from './injection/traffic-capture.ts';
import { injectorValues } from './mesh-settings.ts';

/** The name of the DaemonSet that Istio's CNI chart installs. */
const CNI_AGENT = 'istio-cni-node';
const CONFIG = 'istio-cni-config';

/** The DaemonSets that run ztunnel, with the reason why there may be more. */
export function ztunnels(world: World): { readonly agents: readonly KubeObject[]; readonly gap: string | undefined } {
  const { objects, gap } = world.list(KIND.daemonSet);
  return { agents: derivedFrom(objects, runningZtunnel), gap };
}

function runningZtunnel(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter(isZtunnel);
}

function isZtunnel({ metadata: { name, labels } }: KubeObject): boolean {
  return name === 'ztunnel' || labels['app'] === 'ztunnel' || labels['app.kubernetes.io/name'] === 'ztunnel';
}

/** The DaemonSets of Istio's CNI agent; several where nodes of several kinds have one each. */
export function cniAgents(world: World): readonly KubeObject[] {
  return derivedFrom(world.list(KIND.daemonSet).objects, runningAgent);
}

function runningAgent(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter(({ metadata }) => metadata.name === CNI_AGENT || metadata.labels['k8s-app'] === CNI_AGENT);
}

/**
 * Whether injection leaves the capture of new pods to the CNI plugin: chart value `pilot.cni.enabled`, before 1.24
 * `istio_cni.enabled`. Unknown where the values say nothing and a CNI agent runs, or may run.
 * Source: istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml.
 */
export function usesCni(world: World, revision: string): Fact<boolean> {
  return cniUse(world, revision);
}

const cniUse = oncePer(findCniUse);

function findCniUse(world: World, revision: string): Fact<boolean> {
  const values = injectorValues(world, revision);
  if (!values.known) return values;
  const written =
    asBoolean(at(values.value, 'pilot', 'cni', 'enabled')) ?? asBoolean(at(values.value, 'istio_cni', 'enabled'));
  if (written !== undefined) return known(written);
  const [agent] = cniAgents(world);
  if (agent !== undefined)
    return unknown(`DaemonSet ${agent.metadata.name} runs, and the injector's values do not say whether it captures`);
  const { gap } = world.list(KIND.daemonSet);
  return gap === undefined ? known(false) : unknown(gap);
}

/** The namespaces that the CNI agent leaves out; its chart writes them into its own ConfigMap, else its default holds. */
export function cniExcludedNamespaces(world: World): Fact<readonly string[]> {
  const [agent] = cniAgents(world);
  const { gap } = world.list(KIND.daemonSet);
  if (agent === undefined) return gap === undefined ? known([]) : unknown(gap);
  const settings = agentSettings(world, agent);
  if (!settings.known) return settings;
  const written = at(settings.value, 'excludeNamespaces');
  return known(written === undefined ? DEFAULT_CNI_EXCLUDED_NAMESPACES : asTexts(written));
}

/** What the CNI agent puts behind ztunnel; known undefined where it leaves ambient mode alone. */
export function enablementSelectors(world: World, agent: KubeObject): Fact<readonly EnablementSelector[] | undefined> {
  const settings = agentSettings(world, agent);
  if (!settings.known) return settings;
  if (at(settings.value, 'ambientEnabled') === false) return known(undefined);
  const written = at(settings.value, 'enablementSelectors');
  if (written === undefined) return known(DEFAULT_ENABLEMENT_SELECTORS);
  return known(
    asList(written).map((pair) => ({
      namespaceSelector: parseLabelSelector(at(pair, 'namespaceSelector') ?? {}),
      podSelector: parseLabelSelector(at(pair, 'podSelector') ?? {}),
    })),
  );
}

/** Without its ConfigMap the agent runs by the defaults of its chart; where it may be there unread, nobody knows. */
function agentSettings(world: World, agent: KubeObject): Fact<unknown> {
  const namespace = agent.metadata.namespace ?? '';
  const ref = { kind: KIND.configMap, namespace, name: CONFIG };
  const config = world.get(ref);
  if (config !== undefined) {
    const failed = at(config.decoded, 'error');
    return failed === undefined
      ? known(at(config.decoded, 'cni'))
      : unknown(`ConfigMap ${namespace}/${CONFIG} cannot be read`);
  }
  return gapOfObject(world.coverage, ref) === undefined ? known(undefined) : unknown(whyMissing(world.coverage, ref));
}

/** Why the DaemonSet may have no pod on some node; undefined where nothing says so. */
export function whyNotEverywhere(world: World, agent: KubeObject): string | undefined {
  const { namespace, name } = agent.metadata;
  const desired = asNumber(at(agent.status, 'desiredNumberScheduled'));
  const ready = asNumber(at(agent.status, 'numberReady'));
  const label = `DaemonSet ${namespace ?? ''}/${name}`;
  if (desired !== undefined && desired > 0 && ready === 0) return `no pod of ${label} is ready`;
  const { objects, gap } = world.list(KIND.node);
  if (desired === undefined || gap !== undefined || objects.length === 0 || desired >= objects.length) return undefined;
  return `${label} runs on ${String(desired)} of ${String(objects.length)} nodes`;
}
