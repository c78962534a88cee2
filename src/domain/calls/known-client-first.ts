/** Protocols in which the client speaks first, by the names that calls, ports and people give them. */
const PROTOCOLS: ReadonlySet<string> = new Set(
  (
    'http http2 https h2c grpc grpcs web ws wss tls ssl rest graphql metrics prometheus prom health healthz webhook ui ' +
    'dashboard redis postgres postgresql pgsql psql mongo mongodb kafka amqp amqps mqtt mqtts memcached memcache etcd ' +
    'elasticsearch opensearch zookeeper cassandra cql ldap ldaps dns gossip minio s3 consul vault zipkin otlp jaeger ' +
    'thrift pulsar bolt neo4j clickhouse mssql tds oracle tns nfs smb rtmp couchbase cockroachdb imaps pop3s smtps ' +
    'syslog fluent fluentd fluentbit beats lumberjack gelf graphite statsd'
  ).split(' '),
);

/** Ports at which people expect one of these. */
const PORTS: ReadonlySet<number> = new Set([
  53, 80, 88, 389, 443, 445, 465, 514, 601, 636, 993, 995, 1433, 1521, 1883, 1935, 2003, 2004, 2049, 2181, 2379, 2380,
  2888, 3888, 4317, 4318, 5044, 5140, 5170, 5432, 5671, 5672, 6379, 6380, 6443, 6650, 7000, 7001, 7233, 7687, 7946,
  8080, 8086, 8123, 8200, 8300, 8301, 8302, 8443, 8500, 8883, 9042, 9092, 9093, 9094, 9200, 9300, 9411, 11211, 12201,
  14250, 14268, 15672, 16379, 24224, 25672, 26257, 26379, 27017, 27018, 27019,
]);

const IMAGES =
  /^(redis|valkey|keydb|postgres|postgresql|postgis|timescaledb|pgbouncer|mongo|mongodb|kafka|cp-kafka|rabbitmq|memcached|etcd|elasticsearch|opensearch|zookeeper|cassandra|scylla|minio|consul|vault|neo4j|clickhouse-server|cockroach|pulsar|openldap|nginx|httpd|haproxy|traefik|envoy|prometheus|grafana|jaeger|all-in-one|zipkin|coredns|fluent-bit|fluentd|logstash|vector)(-|$)/;

/** What is known of a port: names of protocols and ports, numbers, and the images behind it. */
export interface PortHints {
  readonly names: readonly (string | undefined)[];
  readonly ports: readonly number[];
  readonly images: readonly string[];
}

/** Whether the name begins with one of a protocol in which the client speaks first: `http-mysql-exporter`. */
export function namesClientFirst(name: string | undefined): boolean {
  const plain = (name ?? '').toLowerCase().replace('kubernetes.io/', '');
  return PROTOCOLS.has(plain) || PROTOCOLS.has(plain.split('-')[0] ?? '') || plain.startsWith('grpc-web');
}

/**
 * Whether something says that the client speaks first on a port: a word of its names, its number, or an image that
 * people know. A heuristic of ours, as is its opposite.
 */
export function knownClientFirst({ names, ports, images }: PortHints): boolean {
  const words = names.flatMap((name) => (name ?? '').toLowerCase().split(/[-_./]/));
  return (
    words.some((word) => PROTOCOLS.has(word)) ||
    ports.some((port) => PORTS.has(port)) ||
    images.some((image) => IMAGES.test(baseName(image)))
  );
}

function baseName(image: string): string {
  const path = image.split('@')[0] ?? '';
  return (path.split('/').at(-1) ?? '').split(':')[0] ?? '';
}
