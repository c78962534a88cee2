import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import type { Manifest } from '../../domain/world/step.ts';
import { kindOf } from '../../domain/kubernetes/object.ts';
import { compareBy, sortedUnique } from '../../lib/order.ts';
import { bornIn, homeFolder, type BundleLayout } from './layout.ts';

/** No host has such a name (RFC 2606), so that an Application that nobody completed reaches nothing. */
const UNSET_REPOSITORY = 'https://git.invalid/your/repository.git';

const LONGEST_NAME = 63;

/** What names the Argo CD Application or the Flux Kustomization of a stage. */
export function controllerName(stage: Stage): string {
  const plain = `meshwise-${stage.id.toLowerCase().replace(/[^a-z0-9-]/g, '-')}`;
  if (plain.length <= LONGEST_NAME && plain === `meshwise-${stage.id}`) return plain;
  return `${plain.slice(0, LONGEST_NAME - 9).replace(/-+$/, '')}-${shortHash(stage.id)}`;
}

function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/**
 * The Argo CD Application of a stage. It never syncs by itself, and no sync wave orders it: only a person who saw the
 * gate green syncs it. https://argo-cd.readthedocs.io/en/stable/user-guide/diff-strategies/#server-side-diff
 */
export function argoApplication(plan: RolloutPlan, stage: Stage, layout: BundleLayout): Manifest {
  const ignored = ignoredDifferences(bornIn(plan, stage));
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: controllerName(stage),
      namespace: 'argocd',
      labels: { 'app.kubernetes.io/part-of': 'meshwise-rollout' },
      annotations: { 'argocd.argoproj.io/compare-options': 'ServerSideDiff=true' },
    },
    spec: {
      project: 'default',
      source: {
        repoURL: layout.repoUrl ?? UNSET_REPOSITORY,
        targetRevision: 'HEAD',
        path: pathOf(stage, layout),
      },
      destination: { server: 'https://kubernetes.default.svc' },
      ...(ignored.length === 0 ? {} : { ignoreDifferences: ignored }),
      syncPolicy: { syncOptions: ['ServerSideApply=true', 'RespectIgnoreDifferences=true'] },
    },
  };
}

/**
 * The Flux Kustomization of a stage: suspended until the stage's pull request is merged, because Flux reconciles by
 * itself whatever is not. https://fluxcd.io/flux/components/kustomize/kustomizations/#suspend
 */
export function fluxKustomization(stage: Stage, layout: BundleLayout, suspend: boolean): Manifest {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: {
      name: controllerName(stage),
      namespace: 'flux-system',
      labels: { 'app.kubernetes.io/part-of': 'meshwise-rollout' },
    },
    spec: {
      interval: '10m',
      path: `./${pathOf(stage, layout)}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      suspend,
      wait: true,
    },
  };
}

function pathOf(stage: Stage, { repoPath }: BundleLayout): string {
  return repoPath === '' ? homeFolder(stage.id) : `${repoPath}/${homeFolder(stage.id)}`;
}

/** Fields that a mesh, an API server or a rollout writes into objects of a kind after they were applied. */
const WRITTEN_BY_OTHERS: Readonly<Record<string, readonly string[]>> = {
  // istiod and the Linkerd charts put their certificate there, and istiod tightens the policy once it is up.
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': ['.webhooks[]?.clientConfig.caBundle'],
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': [
    '.webhooks[]?.clientConfig.caBundle',
    '.webhooks[]?.failurePolicy',
  ],
  'apiregistration.k8s.io/APIService': ['.spec.caBundle'],
  'apps/Deployment': restarted(),
  'apps/StatefulSet': restarted(),
  'apps/DaemonSet': restarted(),
};

/** `kubectl rollout restart` is how a stage makes pods new. */
function restarted(): readonly string[] {
  return ['.spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'];
}

function ignoredDifferences(manifests: readonly Manifest[]): readonly object[] {
  return sortedUnique(manifests.map(kindOf))
    .flatMap((kind) => {
      const paths = Object.hasOwn(WRITTEN_BY_OTHERS, kind) ? WRITTEN_BY_OTHERS[kind] : undefined;
      const slash = kind.indexOf('/');
      return paths === undefined
        ? []
        : [{ group: kind.slice(0, slash), kind: kind.slice(slash + 1), jqPathExpressions: paths }];
    })
    .sort(compareBy(({ kind }) => kind));
}
