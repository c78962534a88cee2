import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../fact.ts';
import { formatWorkload, type WorkloadRef } from '../workload.ts';
import type { World } from '../world.ts';
import type { Component } from './components.ts';
import { rowsOf } from './found.ts';
import type { Webhook, Webhooks } from './webhooks.ts';

/** A policy engine that runs here or may, and whether it may change objects or only refuse them. */
export interface PolicyEngine {
  readonly component: string;
  /** Whether one of its webhooks is asked before objects are stored and may change them. */
  readonly mutates: Fact<boolean>;
  readonly validates: Fact<boolean>;
}

/** Who else than Kubernetes and the meshes has a say in whether and how a pod is made. */
export interface AdmissionPolicies {
  readonly engines: readonly PolicyEngine[];
  /** Names of the API server's own policies. */
  readonly validating: Fact<readonly string[]>;
  readonly mutating: Fact<readonly string[]>;
}

/** The policy engines among the components, without those that are known not to run, and the policies of the API server itself. */
export function admissionPoliciesOf(
  world: World,
  { components, webhooks }: { readonly components: readonly Component[]; readonly webhooks: Webhooks },
): AdmissionPolicies {
  const engines = components.filter(
    ({ role, state }) => role === 'policy-engine' && (!state.known || state.value === 'installed'),
  );
  const names = (kind: string): Fact<readonly string[]> => rowsOf(world, kind, ({ metadata }) => metadata.name);
  return {
    engines: engines.map((engine) => ({
      component: engine.component,
      mutates: isAsked(engine, webhooks.mutating),
      validates: isAsked(engine, webhooks.validating),
    })),
    validating: names(KIND.validatingAdmissionPolicy),
    mutating: names(KIND.mutatingAdmissionPolicy),
  };
}

/** An engine keeps its webhooks registered for its own kinds too, which say nothing of other objects. */
function isAsked({ component, workloads, state }: Component, webhooks: Fact<readonly Webhook[]>): Fact<boolean> {
  if (!state.known) return state;
  if (!webhooks.known) return webhooks;
  const controllers = new Set(workloads.map(formatWorkload));
  const isOwn = (workload: WorkloadRef): boolean => controllers.has(formatWorkload(workload));
  const others = webhooks.value.filter(({ resources }) =>
    resources.some((resource) => !isOwnKind(component, resource)),
  );
  let gap: string | undefined;
  for (const { server } of others) {
    if (server.at !== 'service') continue;
    if (!server.workloads.known) gap ??= server.workloads.reason;
    else if (server.workloads.value.some(isOwn)) return known(true);
  }
  return gap === undefined ? known(false) : unknown(gap);
}

/** Kyverno watches over itself by a webhook on Leases. */
function isOwnKind(component: string, resource: string): boolean {
  if (resource === 'coordination.k8s.io/leases') return true;
  return new RegExp(`(^|\\.)${component}\\.(io|sh)/`).test(resource);
}
