import { parseVersion } from '../../kubernetes/version.ts';

/** Last day with patches of Kubernetes 1.x, by minor version. */
const ENDS: Readonly<Record<number, string>> = {
  32: '2026-02-28',
  33: '2026-06-28',
  34: '2026-10-27',
  35: '2027-02-28',
  36: '2027-06-28',
};

const SOURCE = 'https://kubernetes.io/releases/';

/** When the dates were looked up. */
const AS_OF = '2026-11-21';

/** Until when a version of Kubernetes gets patches from upstream, one sentence; providers may support it for longer. */
export function kubernetesSupport(version: string): string {
  const minor = parseVersion(version)?.minor;
  const end = minor === undefined ? undefined : ENDS[minor];
  if (minor === undefined || end === undefined) {
    return `Until when Kubernetes ${version} gets patches is not known here: see ${SOURCE}.`;
  }
  return `Kubernetes 1.${String(minor)} gets no patches from upstream after ${end} (as of ${AS_OF}); a provider may support it for longer.`;
}
