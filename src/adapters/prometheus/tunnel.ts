import { request as requestHttp, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';

/** A connection to the URL's host through an HTTP proxy. Source: RFC 9110, section 9.3.6. */
export function openTunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Duplex> {
  const authority = `${url.hostname}:${url.port === '' ? '443' : url.port}`;
  const open = proxy.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = open({
      ...placeOf(proxy),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyCredentials(proxy) },
      signal,
    });
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(Object.assign(new Error('refused'), { code: `PROXY_ANSWERED_${String(response.statusCode ?? 0)}` }));
      }
    });
    request.on('error', reject);
    request.end();
  });
}

/** A request that a proxy sends on as it is. Source: RFC 9112, section 3.2.2. */
export function absoluteForm(url: URL, proxy: URL, headers: OutgoingHttpHeaders): RequestOptions {
  return {
    ...placeOf(proxy),
    path: url.href,
    headers: { ...headers, host: url.host, ...proxyCredentials(proxy) },
  };
}

function placeOf(proxy: URL): RequestOptions {
  const port = proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port);
  return { protocol: proxy.protocol, hostname: proxy.hostname.replace(/^\[|\]$/g, ''), port };
}

function proxyCredentials(proxy: URL): OutgoingHttpHeaders {
  if (proxy.username === '') return {};
  return { 'proxy-authorization': basicCredentials(decoded(proxy.username), decoded(proxy.password)) };
}

/** The value of an `Authorization` header. Source: RFC 7617, section 2. */
export function basicCredentials(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** A part of a URL without its percent escapes; as it stands where they are wrong. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
