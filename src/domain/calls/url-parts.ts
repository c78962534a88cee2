import type { HostToken } from '../world/host-tokens.ts';

const URL = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#@:\s]+)(?::(\d{1,5}))?(?=[/?#]|$)/i;

/** The host, port and scheme of an address such as `http://a.shop:80/x` or `a.shop:80`; undefined for anything else. */
export function hostOfUrl(text: string, source: string): HostToken | undefined {
  const [, scheme, host, port] = URL.exec(text.trim()) ?? [];
  if (host === undefined) return undefined;
  return {
    source,
    host: host.toLowerCase(),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(scheme === undefined ? {} : { scheme: scheme.toLowerCase() }),
  };
}
