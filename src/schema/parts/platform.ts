import { z } from 'zod';
import type { Cni } from '../../domain/world/platform/cni.ts';
import type { Component } from '../../domain/world/platform/components.ts';
import type { Found } from '../../domain/world/platform/found.ts';
import type { GatewayApi } from '../../domain/world/platform/gateway-api.ts';
import type { KubernetesVersions } from '../../domain/world/platform/kubernetes-versions.ts';
import type { NodeFacts } from '../../domain/world/platform/nodes.ts';
import type { Platform } from '../../domain/world/platform/platform.ts';
import type { PodSecurity } from '../../domain/world/platform/pod-security.ts';
import { describing } from '../same-type.ts';
import { factOf } from './fact.ts';
import { admissionPolicies, webhooks } from './platform-admission.ts';
import { autoscalers, capacity, disruptionBudget, limitRange, quota } from './platform-capacity.ts';
import { evidence, workloadRef } from './references.ts';
import { count } from './words.ts';

const found = describing<Found>()(z.object({ name: z.string(), evidence: z.array(evidence) }));

const versions = describing<KubernetesVersions>()(
  z.object({
    apiServer: factOf(z.string()),
    kubelets: factOf(
      z.array(
        z.object({
          version: z.string(),
          nodes: count,
          skew: z.enum(['supported', 'newer-than-api-server', 'too-old', 'unknown']),
        }),
      ),
    ),
    withinSkew: factOf(z.boolean()).describe('whether all kubelets are within the version-skew policy of Kubernetes'),
  }),
);

const nodesBy = z.array(z.object({ value: z.string(), nodes: count }));

const nodes = describing<NodeFacts>()(
  z.object({
    count: factOf(count),
    systems: factOf(z.array(z.object({ os: z.string(), architecture: z.string(), nodes: count }))),
    osImages: factOf(nodesBy),
    containerRuntimes: factOf(nodesBy),
    unschedulable: factOf(count),
    virtual: factOf(z.array(z.object({ kind: z.enum(['fargate', 'virtual-kubelet']), nodes: count, evidence }))),
  }),
);

const cni = describing<Cni>()(
  z.object({
    name: z.string().describe('the plugins joined by and'),
    plugins: z.array(z.object({ name: z.string(), version: z.exactOptional(z.string()), evidence })),
  }),
);

const gatewayApi = describing<GatewayApi>()(
  z.object({
    bundleVersions: z.array(z.string()),
    channels: z.array(z.string()),
    kinds: z
      .array(
        z.object({
          kind: z.string(),
          versions: z.array(z.string()).describe('those served'),
          bundleVersion: z.exactOptional(z.string()),
          channel: z.exactOptional(z.string()),
        }),
      )
      .describe('empty: the Gateway API is not installed'),
    evidence: z.array(evidence),
  }),
);

const level = z.enum(['privileged', 'baseline', 'restricted']);
const levelCounts = z.object({ privileged: count, baseline: count, restricted: count, unlabelled: count });

const podSecurity = describing<PodSecurity>()(
  z.object({
    namespaces: factOf(
      z.array(
        z.object({
          namespace: z.string(),
          enforce: z.exactOptional(level),
          audit: z.exactOptional(level),
          warn: z.exactOptional(level),
        }),
      ),
    ),
    enforce: factOf(levelCounts),
    audit: factOf(levelCounts),
    warn: factOf(levelCounts),
    securityContextConstraints: factOf(z.boolean()),
  }),
);

const component = describing<Component>()(
  z
    .object({
      component: z.string(),
      role: z.enum([
        'policy-engine',
        'gitops',
        'monitoring',
        'certificates',
        'progressive-delivery',
        'node-autoscaler',
        'pod-autoscaler',
      ]),
      state: factOf(z.enum(['installed', 'definitions-only', 'absent'])),
      version: factOf(z.string()),
      workloads: z.array(workloadRef).describe('those that run a controller of it, so far as they were read'),
      evidence: z.array(evidence),
    })
    .meta({ id: 'Component', description: 'Something that a mesh has to get on with, found or not.' }),
);

/** What the cluster stands on, as `Platform` of the domain says it. */
export const platform = describing<Platform>()(
  z
    .object({
      versions,
      nodes,
      distribution: factOf(found),
      provider: factOf(found),
      cni: factOf(cni),
      kubeProxy: z.object({
        replaced: factOf(z.boolean()),
        mode: factOf(z.string()),
        evidence: z.array(evidence),
      }),
      gatewayApi: factOf(gatewayApi),
      podSecurity,
      capacity,
      quotas: factOf(z.array(quota)),
      limitRanges: factOf(z.array(limitRange)),
      autoscalers,
      disruptionBudgets: factOf(z.array(disruptionBudget)),
      webhooks,
      admissionPolicies,
      components: z.array(component),
    })
    .meta({ id: 'Platform', description: 'The ground that a mesh would stand on.' }),
);
