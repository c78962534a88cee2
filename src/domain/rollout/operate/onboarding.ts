import type { Fact } from '../../world/fact.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { OperateFile } from './guardrail.ts';

/** How a service that is new gets its allow, one paragraph each: it is shut for everybody until then. */
export const ONBOARDING: readonly string[] = [
  'A new service in a namespace that denies by default is shut for everybody until a rule names its callers. Before its first deployment: give it a ServiceAccount of its own; copy new-service-allow.yaml, put in its labels, its container port and the accounts of its callers, and apply it; add its own account to the callers policy of every server that it calls; then deploy, and look at the log for "RBAC: access denied".',
  'A new caller of a service that is there: one more principal in the callers policy of that service, before the first call.',
];

/** The policy to copy for a new service. What is in capitals is to be replaced. */
export function onboardingFile(trustDomain: Fact<string>): OperateFile {
  const domain = trustDomain.known ? trustDomain.value : 'TRUST_DOMAIN';
  return {
    file: 'new-service-allow.yaml',
    values: {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'NEW_SERVICE-callers', namespace: 'NAMESPACE', labels: MANAGED_LABELS },
      spec: {
        selector: { matchLabels: { app: 'NEW_SERVICE' } },
        action: 'ALLOW',
        rules: [
          {
            from: [{ source: { principals: [`${domain}/ns/CALLER_NAMESPACE/sa/CALLER_ACCOUNT`] } }],
            to: [{ operation: { ports: ['CONTAINER_PORT'] } }],
          },
        ],
      },
    },
  };
}
