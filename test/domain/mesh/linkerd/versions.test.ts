import { describe, expect, it } from 'vitest';
import { readsAppProtocol, sendsToInboundPort, versionDoubt } from '../../../../src/domain/mesh/linkerd/versions.ts';
import { known, unknown } from '../../../../src/domain/world/fact.ts';

describe('versions of Linkerd', () => {
  it.each(['stable-2.14.10', 'edge-26.8.3', 'edge-25.4.4', 'enterprise-2.17.1', '2.18.0', 'dev-undefined'])(
    'follow the rules as %s',
    (version) => {
      expect(versionDoubt(known(version))).toBeUndefined();
    },
  );

  it.each(['stable-2.13.4', 'edge-26.9.1', 'enterprise-2.21.0', 'edge-22.1.1', 'edge-25.4.4, 2.12.1'])(
    'may not follow them as %s',
    (version) => {
      expect(versionDoubt(known(version))).toContain('checked for');
    },
  );

  it.each([
    ['2.18.0', known(true)],
    ['stable-2.14.10', known(false)],
    ['edge-26.1.1', known(true)],
    ['edge-24.8.2', known(false)],
  ])('read appProtocol since 2.18: %s', (version, expected) => {
    expect(readsAppProtocol(known(version))).toEqual(expected);
  });

  it('are not known to read it between the change and the release, or where the version is not known', () => {
    expect(readsAppProtocol(known('edge-25.3.1')).known).toBe(false);
    expect(readsAppProtocol(unknown('unread')).known).toBe(false);
  });

  it('send to port 4143 since 2.18, which several at once do not tell', () => {
    expect(sendsToInboundPort(known('2.18.0'))).toEqual(known(true));
    expect(sendsToInboundPort(known('stable-2.14.10'))).toEqual(known(false));
    expect(sendsToInboundPort(known('edge-25.3.1')).known).toBe(false);
    expect(sendsToInboundPort(known('edge-26.1.1, stable-2.14.10')).known).toBe(false);
    expect(sendsToInboundPort(unknown('unread'))).toEqual(unknown('unread'));
  });
});
