import { asObjects, asText, asTextMap, at } from '../../../lib/json.ts';
import { compareBy } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind, KubeObject } from '../../kubernetes/object.ts';
import { holding, oncePer } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import { oddMetadata } from './capture-doubt.ts';
import { labelsOfNamespace, readByRevision, seenByDiscovery } from './config-visibility.ts';
import { controlPlaneDoubt } from './control-plane-doubt.ts';
import { namespaceLabels } from './enrolment.ts';
import type { PolicyTarget } from './mtls/policy-levels.ts';
import { meshSettings, type MeshSettings } from './mesh-settings.ts';
import { oncePerTarget } from './once-per-target.ts';

/** The configuration that the proxies of one revision are given: mesh settings, and the objects that istiod reads. */
export interface ProxyView {
  readonly revision: string;
  readonly settings: MeshSettings;
  readonly world: World;
}

/** The view of a revision's proxies; unknown where the mesh configuration or the control plane was not read. */
export function proxyView(world: World, revision: string): Fact<ProxyView> {
  return viewOf(world, revision);
}

const viewOf = oncePer(findView);

function findView(world: World, revision: string): Fact<ProxyView> {
  const doubt = controlPlaneDoubt(world, revision);
  if (doubt !== undefined) return unknown(doubt);
  const settings = meshSettings(world, revision);
  return settings.known ? known(holding({ revision, settings: settings.value, world })) : settings;
}

/** Objects that istiod of the view's revision reads, with the reason why there may be more. */
export interface Visible {
  readonly objects: readonly KubeObject[];
  readonly gap: string | undefined;
}

/** The objects of a kind in a namespace that the view's proxies are given anything of. */
export function visibleIn(view: ProxyView, kind: Kind, namespace: string): Visible {
  const seen = seenIn(view, kind);
  const kept = seen.get(namespace) ?? lookIn(view, kind, namespace);
  seen.set(namespace, kept);
  return kept;
}

const seenIn = oncePer<ProxyView, Kind, Map<string, Visible>>(() => new Map());

function lookIn(view: ProxyView, kind: Kind, namespace: string): Visible {
  const { objects, gap } = view.world.listIn(kind, namespace);
  if (objects.length === 0) return { objects, gap };
  const seen = discovers(view, namespace);
  if (!seen.known) return { objects: [], gap: seen.reason };
  if (!seen.value) return { objects: [], gap };
  return { objects: objects.filter(({ metadata }) => readByRevision(metadata.labels, view.revision).read), gap };
}

/** The objects of a kind in several namespaces, each namespace once. */
export function visibleAmong(view: ProxyView, kind: Kind, namespaces: readonly string[]): Visible {
  const seen = seenAmong(view, kind);
  const names = namespaces.join('/');
  const kept = seen.get(names) ?? lookAmong(view, kind, namespaces);
  seen.set(names, kept);
  return kept;
}

const seenAmong = oncePer<ProxyView, Kind, Map<string, Visible>>(() => new Map());

function lookAmong(view: ProxyView, kind: Kind, namespaces: readonly string[]): Visible {
  const parts = [...new Set(namespaces)].map((namespace) => visibleIn(view, kind, namespace));
  return {
    objects: parts
      .flatMap((part) => part.objects)
      .sort(
        compareBy(
          ({ metadata }) => metadata.namespace ?? '',
          ({ metadata }) => metadata.name,
        ),
      ),
    gap: parts.find((part) => part.gap !== undefined)?.gap,
  };
}

/** The objects of a kind in all namespaces: some resources act on clients wherever they are. */
export function visibleEverywhere(view: ProxyView, kind: Kind): Visible {
  return seenEverywhere(view, kind);
}

const seenEverywhere = oncePer(lookEverywhere);

function lookEverywhere(view: ProxyView, kind: Kind): Visible {
  const { objects, gap } = view.world.list(kind);
  const used = objects.map(({ metadata }) => metadata.namespace ?? '');
  const found = lookAmong(view, kind, used);
  return { objects: found.objects, gap: gap ?? found.gap };
}

