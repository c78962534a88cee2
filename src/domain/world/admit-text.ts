import { asObject } from '../../lib/json.ts';

/** A URL up to its path, with whatever follows that is no path; a SPIFFE identity is no address and has neither part. */
const URL = /\b(?!spiffe:)([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)([^\s"'`<>\\{}|^]*)/gi;

/** The text with user information, query and fragment of every URL in it left out. */
export function withoutUrlSecrets(text: string): string {
  if (!text.includes('://')) return text;
  return text.replaceAll(URL, (_url, scheme: string, rest: string) => `${scheme}${addressOf(rest)}`);
}

/** A path, or a URL in its place, without query and fragment. */
export function withoutQuery(path: string): string {
  return path.includes('://') ? withoutUrlSecrets(path) : (/^[^?#]*/.exec(path)?.[0] ?? '');
}

/** A host without the user information that may stand before it. */
export function withoutUser(host: string): string {
  return host.includes('://') ? withoutUrlSecrets(host) : host.slice(host.lastIndexOf('@') + 1);
}

/** The value with every text in it empty: its members, numbers and truth values stay. */
export function withoutTexts(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (Array.isArray(value)) return value.map(withoutTexts);
  const object = asObject(value);
  if (object === undefined) return value;
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, withoutTexts(member)]));
}

/** A field's name where YAML or JSON has one: at the start of a line or after a brace or comma, before a colon. */
const SETTING_NAME =
  /(?:^[ \t-]*|[{,]\s*)(?:(["'])([A-Za-z_][\w.]{0,63})\1[ \t]*:|([A-Za-z_][\w.]{0,63})[ \t]*:(?=\s|$))/gm;
/** Fields of a proxy configuration that change what the proxy is; they count wherever the text names them. */
const PROXY_FIELD =
  /\b(interceptionMode|customConfigFile|binaryPath|proxyBootstrapTemplatePath|discoveryAddress|image|proxyMetadata)\b/g;

/** The names of all settings in a proxy's configuration, as YAML without values: one `NAME:` a line, in order. */
export function settingNames(config: string): string {
  const names = [...config.matchAll(SETTING_NAME)].map((match) => match[2] ?? match[3] ?? '');
  const fields = [...config.matchAll(PROXY_FIELD)].map(([name]) => name);
  return [...new Set([...fields, ...names])].map((name) => `${name}:\n`).join('');
}

/** A password may hold any letter, so where an `@` follows the first slash nobody can tell host from password. */
function addressOf(rest: string): string {
  const address = /^[^?#]*/.exec(rest)?.[0] ?? '';
  const authority = /^[^/]*/.exec(address)?.[0] ?? '';
  if (address.slice(authority.length).includes('@') || /[?#].*@/.test(rest)) return '';
  return address.slice(authority.lastIndexOf('@') + 1);
}
