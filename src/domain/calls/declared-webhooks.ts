import { asNumber, asObject, asObjects, asText, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import type { CallEvidence } from './call.ts';
import { fromOutsider, joinFound, stateCall, type FoundCalls } from './found-calls.ts';
import { hostTarget } from './host-target.ts';
import { hostOfUrl } from './url-parts.ts';

const WEBHOOK_PORT = 443;

/**
 * The calls of the API server to admission webhooks, conversion webhooks and aggregated APIs in the cluster. The port
 * is 443 where none is given.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/.
 */
export function declaredWebhooks(world: World): FoundCalls {
  const admission = [KIND.mutatingWebhook, KIND.validatingWebhook].flatMap((kind) =>
    world.list(kind).objects.flatMap((object) =>
      asObjects(object['webhooks']).map((webhook) => {
        const failurePolicy = webhook['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail';
        const detail = `webhook ${asText(webhook['name']) ?? ''}, failurePolicy ${failurePolicy}`;
        return fromConfig(world, object, { config: at(webhook, 'clientConfig'), detail, failurePolicy });
      }),
    ),
  );
  const conversion = world.list(KIND.customResourceDefinition).objects.map((object) =>
    fromConfig(world, object, {
      config: at(object.spec, 'conversion', 'webhook', 'clientConfig'),
      detail: 'conversion webhook',
    }),
  );
  const aggregated = world
    .list(KIND.apiService)
    .objects.map((object) => fromConfig(world, object, { config: object.spec, detail: 'aggregated API' }));
  return joinFound([...admission, ...conversion, ...aggregated]);
}

interface Client {
  /** Names the server by `service`, or by `url`. */
  readonly config: unknown;
  readonly detail: string;
  readonly failurePolicy?: 'Fail' | 'Ignore';
}

function fromConfig(world: World, object: KubeObject, { config, ...said }: Client): FoundCalls {
  const evidence = { kind: 'declared', source: formatRef(refOf(object)), ...said } as const;
  const service = asObject(at(config, 'service'));
  const namespace = asText(service?.['namespace']);
  const name = asText(service?.['name']);
  if (namespace === undefined || name === undefined) return fromUrl(world, asText(at(config, 'url')), evidence);
  const backend = { namespace, service: name, port: asNumber(service?.['port']) ?? WEBHOOK_PORT };
  return callsToBackend(world, backend, { senders: [fromOutsider('apiserver')], evidence, protocol: 'tls' });
}

/** An address instead of a Service may still lead into the cluster. */
function fromUrl(world: World, url: string | undefined, evidence: CallEvidence): FoundCalls {
  const token = url === undefined ? undefined : hostOfUrl(url, 'url');
  if (token === undefined) return joinFound([]);
  const { targets, reason } = hostTarget(world, token, '');
  const calls = targets
    .filter(({ kind }) => kind !== 'external-host')
    .map((to) => stateCall({ from: fromOutsider('apiserver'), to, protocol: 'tls', evidence }));
  return {
    calls,
    unresolved: reason === undefined ? [] : [{ source: evidence.source, reason: `${token.host}: ${reason}` }],
  };
}
