import { asTexts, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { AlikeSenders } from '../mesh.ts';
import { sendsHbone } from './ambient/tunnel-wire.ts';
import { ztunnelView } from './ambient/ztunnel-agent.ts';
import { spiffeId } from './authorization/peer-match.ts';
import { listedPorts } from './capture-settings.ts';
import { runsAsProxyUser } from './client-bypass.ts';
import { EXPORT_TO, takingSidecar } from './client-side.ts';
import { dataPlaneOf } from './data-plane.ts';
import { discovers, visibleIn, type ProxyView } from './proxy-view.ts';
import { sidecarFor } from './sidecar-resource.ts';

/**
 * With whom a client shares what it sends. Behind ztunnel nothing of the client matters but who it is. A sidecar is
 * given configuration by namespace and by labels: only those of namespaces that nothing is written for are alike, and
 * not towards their own namespace.
 */
export function alikeSenders(workload: Workload, cohort: Cohort, world: World): AlikeSenders | undefined {
  const dataPlane = dataPlaneOf(workload, cohort, world);
  return dataPlane?.mode === 'ambient' ? behindZtunnel(workload, cohort, world) : bySidecar(workload, cohort, world);
}

function behindZtunnel(workload: Workload, cohort: Cohort, world: World): AlikeSenders | undefined {
  const captured = dataPlaneOf(workload, cohort, world)?.captured;
  if (captured?.known !== true || !captured.value) return undefined;
  const view = ztunnelView(world);
  if (!view.known) return undefined;
  const seen = discovers(view.value, workload.namespace);
  if (!seen.known || !seen.value) return undefined;
  return { key: 'ztunnel', everywhere: true, identity: identityIn(view.value, workload, cohort) };
}

function bySidecar(workload: Workload, cohort: Cohort, world: World): AlikeSenders | undefined {
  const view = takingSidecar(workload, cohort, world);
  if (view === undefined || hasOwnSettings(cohort.pod) || runsAsProxyUser(cohort.pod) !== undefined) return undefined;
  if (!isPlain(view, workload.namespace) || isNamed(view, workload.namespace)) return undefined;
  const sidecar = sidecarFor(view, { workload, cohort });
  const sends = sendsHbone(cohort.pod);
  if (!sidecar.known || !sends.known) return undefined;
  const of = sidecar.value?.metadata;
  return {
    key: JSON.stringify([view.revision, sends.value, of?.namespace, of?.name, captureTold(cohort.pod)]),
    everywhere: false,
    identity: identityIn(view, workload, cohort),
  };
}

function identityIn({ settings }: ProxyView, { namespace }: Workload, { pod }: Cohort): string {
  return spiffeId(settings.trustDomain, namespace, pod.serviceAccount);
}

/** A pod may say itself what its capture leaves out. */
function hasOwnSettings({ annotations }: PodShape): boolean {
  return Object.keys(annotations).some((name) => name.startsWith('traffic.sidecar.istio.io/'));
}

/** What a pod that runs shows that its capture was told. */
function captureTold({ initContainers }: PodShape): readonly string[] {
  return initContainers.find(({ name }) => name === 'istio-init')?.args ?? [];
}

/** Kinds of which an object is for the clients of its own namespace, or may be. */
const FOR_CLIENTS = [KIND.sidecar, KIND.destinationRule, KIND.virtualService] as const;

/** Whether nothing in the namespace is for its clients alone; not of the root namespace, whose objects are for all. */
function isPlain(view: ProxyView, namespace: string): boolean {
  if (namespace === view.settings.rootNamespace) return false;
  return FOR_CLIENTS.every((kind) => {
    const { objects, gap } = visibleIn(view, kind, namespace);
    return objects.length === 0 && gap === undefined;
  });
}

/** Whether something is shown to some namespaces, this one among them. */
function isNamed(view: ProxyView, namespace: string): boolean {
  return derivedFrom(view, namespacesNamed).has(namespace);
}

function namespacesNamed({ settings, world }: ProxyView): ReadonlySet<string> {
  const exporting = [KIND.destinationRule, KIND.virtualService].flatMap((kind) => world.list(kind).objects);
  return new Set([
    ...settings.defaultServiceExportTo,
    ...settings.defaultDestinationRuleExportTo,
    ...settings.defaultVirtualServiceExportTo,
    ...exporting.flatMap(({ spec }) => asTexts(at(spec, 'exportTo'))),
    ...derivedFrom(world.list(KIND.service).objects, allExports),
  ]);
}

function allExports(services: readonly KubeObject[]): readonly string[] {
  return services.flatMap(exportsOf);
}

function exportsOf({ metadata }: KubeObject): readonly string[] {
  const annotated = metadata.annotations[EXPORT_TO];
  return annotated === undefined ? [] : listedPorts(annotated);
}
