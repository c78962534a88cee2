import { asNumber, asObjects, asText, asTexts, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { derivedFrom } from '../world/derived.ts';
import type { World } from '../world/world.ts';

/** A port that a ServiceEntry registers for a host, with what it speaks in a call's words. */
export interface ExternalPort {
  readonly port: number;
  readonly protocol?: string;
}

/** The ports that ServiceEntries register for a host, by its exact name or a wildcard; each once. */
export function externalPorts(world: World, host: string): readonly ExternalPort[] {
  const byHost = derivedFrom(world.list(KIND.serviceEntry).objects, portsByHost);
  const found = entryNames(host).flatMap((name) => byHost.get(name) ?? []);
  return [...new Map(found.map((each) => [each.port, each])).values()];
}

/** The names by which a ServiceEntry may register a host: its own, and the wildcards that it falls under. */
export function entryNames(host: string): readonly string[] {
  const labels = host.toLowerCase().split('.');
  return [labels.join('.'), ...labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)];
}

function portsByHost(entries: readonly KubeObject[]): ReadonlyMap<string, readonly ExternalPort[]> {
  const found = new Map<string, ExternalPort[]>();
  for (const { spec } of entries) {
    const ports = asObjects(at(spec, 'ports')).flatMap((raw): readonly ExternalPort[] => {
      const port = asNumber(raw['number']);
      const protocol = PROTOCOLS.get(asText(raw['protocol'])?.toUpperCase() ?? '');
      return port === undefined ? [] : [{ port, ...(protocol === undefined ? {} : { protocol }) }];
    });
    for (const host of asTexts(at(spec, 'hosts'))) {
      const name = host.toLowerCase();
      found.set(name, [...(found.get(name) ?? []), ...ports]);
    }
  }
  return found;
}

const PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['HTTP', 'http'],
  ['HTTP2', 'http'],
  ['GRPC', 'grpc'],
  ['GRPC-WEB', 'grpc'],
  ['HTTPS', 'tls'],
  ['TLS', 'tls'],
  ['TCP', 'tcp'],
  ['MONGO', 'mongodb'],
  ['MYSQL', 'mysql'],
  ['REDIS', 'redis'],
]);
