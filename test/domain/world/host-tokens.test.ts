import { describe, expect, it } from 'vitest';
import { hostTokens } from '../../../src/domain/world/host-tokens.ts';

function hostsIn(name: string, value: string): string[] {
  const tokens = hostTokens({ containers: [{ name: 'c', env: [{ name, value }] }] });
  return tokens.map(({ host, port, scheme }) => `${scheme ?? ''}|${host}|${String(port ?? '')}`);
}

describe('hostTokens', () => {
  it.each([
    ['X', 'orders:8080', ['|orders|8080']],
    ['X', 'http://Orders.shop/path', ['http|orders.shop|']],
    ['X', 'jdbc:mysql://db:3306/x?user=a', ['mysql|db|3306']],
    ['X', 'mongodb://u:p@m1:27017,m2:27018/x', ['mongodb|m1|27017', 'mongodb|m2|27018']],
    ['X', 'u:p@tcp(db:3306)/x', ['|db|3306']],
    ['X', 'orders.shop.svc.cluster.local', ['|orders.shop.svc.cluster.local|']],
    ['X', 'http://10.0.0.1:80', ['http|10.0.0.1|80']],
    ['KAFKA_BROKERS', 'k1:9092,k2:9092', ['|k1|9092', '|k2|9092']],
    ['DB_HOST', 'mysql', ['|mysql|']],
    ['MODE', 'mysql', []],
    ['X', '8080:80', []],
    ['X', 'a:99999', []],
    ['X', '$(HOST):80', []],
    ['BASIC_AUTH', 'admin:1234', []],
    ['DB_PASSWORD', 'abc:1234', []],
    // A slash in a password moves the host behind it; nothing is kept rather than part of a password.
    ['X', 'amqp://user:pa/ss@mq:5672', []],
  ])('finds in %s=%s %j', (name, value, expected) => {
    expect(hostsIn(name, value)).toEqual(expected);
  });
});
