import { parseVersion } from '../../kubernetes/version.ts';
import type { World } from '../../world/world.ts';
import { ISTIO_RELEASES } from './istio-releases.ts';

/** The Istio to install, the revision named after it, and what should be said about the choice. */
export interface ChosenRelease {
  readonly version: string;
  /** As `1-31`. */
  readonly revision: string;
  readonly warnings: readonly string[];
  /** Until when the release gets patches, one sentence. */
  readonly support: string;
}

/** The release asked for, else the newest one that supports the cluster's Kubernetes. */
export function chooseRelease(world: World, asked: string | undefined): ChosenRelease {
  if (asked !== undefined) return chosen(asked, supportWarning(world, asked));
  const minor = kubernetesMinor(world);
  const [newest] = ISTIO_RELEASES;
  const newestVersion = newest?.version ?? '1.31.0';
  if (minor === undefined) {
    return chosen(newestVersion, [
      `the cluster's Kubernetes version is not known, so Istio ${newestVersion} is taken without a check`,
    ]);
  }
  const fitting = ISTIO_RELEASES.find(
    ({ kubernetesFrom, kubernetesTo }) => kubernetesFrom <= minor && minor <= kubernetesTo,
  );
  if (fitting !== undefined) return chosen(fitting.version, []);
  return chosen(newestVersion, [
    `no Istio release that is known here names Kubernetes 1.${String(minor)} as supported`,
  ]);
}

function supportWarning(world: World, version: string): readonly string[] {
  const minor = kubernetesMinor(world);
  const wanted = parseVersion(version)?.minor;
  const release = ISTIO_RELEASES.find((each) => parseVersion(each.version)?.minor === wanted);
  if (minor === undefined || release === undefined)
    return [`whether Istio ${version} supports this Kubernetes is not known`];
  if (release.kubernetesFrom <= minor && minor <= release.kubernetesTo) return [];
  return [`Istio ${version} does not name Kubernetes 1.${String(minor)} as supported`];
}

function kubernetesMinor(world: World): number | undefined {
  return world.kubernetesVersion.known ? parseVersion(world.kubernetesVersion.value)?.minor : undefined;
}

function chosen(version: string, warnings: readonly string[]): ChosenRelease {
  const parsed = parseVersion(version);
  const revision = parsed === undefined ? 'default' : `${String(parsed.major)}-${String(parsed.minor)}`;
  return { version, revision, warnings, support: supportOf(version) };
}

/** Until when a version of Istio gets patches, one sentence with the day on which that was looked up. */
export function supportOf(version: string): string {
  const wanted = parseVersion(version)?.minor;
  const release = ISTIO_RELEASES.find((each) => parseVersion(each.version)?.minor === wanted);
  if (wanted === undefined || release === undefined)
    return `Until when Istio ${version} gets patches is not known here.`;
  const minor = `1.${String(wanted)}`;
  const asOf = `as of ${release.asOf}`;
  return release.supportedUntil === undefined
    ? `Istio ${minor} gets patches until six weeks after 1.${String(wanted + 2)}, whose day was not fixed ${asOf}.`
    : `Istio ${minor} gets no patches after ${release.supportedUntil} (${asOf}).`;
}
