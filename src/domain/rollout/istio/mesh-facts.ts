import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import { controlPlanes, injectionWebhooks } from '../../mesh/istio/control-plane.ts';
import { revisionsServed } from '../../mesh/istio/injection/webhook.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { meshSettings } from '../../mesh/istio/mesh-settings.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import { REVISION_TAG } from './control-plane-expect.ts';

/** A label on pods that asks for injection, with the one on namespaces that goes with it. */
export interface InjectionLabel {
  readonly pod: readonly [string, string];
  readonly namespace: readonly [string, string];
}

/** What the stages after the control plane need to know of it. */
export interface MeshFacts {
  /** Namespace of istiod. */
  readonly namespace: string;
  readonly rootNamespace: string;
  readonly trustDomain: Fact<string>;
  /** Labels that may ask for injection, in order of preference. */
  readonly labels: readonly InjectionLabel[];
}

const DEFAULT_LABEL: InjectionLabel = {
  pod: ['sidecar.istio.io/inject', 'true'],
  namespace: ['istio-injection', 'enabled'],
};

/** Reads the control plane of a world, be it one that runs or one that an earlier stage is expected to make. */
export function meshFacts(world: World): MeshFacts {
  const [plane, second] = controlPlanes(world);
  const settings = plane === undefined ? unknown('no istiod was read') : meshSettings(world, plane.revision);
  const trustDomain =
    second === undefined || !settings.known
      ? mapFact(settings, (value) => value.trustDomain)
      : agreedTrustDomain(world, settings.value.trustDomain);
  return {
    namespace: plane?.namespace ?? 'istio-system',
    rootNamespace: settings.known ? settings.value.rootNamespace : 'istio-system',
    trustDomain,
    labels: injectionLabels(world),
  };
}

function agreedTrustDomain(world: World, first: string): Fact<string> {
  for (const { revision } of controlPlanes(world)) {
    const settings = meshSettings(world, revision);
    if (!settings.known) return settings;
    if (settings.value.trustDomain !== first) return unknown('the control planes use different trust domains');
  }
  return known(first);
}

/** An installation with a default revision is asked in its plain words; else by our tag, a tag, or a revision. */
function injectionLabels(world: World): readonly InjectionLabel[] {
  const webhooks = injectionWebhooks(world);
  const tags = new Set(webhooks.flatMap(({ tag }) => tag ?? []));
  const served = revisionsServed(webhooks).filter((name) => name !== 'default');
  const named = [
    ...served.filter((name) => name === REVISION_TAG),
    ...served.filter((name) => tags.has(name) && name !== REVISION_TAG),
    ...served.filter((name) => !tags.has(name)),
  ];
  return [
    DEFAULT_LABEL,
    ...named.map((name): InjectionLabel => ({ pod: ['istio.io/rev', name], namespace: ['istio.io/rev', name] })),
  ];
}

/** The first label with which pods of this shape would be injected in the namespace; undefined where none does it. */
export function labelThatInjects(
  world: World,
  facts: MeshFacts,
  target: { readonly namespace: string; readonly pod: PodShape },
): InjectionLabel | undefined {
  const { namespace, pod } = target;
  return facts.labels.find(({ pod: [key, value] }) => {
    const labelled = { ...pod, labels: { ...pod.labels, [key]: value } };
    return istio.enrolment(namespace, labelled, world).decision === 'inject';
  });
}
