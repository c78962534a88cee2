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
  [23, 'Telnet'],
  [24, 'LMTP'],
  [25, 'SMTP'],
  [110, 'POP3'],
  [119, 'NNTP'],
  [143, 'IMAP'],
  [587, 'SMTP'],
  [873, 'rsync'],
  [1025, 'SMTP'],
  [2121, 'FTP'],
  [2222, 'SSH'],
  [2525, 'SMTP'],
  [3306, 'MySQL'],
  [3307, 'MySQL'],
  [4190, 'ManageSieve'],
  [4222, 'NATS'],
  [5900, 'VNC'],
  [5901, 'VNC'],
  [6032, 'MySQL'],
  [6033, 'MySQL'],
  [6222, 'NATS'],
  [9030, 'MySQL'],
]);

const MYSQL =
  'mysql mysql-server mysql-cluster mysql-router community-server percona percona-server percona-xtradb-cluster ' +
  'mariadb mariadb-galera mariadb-server maxscale proxysql tidb vtgate oceanbase-ce';

/** By the last part of an image's name. */
const BY_IMAGE: ReadonlyMap<string, string> = new Map([
  ...each('MySQL', MYSQL),
  ...each('FTP', 'proftpd vsftpd pure-ftpd ftp'),
  ...each('SMTP', 'postfix exim exim4 smtp mailhog mailpit maildev mailcatcher docker-mailserver smtp4dev haraka'),
  ...each('SSH', 'openssh openssh-server sshd sftp sftpgo gitea-ssh'),
  ...each('IMAP', 'dovecot'),
  ...each('NATS', 'nats nats-streaming'),
  ...each('VNC', 'vnc novnc tigervnc'),
]);

/** By any word of a name: `smtp`, `tcp-mysql`. */
const BY_NAME: ReadonlyMap<string, string> = new Map([
  ...each('SMTP', 'smtp submission lmtp'),
  ...each('FTP', 'ftp'),
  ...each('SSH', 'ssh sftp'),
  ...each('POP3', 'pop3'),
  ...each('IMAP', 'imap'),
  ...each('MySQL', 'mysql mysqlx mariadb galera proxysql'),
  ...each('NATS', 'nats'),
  ...each('VNC', 'vnc rfb'),
  ...each('NNTP', 'nntp'),
  ...each('Telnet', 'telnet'),
  ...each('rsync', 'rsync'),
]);

function each(protocol: string, words: string): readonly (readonly [string, string])[] {
  return words.split(' ').map((word) => [word, protocol]);
}

/** Whether the word that a call's evidence uses for its protocol names one in which the server speaks first. */
export function namesServerFirst(protocol: string | undefined): boolean {
  return protocol !== undefined && BY_NAME.has(protocol.toLowerCase());
}

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
    const word = (name ?? '')
      .toLowerCase()
      .split('-')
      .find((part) => BY_NAME.has(part));
    const protocol = word === undefined ? undefined : BY_NAME.get(word);
    if (protocol !== undefined && name !== undefined) return { protocol, by: 'name', value: name };
  }
  return undefined;
}

function baseName(image: string): string {
  const path = image.split('@')[0] ?? '';
  return (path.split('/').at(-1) ?? '').split(':')[0] ?? '';
}
