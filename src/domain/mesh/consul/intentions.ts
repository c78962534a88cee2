import { asObjects, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { gapOfObject } from '../../world/coverage.ts';
import { consulServerConfig } from '../../world/named-config-maps.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';
import type { ServerEnd } from '../mesh.ts';
import type { PolicySummary } from '../policy-summary.ts';
import { consulServices, isSynced } from './config-entries.ts';
import { consulPortMode } from './mutual-tls.ts';

type Default = PolicySummary['default'];

/**
 * The intentions whose destination is the server's service or every service, and what becomes of a call that none of
 * them names. Where plaintext reaches the application, a denial holds only for callers that come through their proxy.
 */
export function consulPolicies(server: Omit<ServerEnd, 'port'>, world: World): PolicySummary {
  const { objects, gap } = world.list(KIND.consulServiceIntentions);
  const names = consulServices(server, world);
  if (!names.known) return { default: 'unknown', policies: [], gap: names.reason };
  if (gap !== undefined) return { default: 'unknown', policies: [], gap };
  const policies = objects.filter((object) => {
    const destination = destinationOf(object);
    return destination === '*' || names.value.includes(destination);
  });
  const unsynced = policies.some((object) => !isSynced(object));
  const decided = unsynced ? 'unknown' : defaultOf(policies, world);
  const guarded = consulPortMode({ ...server, port: 0 }, world).mode === 'strict';
  return { default: decided === 'deny' && !guarded ? 'unknown' : decided, policies };
}

function destinationOf({ spec }: KubeObject): string {
  return asText(at(spec, 'destination', 'name')) ?? '';
}

/** A named destination comes before `*`; a source with permissions depends on the request. */
function defaultOf(policies: readonly KubeObject[], world: World): Default {
  const named = policies.filter((object) => destinationOf(object) !== '*');
  const forAll = policies.filter((object) => destinationOf(object) === '*');
  for (const object of [...named, ...forAll]) {
    const source = asObjects(at(object.spec, 'sources')).find((each) => each['name'] === '*');
    if (source === undefined) continue;
    const action = source['permissions'] === undefined ? asText(source['action']) : undefined;
    return action === 'allow' || action === 'deny' ? action : 'unknown';
  }
  return serverDefault(world);
}

/**
 * What the servers do where no intention decides: `default_intention_policy`, else the ACLs' `default_policy`, which
 * the chart sets to deny where it manages ACLs, else allow. Unknown where their ConfigMap was not read, as it cannot be
 * of servers outside the cluster.
 * Source: consul-k8s charts/consul/templates/server-config-configmap.yaml.
 */
export function serverDefault(world: World): Default {
  const configs = world
    .list(KIND.configMap)
    .objects.filter(({ metadata }) => metadata.name.endsWith('-server-config') && metadata.labels['app'] === 'consul');
  const [config, second] = configs;
  if (second !== undefined || hasUnreadServers(world)) return 'unknown';
  const word = (key: string): string | undefined => asText(at(config?.data, key));
  const written = word('default_intention_policy') ?? word('default_policy');
  if (written === 'allow' || written === 'deny') return written;
  return config?.data === undefined ? 'unknown' : 'allow';
}

/** Servers whose own configuration may say otherwise than the one that was read. */
function hasUnreadServers(world: World): boolean {
  return world.list(KIND.statefulSet).objects.some(({ metadata: { name, namespace, labels } }) => {
    const config = consulServerConfig(name, (key) => labels[key]);
    if (config === undefined || namespace === undefined) return false;
    const ref = { kind: KIND.configMap, namespace, name: config };
    return world.get(ref) === undefined && gapOfObject(world.coverage, ref) !== undefined;
  });
}
