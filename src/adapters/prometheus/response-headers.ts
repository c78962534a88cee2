import type { IncomingHttpHeaders } from 'node:http';

/** Where a 3xx answer sends the client, seen from the URL that was asked; undefined for any other answer. */
export function redirectTarget(
  { status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders },
  from: URL,
): URL | undefined {
  const { location } = headers;
  const keepsMethod = [301, 302, 307, 308].includes(status);
  return keepsMethod && location !== undefined && URL.canParse(location, from.href)
    ? new URL(location, from)
    : undefined;
}

/** Seconds, or a time by the server's own clock, which the answer's `Date` tells. Source: RFC 9110, section 10.2.3. */
export function retryAfterSeconds(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  const seconds = (Date.parse(text) - Date.parse(headers.date ?? '')) / 1000;
  return seconds > 0 ? seconds : undefined;
}
