import type { KubeObject } from '../kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asNumber, asObjects, asText, asTexts, at } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';

/** A host that a pod's configuration names; nothing else of that configuration is ever kept. */
export interface HostToken {
  /** The container that is configured so; absent for a ConfigMap. */
  readonly container?: string;
  /** Name of the environment variable, `args`, `command`, or the key of a ConfigMap. */
  readonly source: string;
  readonly host: string;
  readonly port?: number;
  /** Scheme of the URL that named it, in lower case. */
  readonly scheme?: string;
}

type Found = Pick<HostToken, 'host' | 'port' | 'scheme'>;

const URL_START = /([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^\s"'`<>\\{}|^]*)/g;
const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(?:${LABEL}\\.)*${LABEL}\\.?$`);
const SECRET_NAME =
  /pass(w|ph|$|_)|pwd|secret|token|credential|private|api_?-?key|access_?-?key|salt|auth$|^-u$|^--?user$|^-p$/i;
const HOST_NAME =
  /(^|[_.-])(host|hostname|addr|address|server|servers|broker|brokers|endpoint|service|upstream|url|uri|dsn)s?$/i;
const CLUSTER_NAME = /\.svc(\.|$)|\.cluster\.local\.?$/;

/** The hosts and ports that environment, arguments and commands of a pod spec's containers name, sorted. */
export function hostTokens(podSpec: unknown): readonly HostToken[] {
  const containers = [...asObjects(at(podSpec, 'initContainers')), ...asObjects(at(podSpec, 'containers'))];
  return sortTokens(containers.flatMap(ofContainer));
}

/** The hosts and ports that a ConfigMap's values name; `source` is the key. */
export function configMapHosts(data: Readonly<Record<string, string>>): readonly HostToken[] {
  const found = Object.entries(data).flatMap(([key, text]) =>
    text
      .split('\n')
      .flatMap((line) => fromLine(key, line))
      .map((token) => ({ source: key, ...token })),
  );
  return sortTokens(found);
}

/** The tokens that were drawn from the object when it was read. */
export function hostsOf(object: Pick<KubeObject, 'decoded'>): readonly HostToken[] {
  return asObjects(object.decoded?.['hosts']).flatMap((token) => {
    const [container, source] = [asText(token['container']), asText(token['source'])];
    const [host, port, scheme] = [asText(token['host']), asNumber(token['port']), asText(token['scheme'])];
    if (source === undefined || host === undefined) return [];
    return [{ ...(container === undefined ? {} : { container }), source, ...compact(host, port, scheme) }];
  });
}

function ofContainer(container: JsonObject): HostToken[] {
  const name = asText(container['name']) ?? '';
  const env = asObjects(container['env']).flatMap((variable) => {
    const source = asText(variable['name']) ?? '';
    return fromSetting(source, asText(variable['value']) ?? '').map((found) => ({ container: name, source, ...found }));
  });
  const words = (['args', 'command'] as const).flatMap((source) =>
    fromArguments(asTexts(container[source])).map((found) => ({ container: name, source, ...found })),
  );
  return [...env, ...words];
}

function fromArguments(values: readonly string[]): Found[] {
  const words = values.flatMap((value) => value.split(/\s+/));
  return words.flatMap((word, index) => {
    const before = words[index - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && SECRET_NAME.test(before)) return [];
    const [, name, value] = /^(-{0,2}[\w.-]+)=(.*)$/.exec(word) ?? [];
    return name === undefined || value === undefined ? fromSetting('', word) : fromSetting(name, value);
  });
}

/** One line of a ConfigMap's value: a setting of its own (`key: value`, `key=value`) or the value of the key. */
function fromLine(key: string, line: string): Found[] {
  const [, name, value] = /^\s*["']?([\w.-]+)["']?\s*[:=]\s*(?![/\d])(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined || SECRET_NAME.test(key)) return fromSetting(key, line);
  return fromSetting(name, value);
}

/** The hosts in one value; the setting's name tells whether a bare name is a host, and what may hold a secret. */
function fromSetting(name: string, value: string): Found[] {
  const urls = [...value.matchAll(URL_START)].flatMap(([, scheme = '', rest = '']) =>
    fromUrl(scheme.toLowerCase(), rest),
  );
  if (SECRET_NAME.test(name)) return urls;
  const words = value.replaceAll(URL_START, ' ').split(/[\s"'`]+/);
  const namesHost = HOST_NAME.test(name) && !/\s/.test(value.trim());
  const bare = words.flatMap((word) =>
    word
      .slice(word.lastIndexOf('@') + 1)
      .split(/[,;=()[\]{}<>|]/)
      .flatMap((part) => fromWord(part, namesHost)),
  );
  return [...urls, ...bare];
}

/** A URL's authority names the hosts; where an `@` follows it, part of a password may stand in it, so none is taken. */
function fromUrl(scheme: string, rest: string): Found[] {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  if (rest.slice(authority.length).includes('@')) return [];
  return authority
    .slice(authority.lastIndexOf('@') + 1)
    .split(',')
    .flatMap((part) => toHost(part, scheme));
}

function fromWord(word: string, namesHost: boolean): Found[] {
  const head = /^[^/?#]*/.exec(word)?.[0] ?? '';
  const found = toHost(head);
  return found.filter(({ host, port }) => port !== undefined || CLUSTER_NAME.test(host) || namesHost);
}

function toHost(text: string, scheme?: string): Found[] {
  const match = /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1]?.toLowerCase() ?? '';
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (!HOST.test(host) || host.length > 253) return [];
  if (!/[a-z]/.test(host) && !/^(\d{1,3}\.){3}\d{1,3}$/.test(host)) return [];
  if (port !== undefined && (port < 1 || port > 65_535)) return [];
  return [compact(host.replace(/\.$/, ''), port, scheme)];
}

function compact(host: string, port: number | undefined, scheme: string | undefined): Found {
  return { host, ...(port === undefined ? {} : { port }), ...(scheme === undefined ? {} : { scheme }) };
}

function sortTokens(tokens: readonly HostToken[]): readonly HostToken[] {
  const byText = new Map(tokens.map((token) => [keyOfToken(token), token]));
  return [...byText].sort(([left], [right]) => compareText(left, right)).map(([, token]) => token);
}

function keyOfToken({ container, source, host, port, scheme }: HostToken): string {
  return [container ?? '', source, host, String(port ?? ''), scheme ?? ''].join('\u0000');
}
