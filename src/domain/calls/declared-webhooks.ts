import { asNumber, asObject, asObjects, asText, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import { fromOutsider, joinFound, type FoundCalls } from './found-calls.ts';

const WEBHOOK_PORT = 443;

/**
 * The calls of the API server to admission webhooks, conversion webhooks and aggregated APIs in the cluster. The port
 * is 443 where none is given.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/.
 */
export function declaredWebhooks(world: World): FoundCalls {
  const admission = [KIND.mutatingWebhook, KIND.validatingWebhook].flatMap((kind) =>
    world.list(kind).objects.flatMap((object) =>
      asObjects(object['webhooks']).map((webhook) =>
        fromService(world, object, {
          service: at(webhook, 'clientConfig', 'service'),
          detail: `webhook ${asText(webhook['name']) ?? ''}, failurePolicy ${asText(webhook['failurePolicy']) ?? 'Fail'}`,
        }),
      ),
    ),
  );
  const conversion = world.list(KIND.customResourceDefinition).objects.map((object) =>
    fromService(world, object, {
      service: at(object.spec, 'conversion', 'webhook', 'clientConfig', 'service'),
      detail: 'conversion webhook',
    }),
  );
  const aggregated = world
    .list(KIND.apiService)
    .objects.map((object) =>
      fromService(world, object, { service: at(object.spec, 'service'), detail: 'aggregated API' }),
    );
  return joinFound([...admission, ...conversion, ...aggregated]);
}

function fromService(
  world: World,
  object: KubeObject,
  { service: raw, detail }: { readonly service: unknown; readonly detail: string },
): FoundCalls {
  const service = asObject(raw);
  const namespace = asText(service?.['namespace']);
  const name = asText(service?.['name']);
  if (namespace === undefined || name === undefined) return joinFound([]);
  const path = asText(service?.['path']);
  const evidence = {
    kind: 'declared',
    source: formatRef(refOf(object)),
    detail: path === undefined ? detail : `${detail}, path ${path}`,
  } as const;
  const backend = { namespace, service: name, port: asNumber(service?.['port']) ?? WEBHOOK_PORT };
  return callsToBackend(world, backend, { senders: [fromOutsider('apiserver')], evidence, protocol: 'tls' });
}
