import type { Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { admissionPoliciesOf, type AdmissionPolicies } from './admission-policies.ts';
import { autoscalersOf, type Autoscalers } from './autoscalers.ts';
import { capacityOf, type ClusterCapacity } from './capacity.ts';
import { cniOf, type Cni } from './cni.ts';
import { componentsOf, type Component } from './components.ts';
import { disruptionBudgetsOf, type DisruptionBudget } from './disruption-budgets.ts';
import { distributionOf, providerOf } from './distribution.ts';
import type { Found } from './found.ts';
import { gatewayApiOf, type GatewayApi } from './gateway-api.ts';
import { kubeProxyOf, type KubeProxy } from './kube-proxy.ts';
import { kubernetesVersions, type KubernetesVersions } from './kubernetes-versions.ts';
import { nodeFacts, type NodeFacts } from './nodes.ts';
import { podSecurityOf, type PodSecurity } from './pod-security.ts';
import { limitRangesOf, quotasOf, type LimitRange, type Quota } from './quotas.ts';
import { webhooksOf, type Webhooks } from './webhooks.ts';

/** Facts about the ground that a mesh would stand on; each is known with what shows it, or says why it is not. */
export interface Platform {
  readonly versions: KubernetesVersions;
  readonly nodes: NodeFacts;
  /** `eks`, `gke`, `openshift`, `k3s`. */
  readonly distribution: Fact<Found>;
  /** Whose machines the nodes are: `aws`, `gce`, `azure`. */
  readonly provider: Fact<Found>;
  readonly cni: Fact<Cni>;
  readonly kubeProxy: KubeProxy;
  readonly gatewayApi: Fact<GatewayApi>;
  readonly podSecurity: PodSecurity;
  readonly capacity: ClusterCapacity;
  readonly quotas: Fact<readonly Quota[]>;
  readonly limitRanges: Fact<readonly LimitRange[]>;
  readonly autoscalers: Autoscalers;
  readonly disruptionBudgets: Fact<readonly DisruptionBudget[]>;
  readonly webhooks: Webhooks;
  readonly admissionPolicies: AdmissionPolicies;
  /** Every component that is looked for, found or not. */
  readonly components: readonly Component[];
}

/** What the world tells of the platform. */
export function platformOf(world: World): Platform {
  const cni = cniOf(world);
  const components = componentsOf(world);
  const webhooks = webhooksOf(world);
  return {
    versions: kubernetesVersions(world),
    nodes: nodeFacts(world),
    distribution: distributionOf(world),
    provider: providerOf(world),
    cni,
    kubeProxy: kubeProxyOf(world, cni),
    gatewayApi: gatewayApiOf(world),
    podSecurity: podSecurityOf(world),
    capacity: capacityOf(world),
    quotas: quotasOf(world),
    limitRanges: limitRangesOf(world),
    autoscalers: autoscalersOf(world),
    disruptionBudgets: disruptionBudgetsOf(world),
    webhooks,
    admissionPolicies: admissionPoliciesOf(world, { components, webhooks }),
    components,
  };
}
