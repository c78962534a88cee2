import { compareText } from '../../lib/order.ts';

/** A version as Kubernetes, Istio and their builds write it. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  /** Absent in `1.31`. */
  readonly patch?: number;
  /** What follows the numbers, without the sign before it: `gke.1`, `distroless`, `rc.0`. */
  readonly suffix?: string;
}

const VERSION = /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?\+?(?:[-+.](.+))?$/;
const PRERELEASE = /^(alpha|beta|rc|dev|pre)(?![a-z])/;

/**
 * A version such as `v1.34.2-gke.1`, `1.31.0-distroless` or `1.31`, or undefined where the text is not one (`latest`, a
 * digest). A provider's `+` after the minor version is dropped.
 */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text.trim());
  if (match === null) return undefined;
  const [, major, minor, patch, suffix] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    ...(patch === undefined ? {} : { patch: Number(patch) }),
    ...(suffix === undefined ? {} : { suffix }),
  };
}

/**
 * Orders versions by their numbers; an alpha, beta or release candidate comes before its release. Suffixes of builds
 * (`gke.1`, `distroless`) do not count, and a missing patch counts as 0.
 */
export function compareVersions(left: Version, right: Version): number {
  return (
    left.major - right.major ||
    left.minor - right.minor ||
    (left.patch ?? 0) - (right.patch ?? 0) ||
    comparePrereleases(prereleaseOf(left), prereleaseOf(right))
  );
}

/** By how many minor versions `left` is ahead of `right` (negative: behind); undefined across major versions. */
export function minorDifference(left: Version, right: Version): number | undefined {
  return left.major === right.major ? left.minor - right.minor : undefined;
}

/** The version as `1.34`, the form in which support matrices name it. */
export function minorOf(version: Version): string {
  return `${String(version.major)}.${String(version.minor)}`;
}

function prereleaseOf(version: Version): string | undefined {
  return version.suffix !== undefined && PRERELEASE.test(version.suffix) ? version.suffix : undefined;
}

function comparePrereleases(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  const [leftParts, rightParts] = [left.split(/[.-]/), right.split(/[.-]/)];
  for (const [index, part] of leftParts.entries()) {
    const other = rightParts[index];
    if (other === undefined) return 1;
    const order = /^\d+$/.test(part) && /^\d+$/.test(other) ? Number(part) - Number(other) : compareText(part, other);
    if (order !== 0) return order;
  }
  return leftParts.length - rightParts.length;
}
