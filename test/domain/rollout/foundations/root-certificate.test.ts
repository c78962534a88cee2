import fc from 'fast-check';
import { expect, test } from 'vitest';
import { certificateEnd, rootEnds } from '../../../../src/domain/rollout/foundations/root-certificate.ts';
import { worldFrom } from '../../../support/build-world.ts';

/** Ends at Nov 18 23:47:01 2036, written with two digits of the year. */
const ROOT = `-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIUdj475XLRk3/40vXpKGXkIdfaqtIwCgYIKoZIzj0EAwIw
GDEWMBQGA1UECgwNY2x1c3Rlci5sb2NhbDAeFw0yNjExMjEyMzQ3MDFaFw0zNjEx
MTgyMzQ3MDFaMBgxFjAUBgNVBAoMDWNsdXN0ZXIubG9jYWwwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAT82FhKLQTFNolpVv9I6S/TE3WtFT8Kw5C8z6Pj0Bhvx7WC
hDKt1MueFktCKHXXQHqk+p7ftNTTVxoUt+KAXCTto1MwUTAdBgNVHQ4EFgQUaZdb
UWI9OkfsN7VFRyFP5jQDnfcwHwYDVR0jBBgwFoAUaZdbUWI9OkfsN7VFRyFP5jQD
nfcwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAyi+zIeUImSR+
fbqMQMsTxdPcfcYPz8XJ284Ko2rNR3UCIDETyyraG6OsWvLZKYmcCog/XRp0gtbQ
yj/Sz1RgQ+zt
-----END CERTIFICATE-----`;

/** Ends at Oct 28 23:47:01 2126, written with four. */
const LATE = `-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUZmbME2elFiA8zC/s5IJvSuCFxrkwCgYIKoZIzj0EAwIw
DjEMMAoGA1UECgwDb2xkMCAXDTI2MTEyMTIzNDcwMVoYDzIxMjYxMDI4MjM0NzAx
WjAOMQwwCgYDVQQKDANvbGQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAStNhQK
r7Qqcs9xBnwn5OKMwPHr7+AwlmWlbQ4v4icpYU6ofGdWuefsqBKuPP/PXAmckBrE
vg/VINFBY+ev/5XWo1MwUTAdBgNVHQ4EFgQU8SXarJfvsso7KLw69nyF7ugD+mow
HwYDVR0jBBgwFoAU8SXarJfvsso7KLw69nyF7ugD+mowDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiAz/HGnqQ78BPgUnPzzpyP+1AyeeRQbhrEmrtC4
xzEyYQIhANELDoQWN3V7ktcGwdtvbLItf1rqWrDTbsPZ/6QxxGF3
-----END CERTIFICATE-----`;

function bundle(text: string) {
  const metadata = { name: 'istio-ca-root-cert', namespace: 'shop' };
  return worldFrom([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'root-cert.pem': text } }]);
}

function bodyOf(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----/g, '');
}

test('the end of a root is read, be its year written with two digits or with four', () => {
  expect(certificateEnd(bodyOf(ROOT))).toBe('2036-11-18T23:47:01Z');
  expect(certificateEnd(bodyOf(LATE))).toBe('2126-10-28T23:47:01Z');
});

test('of a bundle the soonest comes first', () => {
  expect(rootEnds(bundle(`${LATE}\n${ROOT}\n`))).toEqual({
    known: true,
    value: ['2036-11-18T23:47:01Z', '2126-10-28T23:47:01Z'],
  });
});

test('without a copy, or with one that cannot be read, the end is unknown', () => {
  expect(rootEnds(worldFrom([])).known).toBe(false);
  expect(rootEnds(bundle('')).known).toBe(false);
  expect(rootEnds(bundle(`${ROOT}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`)).known).toBe(false);
});

test('no input makes the reader throw, and a cut certificate has no end that is not its own', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => certificateEnd(text)).not.toThrow();
    }),
  );
  const whole = bodyOf(ROOT).replace(/\s/g, '');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
      const end = certificateEnd(whole.slice(0, length - (length % 4)));
      expect(['2036-11-18T23:47:01Z', undefined]).toContain(end);
    }),
  );
});
