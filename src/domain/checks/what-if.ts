import { KIND } from '../kubernetes/kinds.ts';
import type { Kind, KubeObject } from '../kubernetes/object.ts';
import { refOf } from '../kubernetes/object.ts';
import { controlPlanes, injectionWebhooks } from '../mesh/istio/control-plane.ts';
import { chartWebhookConfigurations } from '../mesh/istio/injection/chart-webhooks.ts';
import { parsePeerAuthentication } from '../mesh/istio/mtls/peer-authentication.ts';
import { admitPod } from '../mesh/registry.ts';
import { applyChange } from '../world/apply.ts';
import { derivedFrom } from '../world/derived.ts';
import type { Change, Step } from '../world/step.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { namespacesInScope } from './scope.ts';

/** The worlds that a rollout of Istio sidecars passes through, each made from the one before by API steps alone. */
export interface WhatIf {
  /** A control plane is there, every namespace in scope asks for injection, and all its pods were made anew. */
  readonly enrolled: World;
  /** The same without any PeerAuthentication: every port takes both plaintext and mutual TLS. */
  readonly lax: World;
  /** The same with STRICT as the mode of each namespace in scope; modes of workloads and ports stay as they are. */
  readonly strict: World;
  readonly scope: readonly string[];
}

/**
 * The release that is assumed where no control plane was read; native sidecars and defaults follow from it. The newest
 * as of 2026-09-12. Source: https://istio.io/latest/docs/releases/supported-releases/.
 */
const ASSUMED_ISTIO = '1.31.0';

const ROOT = 'istio-system';

/** Kinds that an installation of Istio's charts makes the cluster serve. */
const SERVED: readonly Kind[] = [
  KIND.peerAuthentication,
  KIND.authorizationPolicy,
  KIND.requestAuthentication,
  KIND.destinationRule,
  KIND.virtualService,
  KIND.istioGateway,
  KIND.serviceEntry,
  KIND.workloadEntry,
  KIND.sidecar,
  KIND.envoyFilter,
  KIND.proxyConfig,
  KIND.wasmPlugin,
  KIND.trafficExtension,
];

/** The worlds ahead of the given one; computed once for as long as it lives. */
export function whatIf(world: World): WhatIf {
  return derivedFrom(world, computeWhatIf);
}

/** Whether the world itself holds a control plane or its webhooks; otherwise the one of the chart is assumed. */
export function hasIstio(world: World): boolean {
  return controlPlanes(world).length > 0 || injectionWebhooks(world).length > 0;
}

function computeWhatIf(world: World): WhatIf {
  const scope = namespacesInScope(world);
  const installed = hasIstio(world) ? world : applied(world, 'install', [installStep()]);
  const enrolled = applied(installed, 'enrol', enrolSteps(installed, scope));
  const policies = enrolled.list(KIND.peerAuthentication).objects;
  const lax = applied(
    enrolled,
    'lax',
    policies.map((object): Step => ({ step: 'delete', target: refOf(object) })),
  );
  const strict = applied(
    enrolled,
    'strict',
    scope.flatMap((namespace) => strictSteps(enrolled, namespace)),
  );
  return { enrolled, lax, strict, scope };
}

function applied(world: World, id: string, steps: readonly Step[]): World {
  const change: Change = { id: `what-if-${id}`, steps };
  return applyChange(world, change, admitPod).world;
}

function installStep(): Step {
  const origin = { from: 'assumed', by: 'what-if-install' } as const;
  const bare = { labels: {}, annotations: {}, ownerReferences: [] };
  const configMap = (name: string, decoded: Readonly<Record<string, unknown>>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...bare, name, namespace: ROOT },
    origin,
    decoded,
  });
  const labels = { app: 'istiod' };
  const discovery = { name: 'discovery', image: `docker.io/istio/pilot:${ASSUMED_ISTIO}` };
  return {
    step: 'external',
    title: 'install Istio with its charts and their defaults',
    commands: [],
    expect: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { ...bare, name: ROOT }, origin },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { ...bare, name: 'istiod', namespace: ROOT, labels },
        origin,
        spec: { template: { metadata: { labels }, spec: { containers: [discovery] } } },
      },
      configMap('istio', { mesh: {} }),
      configMap('istio-sidecar-injector', { values: {}, config: { policy: 'enabled' } }),
      ...chartWebhookConfigurations({ revisions: ['default'], origin }),
    ],
    expectKinds: SERVED,
  };
}

/** Labels where a namespace says nothing yet, then new pods for everything that runs. */
function enrolSteps(world: World, scope: readonly string[]): readonly Step[] {
  const labels = injectionLabel(world);
  const unread = world.list(KIND.namespace).gap !== undefined;
  return scope.flatMap((namespace): Step[] => {
    const object = world.get({ kind: KIND.namespace, name: namespace });
    const own = object?.metadata.labels ?? {};
    const silent = own['istio-injection'] === undefined && own['istio.io/rev'] === undefined;
    // What a namespace that was not read says about injection is not known, so nothing is written over it.
    const asks = silent && !(object === undefined && unread);
    const label: Step = {
      step: 'apply',
      manifest: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    };
    const restarts = workloadsIn(world, namespace).map(({ kind, name }): Step => ({
      step: 'restart',
      workload: { kind, namespace, name },
      method: 'rollout-restart',
    }));
    return [...(asks ? [label] : []), ...restarts];
  });
}

/** The label that the installed webhooks answer to: the default revision's own, else a tag, else a revision. */
function injectionLabel(world: World): Readonly<Record<string, string>> {
  const webhooks = injectionWebhooks(world);
  const names = webhooks.flatMap(({ tag, revision }) => tag ?? revision ?? []);
  const [first] = names;
  return names.includes('default') || first === undefined
    ? { 'istio-injection': 'enabled' }
    : { 'istio.io/rev': webhooks.find(({ tag }) => tag !== undefined)?.tag ?? first };
}

function strictSteps(world: World, namespace: string): readonly Step[] {
  const spec = { mtls: { mode: 'STRICT' } };
  const existing = world
    .listIn(KIND.peerAuthentication, namespace)
    .objects.filter((object) => !parsePeerAuthentication(object).hasSelector);
  if (existing.length > 0) {
    return existing.map((object): Step => ({
      step: 'patch',
      target: refOf(object),
      patch: { spec },
      why: 'the namespace goes STRICT',
    }));
  }
  const manifest = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace },
    spec,
  };
  return [{ step: 'apply', manifest }];
}
