import { describe, expect, it } from 'vitest';
import { componentsOf, type Component } from '../../../../src/domain/world/platform/components.ts';
import { gatewayApiOf } from '../../../../src/domain/world/platform/gateway-api.ts';
import { imageRepository, imageVersion } from '../../../../src/domain/world/platform/image-reference.ts';
import { platformOf } from '../../../../src/domain/world/platform/platform.ts';
import { webhooksOf } from '../../../../src/domain/world/platform/webhooks.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { controller, definition } from './platform-world.ts';

const DEFINITION = 'apiextensions.k8s.io/CustomResourceDefinition';

function component(world: World, name: string): Component | undefined {
  return componentsOf(world).find((candidate) => candidate.component === name);
}

function webhookConfiguration(kind: string, name: string, webhook: JsonObject): JsonObject {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return { apiVersion, kind, metadata: { name }, webhooks: [{ name: 'one.example.com', ...webhook }] };
}

function serviceOf(name: string, namespace: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 443 }] },
  };
}

describe('componentsOf', () => {
  it.each([
    ['argo-cd', 'quay.io/argoproj/argocd:v3.2.0', 'v3.2.0'],
    ['argo-rollouts', 'quay.io/argoproj/argo-rollouts:v1.8.3', 'v1.8.3'],
    ['cert-manager', 'quay.io/jetstack/cert-manager-controller:v1.19.1', 'v1.19.1'],
    ['cluster-autoscaler', 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.1', 'v1.34.1'],
    ['flagger', 'ghcr.io/fluxcd/flagger:1.42.0', '1.42.0'],
    ['flux', 'ghcr.io/fluxcd/kustomize-controller:v1.7.2', 'v1.7.2'],
    ['gatekeeper', 'openpolicyagent/gatekeeper:v3.21.0', 'v3.21.0'],
    ['istio-csr', 'quay.io/jetstack/cert-manager-istio-csr:v0.14.3', 'v0.14.3'],
    ['karpenter', 'public.ecr.aws/karpenter/controller:1.8.1@sha256:abc', '1.8.1'],
    ['keda', 'ghcr.io/kedacore/keda:2.18.1', '2.18.1'],
    ['kubewarden', 'ghcr.io/kubewarden/kubewarden-controller:v1.30.0', 'v1.30.0'],
    ['kyverno', 'mirror.example.com:5000/kyverno/kyverno:v1.16.0', 'v1.16.0'],
    ['metrics-server', 'registry.k8s.io/metrics-server/metrics-server:v0.8.0', 'v0.8.0'],
    ['prometheus', 'quay.io/prometheus/prometheus:v3.7.3', 'v3.7.3'],
    ['prometheus-operator', 'quay.io/prometheus-operator/prometheus-operator:v0.86.2', 'v0.86.2'],
    ['trust-manager', 'quay.io/jetstack/trust-manager:v0.20.2', 'v0.20.2'],
    ['vertical-pod-autoscaler', 'registry.k8s.io/autoscaling/vpa-updater:1.5.1', '1.5.1'],
  ])('finds %s by %s, and nothing else', (name, image, version) => {
    const world = worldFrom([controller('Deployment', 'tools/any', image)]);
    const found = component(world, name);
    expect(found).toMatchObject({
      state: { known: true, value: 'installed' },
      version: { known: true, value: version },
    });
    expect(found?.evidence[0]?.object).toEqual({ kind: 'apps/Deployment', namespace: 'tools', name: 'any' });
    const others = componentsOf(world).filter((other) => other.component !== name);
    expect(others.every(({ state }) => state.known && state.value === 'absent')).toBe(true);
  });

  it('tells definitions that were left behind, and the definitions of one project from those of another', () => {
    const world = worldFrom([definition('certificates', 'cert-manager.io')]);
    expect(component(world, 'cert-manager')?.state).toEqual({ known: true, value: 'definitions-only' });
    expect(component(world, 'trust-manager')?.state).toEqual({ known: true, value: 'absent' });
    const trust = worldFrom([definition('bundles', 'trust.cert-manager.io')]);
    expect(component(trust, 'cert-manager')?.state).toEqual({ known: true, value: 'absent' });
    expect(component(trust, 'trust-manager')?.state).toEqual({ known: true, value: 'definitions-only' });
    const workflows = worldFrom([definition('workflows', 'argoproj.io')]);
    expect(component(workflows, 'argo-cd')?.state).toEqual({ known: true, value: 'absent' });
  });

  it('never says absent where something was not read, nor of manifests', () => {
    for (const kind of ['apps/Deployment', 'apps/StatefulSet', DEFINITION]) {
      const states = componentsOf(worldFrom([], { forbidden: [kind] })).map(({ state }) => state.known);
      expect(states).not.toContain(true);
    }
    const declared = worldFrom([controller('Deployment', 'cart', 'cart:1')], { basis: 'declared' });
    expect(componentsOf(declared).some(({ state }) => state.known)).toBe(false);
  });

  it('says no version where the image names none, or two run', () => {
    const digest = worldFrom([controller('Deployment', 'k', 'kyverno@sha256:abc')]);
    expect(component(digest, 'kyverno')?.version.known).toBe(false);
    const two = worldFrom([
      controller('Deployment', 'a', 'argocd:v3.1.0'),
      controller('Deployment', 'b', 'argocd:v3.2.0'),
    ]);
    expect(component(two, 'argo-cd')?.version).toMatchObject({ known: false });
  });
});

describe('webhooksOf and the policy engines', () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], operations: ['CREATE'] }];
  const clientConfig = { service: { namespace: 'kyverno', name: 'kyverno-svc' } };
  const engine = controller('Deployment', 'kyverno/kyverno-svc', 'ghcr.io/kyverno/kyverno:v1.16.0');
  const mutating = webhookConfiguration('MutatingWebhookConfiguration', 'kyverno-resource', { rules, clientConfig });

  it('say who answers, what about, and what happens without an answer', () => {
    const world = worldFrom([engine, serviceOf('kyverno-svc', 'kyverno'), mutating]);
    const { mutating: found } = webhooksOf(world);
    expect(found).toEqual({
      known: true,
      value: [
        {
          configuration: 'kyverno-resource',
          name: 'one.example.com',
          failurePolicy: 'Fail',
          timeoutSeconds: 10,
          operations: ['CREATE'],
          resources: ['pods'],
          everyNamespace: true,
          everyObject: true,
          server: {
            at: 'service',
            namespace: 'kyverno',
            name: 'kyverno-svc',
            workloads: { known: true, value: [{ namespace: 'kyverno', kind: 'Deployment', name: 'kyverno-svc' }] },
          },
        },
      ],
    });
  });

  it('tell an engine that may change pods from one that only refuses them', () => {
    const own = [{ apiGroups: ['kyverno.io'], resources: ['clusterpolicies'], operations: ['CREATE'] }];
    const validating = webhookConfiguration('ValidatingWebhookConfiguration', 'v', { rules: own, clientConfig });
    const world = worldFrom([engine, serviceOf('kyverno-svc', 'kyverno'), mutating, validating]);
    expect(platformOf(world).admissionPolicies.engines).toEqual([
      { component: 'kyverno', mutates: { known: true, value: true }, validates: { known: true, value: false } },
    ]);
  });

  it('keep an engine in the list that may run unseen', () => {
    const { engines } = platformOf(worldFrom([], { forbidden: [DEFINITION] })).admissionPolicies;
    expect(engines.map(({ component: name }) => name)).toEqual(['gatekeeper', 'kubewarden', 'kyverno']);
    expect(engines.some(({ mutates }) => mutates.known)).toBe(false);
  });

  it('keep the host alone of a webhook outside the cluster', () => {
    const outside = { rules, clientConfig: { url: 'https://hooks.example.com/pods?token=planted' } };
    const world = worldFrom([webhookConfiguration('ValidatingWebhookConfiguration', 'v', outside)]);
    expect(webhooksOf(world).validating).toMatchObject({
      known: true,
      value: [{ server: { at: 'url', host: 'hooks.example.com' } }],
    });
  });
});

