import type { Target } from '../plan.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';

const NAME = 'meshwise-enrolment';

/** A file of the stage that somebody applies by hand, once they want it. */
export interface OperateFile {
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The labels of a namespace by which it is in the mesh, or says in so many words that it is not. */
const LABELS: Readonly<Record<Target, readonly string[]>> = {
  'istio-sidecar': ['istio.io/rev', 'istio-injection'],
  'istio-ambient': ['istio.io/dataplane-mode'],
  linkerd: [],
};

/**
 * A policy of the API server that warns whoever makes a namespace without saying whether it is in the mesh; it refuses
 * nothing. Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ (v1 since 1.30).
 */
export function guardrailFiles(target: Target): readonly OperateFile[] {
  const labels = LABELS[target];
  if (labels.length === 0) return [];
  const says = labels.map((label) => `'${label}' in object.metadata.labels`).join(' || ');
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: NAME, labels: MANAGED_LABELS };
  const policy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Ignore',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['namespaces'] },
        ],
      },
      matchConditions: [
        {
          name: 'not-of-the-system',
          expression: "!object.metadata.name.startsWith('kube-') && !object.metadata.name.startsWith('istio-')",
        },
      ],
      validations: [
        {
          expression: `has(object.metadata.labels) && (${says})`,
          message: `this namespace does not say whether it is in the mesh: set one of the labels ${labels.join(', ')}`,
        },
      ],
    },
  };
  const binding = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: NAME, validationActions: ['Warn'] },
  };
  return [
    { file: 'guardrail-policy.yaml', values: policy },
    { file: 'guardrail-binding.yaml', values: binding },
  ];
}
