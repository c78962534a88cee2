import type { ExternalStep } from '../../world/step.ts';
import type { ChosenRelease } from './choose-release.ts';
import { CONTROL_PLANE_NAMESPACE, REVISION_TAG, type DataPlaneNeed } from './control-plane-expect.ts';
import { ISTIO_CHARTS, ISTIO_HUB } from './istio-releases.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * The values of chart `istiod`: highly available, revisioned, injecting nobody by default.
 * Source: istio manifests/charts/istio-control/istio-discovery/values.yaml, manifests/helm-profiles/ambient.yaml.
 */
export function istiodValues(release: ChosenRelease, need: DataPlaneNeed): Values {
  return {
    ...(need === 'ambient' ? { profile: 'ambient' } : {}),
    revision: release.revision,
    revisionTags: [REVISION_TAG],
    autoscaleMin: 2,
    autoscaleMax: 5,
    resources: { requests: { cpu: '500m', memory: '2Gi' } },
    global: { hub: ISTIO_HUB, defaultPodDisruptionBudget: { enabled: true } },
    meshConfig: {
      trustDomain: 'cluster.local',
      rootNamespace: CONTROL_PLANE_NAMESPACE,
      accessLogFile: '/dev/stdout',
      defaultConfig: { holdApplicationUntilProxyStarts: true },
    },
    sidecarInjectorWebhook: { rewriteAppHTTPProbe: true, enableNamespacesByDefault: false },
    ...(need === 'sidecar-with-cni' ? { cni: { enabled: true } } : {}),
  };
}

/** The values of chart `cni`. Its platform (gke, openshift, k3s and others) is the reader's to add. */
export function cniValues(need: DataPlaneNeed, revision: string | undefined): Values {
  return {
    ...(need === 'ambient' ? { profile: 'ambient' } : {}),
    ...(revision === undefined ? {} : { revision }),
    global: { hub: ISTIO_HUB },
    excludeNamespaces: ['kube-system'],
    repair: { enabled: true, repairPods: true },
  };
}

/** The values of chart `ztunnel`; the revision is the one of the istiod that it asks. */
export function ztunnelValues(revision: string | undefined): Values {
  return {
    hub: ISTIO_HUB,
    ...(revision === undefined ? {} : { revision }),
    resources: { requests: { cpu: '200m', memory: '512Mi' } },
  };
}

/** One Helm release: its name, its chart and the file with its values. */
export interface HelmRelease {
  readonly release: string;
  readonly chart: string;
  readonly file: string;
}

/** The command that installs or upgrades the release in the namespace. */
export function helmUpgrade(
  { release, chart, file }: HelmRelease,
  version: string,
  namespace = CONTROL_PLANE_NAMESPACE,
): readonly string[] {
  return [
    ...['helm', 'upgrade', '--install', release, `${ISTIO_CHARTS}/${chart}`],
    ...['--version', version, '--namespace', namespace, '--create-namespace'],
    ...['--values', file, '--wait'],
  ];
}

/** Undoes what Helm installed, last release first; `lookFirst` must find no pod before it. */
export function helmUninstall(
  title: string,
  releases: readonly string[],
  lookFirst: readonly (readonly string[])[],
): ExternalStep {
  return {
    step: 'external',
    title: `${title} Only while nothing is enrolled: the commands that look must find no pod. A pod whose control plane or agent is gone gets no certificate any more, and one that asks for injection cannot start while the webhook stands without istiod.`,
    commands: [
      ...lookFirst,
      ...releases.map((release) => ['helm', 'uninstall', release, '--namespace', CONTROL_PLANE_NAMESPACE, '--wait']),
    ],
    expect: [],
    expectKinds: [],
  };
}

/** Finds the pods that a sidecar stands in. */
export const LOOK_FOR_SIDECARS = ['kubectl', 'get', 'pods', '-A', '-l', 'security.istio.io/tlsMode=istio'] as const;

/** Finds the namespaces and pods that ask for ambient mode. */
export const LOOK_FOR_AMBIENT: readonly (readonly string[])[] = [
  ['kubectl', 'get', 'namespaces', '-l', 'istio.io/dataplane-mode=ambient'],
  ['kubectl', 'get', 'pods', '-A', '-l', 'istio.io/dataplane-mode=ambient'],
];
