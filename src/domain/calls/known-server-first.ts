/** Why a port probably carries a protocol in which the server speaks first. This list is ours, not Istio's. */
export interface ServerFirstHint {
  readonly protocol: string;
  readonly by: 'port' | 'image' | 'name';
  /** The port number, the image or the name of the port, as given. */
  readonly value: string;
}

const BY_PORT: ReadonlyMap<number, string> = new Map([
  [21, 'FTP'],
  [22, 'SSH'],
  [25, 'SMTP'],
  [110, 'POP3'],
  [143, 'IMAP'],
  [587, 'SMTP'],
  [3306, 'MySQL'],
]);

const BY_IMAGE: ReadonlyMap<string, string> = new Map([
  ['mysql', 'MySQL'],
  ['mysql-server', 'MySQL'],
  ['mysql-cluster', 'MySQL'],
  ['percona', 'MySQL'],
  ['percona-server', 'MySQL'],
  ['mariadb', 'MySQL'],
  ['mariadb-galera', 'MySQL'],
  ['proftpd', 'FTP'],
  ['postfix', 'SMTP'],
  ['openssh', 'SSH'],
  ['openssh-server', 'SSH'],
]);

const BY_NAME: ReadonlyMap<string, string> = new Map([
  ['smtp', 'SMTP'],
  ['ftp', 'FTP'],
  ['ssh', 'SSH'],
  ['pop3', 'POP3'],
  ['imap', 'IMAP'],
  ['mysql', 'MySQL'],
]);

/**
 * Whether a Service or container port number, the image behind it or the name of the port is known for a server-first protocol; undefined
 * where nothing says so, which does not mean that the client speaks first. A heuristic of ours.
 */
export function knownServerFirst(
  ports: readonly number[],
  images: readonly string[],
  names: readonly (string | undefined)[] = [],
): ServerFirstHint | undefined {
  return byPort(ports) ?? byImage(images) ?? byName(names);
}

function byPort(ports: readonly number[]): ServerFirstHint | undefined {
  for (const port of ports) {
    const protocol = BY_PORT.get(port);
    if (protocol !== undefined) return { protocol, by: 'port', value: String(port) };
  }
  return undefined;
}

function byImage(images: readonly string[]): ServerFirstHint | undefined {
  for (const image of images) {
    const protocol = BY_IMAGE.get(baseName(image));
    if (protocol !== undefined) return { protocol, by: 'image', value: image };
  }
  return undefined;
}

/** Names of ports say a protocol to people, also where they say nothing to a mesh. */
function byName(names: readonly (string | undefined)[]): ServerFirstHint | undefined {
  for (const name of names) {
    const protocol = BY_NAME.get((name ?? '').toLowerCase().split('-')[0] ?? '');
    if (protocol !== undefined && name !== undefined) return { protocol, by: 'name', value: name };
  }
  return undefined;
}

function baseName(image: string): string {
  const path = image.split('@')[0] ?? '';
  return (path.split('/').at(-1) ?? '').split(':')[0] ?? '';
}
