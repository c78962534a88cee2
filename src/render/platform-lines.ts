import type { Inventory } from '../domain/inventory/inventory.ts';
import type { Fact } from '../domain/world/fact.ts';
import type { Platform } from '../domain/world/platform/platform.ts';
import { countOf } from './words.ts';

/** The ground that the cluster stands on, in a few lines, each with its name; raw text. */
export function platformFacts({ cluster }: Inventory): readonly (readonly [name: string, text: string])[] {
  const { platform, kubernetesVersion } = cluster;
  const facts: readonly (readonly [string, readonly string[]])[] = [
    [
      'cluster',
      [`Kubernetes ${orUnknown(kubernetesVersion)}`, ...kubelets(platform), ...distribution(platform), nodes(platform)],
    ],
    ['network', network(platform)],
    ['room', room(platform)],
    ['guards', guards(platform)],
    ['runs', installed(platform)],
  ];
  return facts.flatMap(([name, words]) => (words.length === 0 ? [] : [[name, words.join(', ')] as const]));
}

function distribution({ distribution: found, provider, versions }: Platform): readonly string[] {
  const names = [found, provider].flatMap((fact) => (fact.known ? [fact.value.name] : []));
  const skewed = versions.withinSkew.known && !versions.withinSkew.value;
  return [...new Set(names), ...(skewed ? ['kubelets outside of the version skew that is supported'] : [])];
}

/** Kubelets say most of what an API server would that nobody asked. */
function kubelets({ versions: { apiServer, kubelets: found } }: Platform): readonly string[] {
  if (apiServer.known || !found.known) return [];
  return [`kubelets ${found.value.map(({ version }) => version).join(' and ')}`];
}

function nodes({ nodes: { count } }: Platform): string {
  return count.known ? countOf(count.value, 'node') : 'nodes unknown';
}

function network({ cni, kubeProxy, gatewayApi }: Platform): readonly string[] {
  const plugin = cni.known ? `CNI ${cni.value.plugins.map(pluginName).join(' and ')}` : 'CNI unknown';
  const replaced = kubeProxy.replaced.known && kubeProxy.replaced.value ? ['kube-proxy replaced'] : [];
  const mode = kubeProxy.mode.known ? [`kube-proxy ${kubeProxy.mode.value}`] : [];
  return [plugin, ...(replaced.length > 0 ? replaced : mode), ...gateways(gatewayApi)];
}

function gateways(gatewayApi: Platform['gatewayApi']): readonly string[] {
  if (!gatewayApi.known) return ['Gateway API unknown'];
  const { kinds, bundleVersions, channels } = gatewayApi.value;
  if (kinds.length === 0) return ['no Gateway API'];
  return [['Gateway API', ...bundleVersions, ...channels.map((channel) => `(${channel})`)].join(' ')];
}

function pluginName({ name, version }: { readonly name: string; readonly version?: string }): string {
  return version === undefined ? name : `${name} ${version}`;
}

function room({ capacity, quotas, autoscalers, disruptionBudgets }: Platform): readonly string[] {
  return [
    ...(capacity.allocatable.known ? [`${amount(capacity.allocatable.value)} for pods`] : []),
    ...(capacity.free.known ? [`${amount(capacity.free.value)} free`] : []),
    ...closed(capacity.closed),
    ...counted(quotas, 'quota'),
    ...counted(autoscalers.horizontal, 'autoscaler'),
    ...counted(disruptionBudgets, 'disruption budget'),
  ];
}

function closed(found: Platform['capacity']['closed']): readonly string[] {
  if (!found.known || found.value.length === 0) return [];
  return [
    `not counted: ${found.value.map(({ reason, nodes }) => `${countOf(nodes, 'node')} ${reason}`).join(' and ')}`,
  ];
}

function amount({
  cpuMillicores,
  memoryBytes,
}: {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
}): string {
  return `${(cpuMillicores / 1000).toFixed(1)} CPU and ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
}

function guards({ podSecurity, webhooks, admissionPolicies, components }: Platform): readonly string[] {
  const levels = podSecurity.enforce;
  const asked = levels.known
    ? (['restricted', 'baseline'] as const).flatMap((level) =>
        levels.value[level] === 0 ? [] : [`Pod Security ${level} in ${countOf(levels.value[level], 'namespace')}`],
      )
    : [];
  return [
    ...asked,
    ...counted(webhooks.mutating, 'mutating webhook'),
    ...counted(webhooks.validating, 'validating webhook'),
    ...admissionPolicies.engines.map(({ component }) => component).filter((name) => isInstalled(name, components)),
  ];
}

function isInstalled(name: string, components: Platform['components']): boolean {
  return components.some(({ component, state }) => component === name && state.known && state.value === 'installed');
}

function installed({ components }: Platform): readonly string[] {
  return components.flatMap(({ component, state, version }) =>
    state.known && state.value === 'installed' ? [version.known ? `${component} ${version.value}` : component] : [],
  );
}

/** None is worth no word; what was not read is among the gaps. */
function counted(fact: Fact<readonly unknown[]>, noun: string): readonly string[] {
  return fact.known && fact.value.length > 0 ? [countOf(fact.value.length, noun)] : [];
}

function orUnknown(fact: Fact<string>): string {
  return fact.known ? fact.value : 'unknown';
}