/** Whether istiod sees the namespace at all. */
export function discovers(view: ProxyView, namespace: string): Fact<boolean> {
  if (view.settings.discoverySelectors.length === 0) return known(true);
  const labels = namespaceLabels(view.world, namespace);
  if (!labels.known) return labels;
  return known(seenByDiscovery(view.settings.discoverySelectors, labelsOfNamespace(labels.value)).read);
}

/** Objects that may change what a proxy does in ways that the rules here do not follow. */
const MODIFIERS = [KIND.envoyFilter, KIND.wasmPlugin, KIND.trafficExtension, KIND.proxyConfig] as const;

/**
 * Why the proxies of pods with these labels may do something else than the rules say: an EnvoyFilter or an extension
 * that selects them, or such kinds unread. Undefined where nothing of the kind touches them.
 */
export function modifierOf(
  view: ProxyView,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  return modifierAt(view, { namespace, labels });
}

const modifierAt = oncePerTarget((view: ProxyView, target) => modifierAmong(view, MODIFIERS, target));

/**
 * Why the listeners for what comes in may be others than PeerAuthentication says: an EnvoyFilter that rewrites them, or
 * settings of the proxy. Extensions that only look at requests leave them as they are.
 * Source: https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ApplyTo.
 */
export function listenerModifierOf(view: ProxyView, target: PolicyTarget): string | undefined {
  return listenerModifierAt(view, target);
}

const listenerModifierAt = oncePerTarget((view: ProxyView, target) =>
  modifierAmong(view, [KIND.envoyFilter, KIND.proxyConfig], { ...target, counts: changesListeners }),
);

/** What an EnvoyFilter may patch without any change to which bytes a server's listener takes. */
const BESIDE_LISTENERS: ReadonlySet<string> = new Set([
  'CLUSTER',
  'HTTP_FILTER',
  'HTTP_ROUTE',
  'ROUTE_CONFIGURATION',
  'VIRTUAL_HOST',
]);

function changesListeners({ kind, spec }: KubeObject): boolean {
  if (kind !== 'EnvoyFilter') return true;
  return asObjects(at(spec, 'configPatches')).some((patch) => {
    const context = asText(at(patch, 'match', 'context')) ?? 'ANY';
    const isInbound = context === 'ANY' || context === 'SIDECAR_INBOUND';
    return isInbound && !BESIDE_LISTENERS.has(asText(patch['applyTo']) ?? '');
  });
}

interface ModifierTarget extends PolicyTarget {
  /** Which objects count; all if absent. */
  readonly counts?: (object: KubeObject) => boolean;
}

/** The same for objects of the given kinds alone, and of those only for some. */
export function modifierAmong(
  view: ProxyView,
  kinds: readonly Kind[],
  { namespace, labels, counts }: ModifierTarget,
): string | undefined {
  const odd = oddMetadata(view.settings.defaultProxySettings);
  if (odd !== undefined) return `the mesh configuration's defaultConfig sets ${odd}, whose effect is not modelled`;
  for (const kind of kinds) {
    const { objects, gap } = visibleAmong(view, kind, [view.settings.rootNamespace, namespace]);
    const found = objects.find((object) => touches(object, labels) && (counts?.(object) ?? true));
    if (found !== undefined) {
      const { metadata } = found;
      return `${found.kind} ${metadata.namespace ?? ''}/${metadata.name} changes these proxies in ways that are not modelled`;
    }
    if (gap !== undefined) return gap;
  }
  return undefined;
}

function touches(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const { spec } = object;
  // A ProxyConfig that sets neither image nor environment changes no rule.
  const isHarmless = at(spec, 'environmentVariables') === undefined && at(spec, 'image') === undefined;
  if (object.kind === 'ProxyConfig' && isHarmless) return false;
  const selector = at(spec, 'workloadSelector', 'labels') ?? at(spec, 'selector', 'matchLabels');
  return Object.entries(asTextMap(selector)).every(([key, value]) => labels[key] === value);
}
