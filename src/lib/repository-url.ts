/** A Git address has neither of its own: what stands there is mostly a token. */
const QUERY = /[?#].*$/s;
const CREDENTIALS = /^(https?:\/\/)[^/@]*@|^([a-z+]+:\/\/[^/@:]*):[^/@]*@/i;

/** Whether an address of a repository carries a password or a token, or a query or fragment that may; the user alone is no secret but over HTTP. */
export function hasCredentials(url: string): boolean {
  return CREDENTIALS.test(url) || QUERY.test(url);
}

/** The address without a password or a token. */
export function withoutCredentials(url: string): string {
  return url
    .replace(QUERY, '')
    .replace(CREDENTIALS, (_all, http: string | undefined, user: string | undefined) =>
      http === undefined ? `${user ?? ''}@` : http,
    );
}
