import { parseVersion } from '../../kubernetes/version.ts';
import type { World } from '../../world/world.ts';
import { LINKERD_RELEASES, type LinkerdRelease } from './linkerd-releases.ts';

/** The Linkerd to install, and what should be said about the choice. */
export interface ChosenLinkerd {
  readonly release: LinkerdRelease;
  readonly warnings: readonly string[];
}

const [NEWEST] = LINKERD_RELEASES;

/** The release asked for (`2.20` or `edge-26.6.3`), else the newest one that supports the cluster's Kubernetes. */
export function chooseLinkerd(world: World, asked: string | undefined): ChosenLinkerd | undefined {
  if (NEWEST === undefined) return undefined;
  const minor = kubernetesMinor(world);
  if (asked !== undefined) {
    const named = LINKERD_RELEASES.find(({ line, version }) => asked === version || asked === line);
    const release = named ?? { ...NEWEST, version: asked, chart: chartOf(asked), line: asked };
    return { release, warnings: named === undefined ? [notKnown(asked)] : supportWarning(release, minor) };
  }
  const fitting = LINKERD_RELEASES.find((release) => minor !== undefined && supports(release, minor));
  const release = fitting ?? NEWEST;
  return { release, warnings: supportWarning(release, minor) };
}

function kubernetesMinor(world: World): number | undefined {
  return world.kubernetesVersion.known ? parseVersion(world.kubernetesVersion.value)?.minor : undefined;
}

function supports({ kubernetesFrom, kubernetesTo }: LinkerdRelease, minor: number): boolean {
  return kubernetesFrom <= minor && minor <= kubernetesTo;
}

function supportWarning(release: LinkerdRelease, minor: number | undefined): readonly string[] {
  const name = `Linkerd ${release.line} (${release.version})`;
  if (minor === undefined)
    return [`the cluster's Kubernetes version is not known, so ${name} is taken without a check`];
  return supports(release, minor) ? [] : [`${name} does not name Kubernetes 1.${String(minor)} as supported`];
}

function notKnown(asked: string): string {
  return `whether Linkerd ${asked} supports this Kubernetes and its Gateway API definitions is not known`;
}

/** An edge release's charts are numbered by its full year: `edge-26.6.3` is 2026.6.3. */
function chartOf(version: string): string {
  const [, rest] = /^edge-(\d.*)$/.exec(version) ?? [];
  return rest === undefined ? version : `20${rest}`;
}
