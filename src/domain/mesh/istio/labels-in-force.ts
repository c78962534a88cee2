import { oncePer } from '../../world/derived.ts';
import type { Cohort, Workload } from '../../world/workload.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The labels that selectors see on the cohort's pods. A template lacks those that injection adds, and a policy may
 * select by them. Only for cohorts that have a sidecar or get one.
 */
export function labelsInForce(workload: Workload, cohort: Cohort): Labels {
  return inForce(workload, cohort);
}

const inForce = oncePer(findLabels);

function findLabels(workload: Workload, cohort: Cohort): Labels {
  return cohort.state === 'live' ? cohort.pod.labels : injectedLabels(cohort.pod.labels, workload.name);
}

/**
 * The pod's labels as injection leaves them. `workload`: the name of what made the pod, the last resort for the
 * canonical name. Source: istio pkg/kube/inject/inject.go, files/injection-template.yaml.
 */
export function injectedLabels(labels: Labels, workload: string | undefined): Labels {
  const name = labels['app.kubernetes.io/name'] ?? labels['app'] ?? workload;
  const revision = labels['app.kubernetes.io/version'] ?? labels['version'] ?? 'latest';
  return {
    'security.istio.io/tlsMode': 'istio',
    ...(name === undefined ? {} : { 'service.istio.io/canonical-name': name }),
    'service.istio.io/canonical-revision': revision,
    ...labels,
  };
}
