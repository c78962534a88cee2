import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../src/adapters/kube/proxy-environment.ts';

const PROXY = 'http://proxy.example:3128';

function proxied(server: string, noProxy = ''): boolean {
  return proxyFor(new URL(server), { HTTPS_PROXY: PROXY, NO_PROXY: noProxy }) !== undefined;
}

describe('proxyFor', () => {
  it('takes the variable of the scheme, in either case, and adds a missing scheme', () => {
    expect(proxyFor(new URL('https://api.example'), { HTTPS_PROXY: PROXY })).toBe(PROXY);
    expect(proxyFor(new URL('https://api.example'), { https_proxy: 'proxy.example:3128' })).toBe(PROXY);
    expect(proxyFor(new URL('http://api.example'), { HTTPS_PROXY: PROXY })).toBeUndefined();
    expect(proxyFor(new URL('https://api.example'), { HTTPS_PROXY: '' })).toBeUndefined();
  });

  it.each([
    ['https://api.example', '', true],
    ['https://api.example', '*', false],
    ['https://api.example', 'example', false],
    ['https://api.example', '.example', false],
    ['https://example', '.example', true],
    ['https://api.example', 'ample', true],
    ['https://api.example:6443', 'api.example:6443', false],
    ['https://api.example:6443', 'api.example:443', true],
    ['https://10.1.2.3', '10.0.0.0/8', false],
    ['https://10.1.2.3', '10.1.2.3', false],
    ['https://10.1.2.3', '10.1.2.4, 192.168.0.0/16', true],
    ['https://[fd00::1]:6443', 'fd00::/8', false],
    ['https://localhost:6443', '', false],
    ['https://127.0.0.1:6443', '', false],
  ])('%s with NO_PROXY=%j goes through the proxy: %s', (server, noProxy, expected) => {
    expect(proxied(server, noProxy)).toBe(expected);
  });
});