describe('gatewayApiOf', () => {
  it('gives release, channel and served versions of each kind', () => {
    const annotations = {
      'gateway.networking.k8s.io/bundle-version': 'v1.4.0',
      'gateway.networking.k8s.io/channel': 'standard',
    };
    const versions = [
      { name: 'v1', served: true },
      { name: 'v1beta1', served: false },
    ];
    const gateway = { kind: 'Gateway', annotations, versions };
    const world = worldFrom([definition('gateways', 'gateway.networking.k8s.io', gateway)]);
    expect(gatewayApiOf(world)).toMatchObject({
      known: true,
      value: {
        bundleVersions: ['v1.4.0'],
        channels: ['standard'],
        kinds: [{ kind: 'Gateway', versions: ['v1'], bundleVersion: 'v1.4.0', channel: 'standard' }],
      },
    });
  });

  it('tells none from not read', () => {
    expect(gatewayApiOf(worldFrom([]))).toMatchObject({ known: true, value: { kinds: [] } });
    expect(gatewayApiOf(worldFrom([], { forbidden: [DEFINITION] })).known).toBe(false);
  });
});

describe('an image', () => {
  it.each([
    ['quay.io/cilium/cilium:v1.18.4@sha256:abc', 'quay.io/cilium/cilium', 'v1.18.4'],
    ['registry:5000/kyverno', 'registry:5000/kyverno', undefined],
    ['nginx', 'nginx', undefined],
    ['nginx:latest', 'nginx', undefined],
    ['', '', undefined],
  ])('%j is of a repository and perhaps of a version', (image, repository, version) => {
    expect(imageRepository(image)).toBe(repository);
    expect(imageVersion(image)).toBe(version);
  });
});
