import { asObject, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { kindOf } from '../kubernetes/object.ts';
import { podSpecOf } from '../world/admit-template.ts';
import { hostsOf, type HostToken } from '../world/host-tokens.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { isProxyContainer } from '../world/proxy-containers.ts';

/** A host that a container's configuration names, and where: `env PAY_ADDR`, `args`, `ConfigMap shop/urls key PAY`. */
export interface ConfiguredHost {
  readonly container: string;
  readonly place: string;
  readonly token: HostToken;
  /** Whether the container ends before the workload serves. */
  readonly init: boolean;
}

interface MapUse {
  readonly container: string;
  readonly map: string;
  readonly key?: string;
}

/** The hosts in a workload's environment, arguments and commands, and in the ConfigMaps that its containers use. */
export function configuredHosts(world: World, workload: Workload): readonly ConfiguredHost[] {
  const spec = podSpecOf(kindOf(workload.object), workload.object);
  const init = initContainers(spec);
  const own = hostsOf(workload.object).map((token): ConfiguredHost => {
    const container = token.container ?? '';
    return { container, place: placeOf(token.source), token, init: init.has(container) };
  });
  const mapped = mapUses(spec).flatMap(({ container, map, key }) => {
    const object = world.get({ kind: KIND.configMap, namespace: workload.namespace, name: map });
    if (object === undefined) return [];
    return hostsOf(object)
      .filter((token) => key === undefined || token.source === key)
      .map((token): ConfiguredHost => {
        const place = `ConfigMap ${workload.namespace}/${map} key ${token.source}`;
        return { container, place, token, init: init.has(container) };
      });
  });
  return [...own, ...mapped].filter(({ container }) => !isProxyContainer(container, workload.template));
}

/** Public by their nature: certificates that every namespace holds. */
const WITHOUT_HOSTS = /^(kube-root-ca\.crt|istio-ca-root-cert|linkerd-identity-trust-roots)$/;

/** The ConfigMaps that containers of a workload use and that were not read, each once: what they name is not known. */
export function unreadMaps(world: World, workload: Workload): readonly string[] {
  const { namespace, object } = workload;
  const names = mapUses(podSpecOf(kindOf(object), object)).map(({ map }) => map);
  return [...new Set(names)].filter(
    (name) => !WITHOUT_HOSTS.test(name) && world.get({ kind: KIND.configMap, namespace, name }) === undefined,
  );
}

function placeOf(source: string): string {
  return source === 'args' || source === 'command' ? source : `env ${source}`;
}

/** Init containers that run on as sidecars serve as long as the others. */
function initContainers(spec: unknown): ReadonlySet<string> {
  return new Set(
    asObjects(at(spec, 'initContainers'))
      .filter((container) => container['restartPolicy'] !== 'Always')
      .map((container) => asText(container['name']) ?? ''),
  );
}

function mapUses(spec: unknown): readonly MapUse[] {
  const volumes = new Map(
    asObjects(at(spec, 'volumes')).map((volume) => [asText(volume['name']) ?? '', mapsOfVolume(volume)] as const),
  );
  const containers = [...asObjects(at(spec, 'initContainers')), ...asObjects(at(spec, 'containers'))];
  return containers.flatMap((raw) => {
    const container = asText(raw['name']) ?? '';
    const mounted = asObjects(raw['volumeMounts']).flatMap((mount) => volumes.get(asText(mount['name']) ?? '') ?? []);
    const whole = asObjects(raw['envFrom']).map((from) => asText(at(from, 'configMapRef', 'name')));
    const maps = [...mounted, ...whole].filter((map) => map !== undefined);
    return [...[...new Set(maps)].map((map) => ({ container, map })), ...keyUses(raw, container)];
  });
}

function keyUses(raw: JsonObject, container: string): readonly MapUse[] {
  return asObjects(raw['env']).flatMap((variable) => {
    const reference = asObject(at(variable, 'valueFrom', 'configMapKeyRef'));
    const [map, key] = [asText(reference?.['name']), asText(reference?.['key'])];
    return map === undefined || key === undefined ? [] : [{ container, map, key }];
  });
}

function mapsOfVolume(volume: JsonObject): readonly string[] {
  const projected = asObjects(at(volume, 'projected', 'sources')).map((source) =>
    asText(at(source, 'configMap', 'name')),
  );
  return [asText(at(volume, 'configMap', 'name')), ...projected].filter((map) => map !== undefined);
}
