import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterHosts } from '../../../src/domain/world/cluster-dns.ts';

const LABEL = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/).filter((label) => label !== 'svc');

describe('clusterHosts', () => {
  it('reads a bare word as a Service of the own namespace', () => {
    expect(clusterHosts('cart', 'shop')).toEqual([{ namespace: 'shop', service: 'cart', explicit: false }]);
  });

  it('reads two words as a Service of a namespace, or an instance behind an own Service', () => {
    expect(clusterHosts('db-0.db', 'shop')).toEqual([
      { namespace: 'db', service: 'db-0', explicit: false },
      { namespace: 'shop', service: 'db', instance: 'db-0', explicit: false },
    ]);
  });

  it('reads the same Service from every form of its name', () => {
    fc.assert(
      fc.property(
        LABEL,
        LABEL,
        fc.constantFrom('', '.svc', '.svc.cluster.local', '.svc.cluster.local.'),
        (service, namespace, suffix) => {
          expect(clusterHosts(`${service}.${namespace}${suffix}`.toUpperCase(), 'own')[0]).toMatchObject({
            service,
            namespace,
          });
        },
      ),
    );
  });

  it('takes another cluster domain as possible, and no address or pattern', () => {
    expect(clusterHosts('a.b.svc.corp.example', 'own')).toEqual([{ namespace: 'b', service: 'a', explicit: false }]);
    expect(clusterHosts('*.example.com', 'own')).toEqual([]);
    expect(clusterHosts('10.0.0.1', 'own')).toEqual([]);
  });
});
