import { sortedUnique } from '../../../lib/order.ts';
import type { Call } from '../../calls/call.ts';
import { formatSource } from '../../calls/call-id.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { CallIndex } from '../call-index.ts';

/** Protocols whose clients keep connections open; what is not named here may do so too. */
const BY_PROTOCOL =
  /^(tcp|tls|grpc|grpc-web|http2|h2c|websocket|ws|wss|mongo|mysql|redis|postgres(ql)?|amqp|mqtt|kafka|nats)$/;

/** Ports that databases, brokers and caches are known by. */
const BY_PORT: ReadonlyMap<number, string> = new Map([
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [1883, 'MQTT'],
  [2181, 'ZooKeeper'],
  [2379, 'etcd'],
  [3306, 'MySQL'],
  [4222, 'NATS'],
  [5432, 'PostgreSQL'],
  [5671, 'AMQP'],
  [5672, 'AMQP'],
  [6379, 'Redis'],
  [6650, 'Pulsar'],
  [8883, 'MQTT'],
  [9042, 'Cassandra'],
  [9092, 'Kafka'],
  [9200, 'Elasticsearch'],
  [9300, 'Elasticsearch'],
  [11211, 'memcached'],
  [26257, 'CockroachDB'],
  [27017, 'MongoDB'],
  [61616, 'ActiveMQ'],
]);

/**
 * The known calls of a workload whose connections are probably kept open, each as a sentence: by what they are known to
 * speak, or by a port that databases, brokers and caches listen at.
 */
export function longLivedCalls(index: CallIndex, workloads: readonly Workload[]): readonly string[] {
  const calls = new Set(workloads.flatMap((workload) => index.byWorkload.get(formatWorkload(workload)) ?? []));
  return sortedUnique([...calls].flatMap((call) => longLived(index, call)));
}

function longLived(index: CallIndex, call: Call): readonly string[] {
  if (call.phase === 'probe') return [];
  const asked = BY_PROTOCOL.exec(call.protocol?.toLowerCase() ?? '')?.[0];
  return (index.servers.get(call.id) ?? []).flatMap(({ workload, port }) => {
    const what = BY_PORT.get(port) ?? asked;
    return what === undefined
      ? []
      : [`${formatSource(call.from)} to ${formatWorkload(workload)} port ${String(port)} (${what})`];
  });
}
