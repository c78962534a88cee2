import { describe, expect, test } from 'vitest';
import { knowsAudit, ordersServers } from '../../../../src/domain/mesh/linkerd/versions.ts';
import { known } from '../../../../src/domain/world/fact.ts';

describe('what a version of the policy controller can do', () => {
  test.each([
    ['edge-26.8.3', true, true],
    ['2.18.0', true, true],
    ['enterprise-2.17.1', true, false],
    ['stable-2.14.10', false, false],
    ['edge-24.11.8', true, false],
    ['edge-25.4.4', true, true],
  ])('%s', (version, audit, order) => {
    expect(knowsAudit(known(version))).toEqual(known(audit));
    expect(ordersServers(known(version))).toEqual(known(order));
  });

  test('is not known of the month in which it changed, of mixed versions and of other texts', () => {
    expect(ordersServers(known('edge-25.2.1')).known).toBe(false);
    expect(ordersServers(known('2.17.0, 2.18.0')).known).toBe(false);
    expect(knowsAudit(known('git-0123abc')).known).toBe(false);
  });
});
