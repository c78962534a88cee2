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

/** No connection seen yet; those not heard of for longest are forgotten first, many at a time. */
export function createConnections(): Connections {
  let recent = new Map<string, boolean>();
  let earlier = new Map<string, boolean>();
  const stateOf = (connection: string): boolean | undefined => recent.get(connection) ?? earlier.get(connection);
  const remember = (connection: string, isRefused: boolean): void => {
    if (recent.size >= REMEMBERED) {
      earlier = recent;
      recent = new Map();
    }
    recent.set(connection, isRefused);
  };
  return {
    has: (connection) => stateOf(connection) !== undefined,
    isFirst(connection) {
      const before = stateOf(connection);
      remember(connection, before ?? false);
      return before === undefined;
    },
    isFirstRefusal(connection) {
      const before = stateOf(connection);
      remember(connection, true);
      return before !== true;
    },
  };
}
