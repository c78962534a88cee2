import { asObjects, asText, asTexts, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Service } from '../../world/service.ts';
import { coversHost } from './destination-rule/host-match.ts';
import { resolveHost } from './destination-rule/parse.ts';
import { visibleAmong, type ProxyView } from './proxy-view.ts';

const CLUSTER_DOMAIN = 'cluster.local';

/**
 * The subsets that VirtualServices send calls for a service to; `[undefined]` where none does, and calls go to the
 * service as a whole. Unknown where a route leads to another host: the call then ends somewhere else.
 */
export function subsetsRouted(
  view: ProxyView,
  clientNamespace: string,
  service: Service,
): Fact<readonly (string | undefined)[]> {
  const spaces = [clientNamespace, service.namespace, view.settings.rootNamespace];
  const { objects, gap } = visibleAmong(view, KIND.virtualService, spaces);
  if (gap !== undefined) return unknown(gap);
  const host = `${service.name}.${service.namespace}.svc.${CLUSTER_DOMAIN}`;
  const routing = objects.filter((object) => routesInMesh(object) && namesHost(object, host));
  const subsets = new Set<string | undefined>();
  for (const object of routing) {
    const destinations = destinationsOf(object);
    const away = destinations.find((destination) => hostOf(object, destination) !== host);
    if (away !== undefined) {
      const { namespace, name } = object.metadata;
      return unknown(
        `VirtualService ${namespace ?? ''}/${name} sends calls for ${service.name} to ${String(asText(away['host']))}`,
      );
    }
    for (const destination of destinations) subsets.add(asText(destination['subset']));
  }
  return known(subsets.size === 0 ? [undefined] : [...subsets]);
}

function routesInMesh(object: KubeObject): boolean {
  const gateways = asTexts(at(object.spec, 'gateways'));
  return gateways.length === 0 || gateways.includes('mesh');
}

function namesHost(object: KubeObject, host: string): boolean {
  const namespace = object.metadata.namespace ?? '';
  return asTexts(at(object.spec, 'hosts')).some((name) =>
    coversHost(resolveHost(name, namespace, CLUSTER_DOMAIN), host),
  );
}

function hostOf(object: KubeObject, destination: JsonObject): string {
  return resolveHost(asText(destination['host']) ?? '', object.metadata.namespace ?? '', CLUSTER_DOMAIN);
}

function destinationsOf(object: KubeObject): readonly JsonObject[] {
  const routes = ['http', 'tcp', 'tls'].flatMap((protocol) => asObjects(at(object.spec, protocol)));
  return routes.flatMap((route) =>
    asObjects(route['route']).flatMap((target) => {
      const destination = at(target, 'destination');
      return asObjects([destination]);
    }),
  );
}
