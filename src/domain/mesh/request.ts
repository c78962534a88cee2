/** What is known of the request itself; what is absent is unknown, never "any". */
export interface RequestFacts {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly sourceIp?: string;
  /** Why facts are absent that whoever sends the request knows; absent where nothing was taken away. */
  readonly changed?: string;
}

/** What a proxy on the way may make anew in a request, before others judge it, and why. */
export interface RequestChange {
  readonly facts: readonly ('method' | 'path' | 'host')[];
  readonly why: string;
}

/** Nothing that the client asked for is sure to be what others judge, for the reason given. */
export function anyChange(why: string): RequestChange {
  return { facts: ['method', 'path', 'host'], why };
}

/** The request as it is known behind whoever may change it; the very same where nobody changes what is known of it. */
export function afterChange(request: RequestFacts, change: RequestChange | undefined): RequestFacts {
  if (change === undefined || change.facts.every((fact) => request[fact] === undefined)) return request;
  const left = Object.entries(request).filter(([name]) => !change.facts.some((fact) => fact === name));
  return { ...Object.fromEntries(left), changed: change.why };
}
