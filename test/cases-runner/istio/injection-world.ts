import { asObject, asText, asTextMap, asTexts, at, type JsonObject } from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import { istio } from '../../../src/domain/mesh/istio/istio.ts';
import type { Enrolment } from '../../../src/domain/mesh/mesh.ts';
import { readPodShape } from '../../../src/domain/world/pod-shape.ts';
import { completeWorld, controlPlane, object } from '../case-world.ts';

/** Which webhook the API server calls, as the revision or tag that would inject. */
export function webhookInWorld(input: unknown): unknown {
  const enrolment = ask(input, { policy: 'enabled' }, chartWebhooks(input));
  return { calls: enrolment.decision === 'inject' ? (enrolment.revision ?? null) : null };
}

/** Gate B alone: a webhook that selects every pod stands for gate A. */
export function requiredInWorld(input: unknown): unknown {
  return answer(ask(input, asObject(at(input, 'injector')) ?? {}, [everyPod()]));
}

/** Both gates. */
export function bothGatesInWorld(input: unknown): unknown {
  return answer(ask(input, asObject(at(input, 'injector')) ?? {}, chartWebhooks(input)));
}

function answer({ decision }: Enrolment): unknown {
  return { inject: decision === 'unknown' || decision === 'ambient' ? decision : decision === 'inject' };
}

function ask(input: unknown, injector: JsonObject, webhooks: readonly KubeObject[]): Enrolment {
  const name = asText(at(input, 'namespace', 'name')) ?? 'unnamed';
  const labels = asTextMap(at(input, 'namespace', 'labels'));
  // Without an istiod a tag stays the tag that the case names.
  const configMaps = controlPlane({ injector }).filter(({ kind }) => kind === 'ConfigMap');
  const named = [...asTexts(at(input, 'install', 'revisions')), ...asTexts(at(input, 'install', 'tags'))];
  const revisions = named.filter((revision) => revision !== 'default');
  const others = revisions.flatMap((revision) =>
    controlPlane({ injector, revision }).filter(({ kind }) => kind === 'ConfigMap'),
  );
  const namespace = object('v1', 'Namespace', { name, labels });
  const world = completeWorld([...configMaps, ...others, namespace, ...webhooks]);
  const raw = at(input, 'pod');
  return istio.enrolment(name, readPodShape(raw, raw), world);
}

function chartWebhooks(input: unknown): readonly KubeObject[] {
  return chartWebhookConfigurations({
    revisions: asTexts(at(input, 'install', 'revisions')),
    tags: asTexts(at(input, 'install', 'tags')).map((tag) => ({ tag })),
    enableNamespacesByDefault: at(input, 'install', 'enableNamespacesByDefault') === true,
    origin: { from: 'read' },
  });
}

function everyPod(): KubeObject {
  const webhooks = [{ name: 'all.sidecar-injector.istio.io', namespaceSelector: {}, objectSelector: {} }];
  return object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
    name: 'istio-sidecar-injector',
    fields: { webhooks },
  });
}
