import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { compareVersions, minorDifference, minorOf, parseVersion } from '../../../src/domain/kubernetes/version.ts';

function parse(text: string) {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${text} is not a version`);
  return version;
}

describe('parseVersion', () => {
  it('reads builds of Kubernetes and Istio', () => {
    expect(parseVersion('v1.34.2-gke.1')).toEqual({ major: 1, minor: 34, patch: 2, suffix: 'gke.1' });
    expect(parseVersion('1.31.0-distroless')).toEqual({ major: 1, minor: 31, patch: 0, suffix: 'distroless' });
    expect(parseVersion('v1.33.4+k3s1')).toEqual({ major: 1, minor: 33, patch: 4, suffix: 'k3s1' });
    expect(parseVersion('1.31')).toEqual({ major: 1, minor: 31 });
    expect(parseVersion('1.27+')).toEqual({ major: 1, minor: 27 });
  });

  it.each(['', 'latest', 'v1', 'sha256:0123', '1.x', 'release-1.2'])('refuses %j', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe('compareVersions', () => {
  it.each([
    ['1.9.0', '1.10.0'],
    ['1.31.0', '1.31.1'],
    ['1.31.0-rc.0', '1.31.0'],
    ['1.31.0-alpha.1', '1.31.0-beta.0'],
    ['1.31.0-rc.2', '1.31.0-rc.10'],
    ['1.34.9', '2.0.0'],
  ])('puts %s before %s', (left, right) => {
    expect(compareVersions(parse(left), parse(right))).toBeLessThan(0);
    expect(compareVersions(parse(right), parse(left))).toBeGreaterThan(0);
  });

  it('does not let the suffix of a build count', () => {
    expect(compareVersions(parse('1.31.0-distroless'), parse('v1.31.0'))).toBe(0);
  });

  const number = fc.nat({ max: 50 });
  const text = fc.tuple(number, number, number).map((parts) => parts.join('.'));
  property.prop([text, text])('is antisymmetric', (left, right) => {
    expect(Math.sign(compareVersions(parse(left), parse(right)))).toBe(
      0 - Math.sign(compareVersions(parse(right), parse(left))),
    );
  });
});

describe('minorDifference', () => {
  it('counts minor versions within a major version', () => {
    expect(minorDifference(parse('1.34.2-gke.1'), parse('1.31.0'))).toBe(3);
    expect(minorDifference(parse('1.31.0'), parse('1.34.0'))).toBe(-3);
    expect(minorDifference(parse('2.0.0'), parse('1.34.0'))).toBeUndefined();
    expect(minorOf(parse('v1.34.2'))).toBe('1.34');
  });
});
