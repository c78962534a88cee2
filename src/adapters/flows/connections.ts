/** The connections of late, so that what several points observed of one is counted once. */
export interface Connections {
  /** Whether the connection was seen, in that direction. */
  readonly has: (connection: string) => boolean;
  /** Whether this is the first that is said of it. */
  readonly isFirst: (connection: string) => boolean;
  /** Whether this is the first time that it is refused. */
  readonly isFirstRefusal: (connection: string) => boolean;
}

const REMEMBERED = 100_000;

/** No connection seen yet; the one not heard of for longest is forgotten first. */
export function createConnections(): Connections {
  const seen = new Map<string, boolean>();
  const remember = (connection: string, isRefused: boolean): void => {
    seen.delete(connection);
    seen.set(connection, isRefused);
    if (seen.size <= REMEMBERED) return;
    for (const oldest of seen.keys()) {
      seen.delete(oldest);
      return;
    }
  };
  return {
    has: (connection) => seen.has(connection),
    isFirst(connection) {
      const before = seen.get(connection);
      remember(connection, before ?? false);
      return before === undefined;
    },
    isFirstRefusal(connection) {
      const before = seen.get(connection);
      remember(connection, true);
      return before !== true;
    },
  };
}
