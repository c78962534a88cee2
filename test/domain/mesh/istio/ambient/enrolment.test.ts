import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { istio } from '../../../../../src/domain/mesh/istio/istio.ts';
import { readPodShape } from '../../../../../src/domain/world/pod-shape.ts';
import type { World } from '../../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { ambientMesh, ambientPod, completeWorld, object, pod } from '../../../../cases-runner/case-world.ts';
import { worldFrom } from '../../../../support/build-world.ts';
import { podEnd } from '../../../../cases-runner/istio/seam-ends.ts';

const AMBIENT = { 'istio.io/dataplane-mode': 'ambient' };

function worldWith(more: readonly KubeObject[], coverage: Parameters<typeof completeWorld>[1] = []): World {
  const spaces = ['shop', 'kube-system', 'plain'].map((name) =>
    object('v1', 'Namespace', { name, labels: name === 'plain' ? {} : AMBIENT }),
  );
  return completeWorld([...ambientMesh(), ...spaces, ...more], coverage);
}

function decisionFor(namespace: string, spec: JsonObject, world: World): string {
  return istio.enrolment(namespace, readPodShape(spec['metadata'], spec), world).decision;
}

function agentConfig(cni: JsonObject): KubeObject {
  return object('v1', 'ConfigMap', {
    name: 'istio-cni-config',
    namespace: 'istio-system',
    fields: { decoded: { cni } },
  });
}

const node = (name: string): KubeObject => object('v1', 'Node', { name });

function onNodes(desired: number): KubeObject {
  return object('apps/v1', 'DaemonSet', {
    name: 'istio-cni-node',
    namespace: 'istio-system',
    spec: {},
    fields: { status: { desiredNumberScheduled: desired, numberReady: desired } },
  });
}

describe('pods that are created where ambient mode is installed', () => {
  test.each<[string, string, string, readonly KubeObject[]]>([
    ['a namespace that asks for it', 'shop', 'ambient', []],
    ['a namespace that asks for nothing', 'plain', 'skip', []],
    ['a namespace that the agent leaves out', 'kube-system', 'skip', []],
    [
      'a namespace that the agent does not leave out any more',
      'kube-system',
      'ambient',
      [agentConfig({ excludeNamespaces: [] })],
    ],
    ['an agent that leaves ambient mode alone', 'shop', 'skip', [agentConfig({ ambientEnabled: false })]],
    ['selectors of its own', 'plain', 'ambient', [agentConfig({ enablementSelectors: [{ podSelector: {} }] })]],
    ['an agent on some of the nodes', 'shop', 'unknown', [node('a'), node('b'), onNodes(1)]],
    ['an agent on all of the nodes', 'shop', 'ambient', [node('a'), node('b'), onNodes(2)]],
  ])('are taken as they should be: %s', (...[, namespace, decision, more]) => {
    expect(decisionFor(namespace, {}, worldWith(more))).toBe(decision);
  });

  test('are unknown where the settings of the agent were not read', () => {
    const world = worldWith([], [{ kind: KIND.configMap, state: 'partial', objects: 2 }]);
    expect(decisionFor('shop', {}, world)).toBe('unknown');
    expect(decisionFor('shop', { hostNetwork: true }, world)).toBe('skip');
  });
});

describe('the settings of the CNI agent', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'its keys of today',
      {
        EXCLUDE_NAMESPACES: 'kube-system,infra',
        AMBIENT_ENABLED: 'true',
        AMBIENT_ENABLEMENT_SELECTOR: '[{"podSelector":{}}]',
      },
      { excludeNamespaces: ['kube-system', 'infra'], ambientEnabled: true, enablementSelectors: [{ podSelector: {} }] },
    ],
    [
      'the JSON of before',
      { cni_network_config: '{"kubernetes":{"exclude_namespaces":["istio-system"]}}' },
      { excludeNamespaces: ['istio-system'] },
    ],
    ['nothing', {}, {}],
  ])('are read from %s', (_what, data, cni) => {
    const metadata = { name: 'istio-cni-config', namespace: 'istio-system' };
    const world = worldFrom([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }]);
    expect(world.list(KIND.configMap).objects[0]?.decoded).toMatchObject({ cni });
  });
});

describe('pods that run', () => {
  const labelled = pod({ namespace: 'shop', name: 'it', sidecar: false });

  test('are uncaptured where labels ask for ambient mode and the agent recorded nothing', () => {
    const world = worldWith([labelled]);
    const { workload, cohort } = podEnd(world, 'shop', 'it');
    expect(istio.dataPlane(workload, cohort, world)).toMatchObject({ mode: 'ambient', captured: { value: false } });
    expect(istio.dataPlane(workload, workload.next, world)).toMatchObject({
      mode: 'ambient',
      captured: { value: true },
    });
  });

  test('stay captured where the labels are gone, and their next pods are not', () => {
    const world = worldWith([{ ...ambientPod({ namespace: 'plain', name: 'it' }), ...withoutLabels('plain') }]);
    const { workload, cohort } = podEnd(world, 'plain', 'it');
    expect(istio.dataPlane(workload, cohort, world)).toMatchObject({ mode: 'ambient', captured: { value: true } });
    expect(istio.dataPlane(workload, workload.next, world)).toBeUndefined();
  });

  test('of ztunnel itself have no proxy before them', () => {
    const containers = [{ name: 'istio-proxy', image: 'istio/ztunnel:1.31.0', args: ['proxy', 'ztunnel'] }];
    const world = worldWith([object('v1', 'Pod', { name: 'it', namespace: 'plain', spec: { containers } })]);
    const { workload, cohort } = podEnd(world, 'plain', 'it');
    expect(istio.dataPlane(workload, cohort, world)).toBeUndefined();
  });
});

function withoutLabels(namespace: string): Pick<KubeObject, 'metadata'> {
  const { metadata } = ambientPod({ namespace, name: 'it' });
  return { metadata: { ...metadata, labels: {} } };
}

describe('what is told of an installation', () => {
  test('names versions, tags and what is too far apart', () => {
    const proxied = (name: string, version: string): KubeObject => {
      const made = pod({ namespace: 'plain', name, sidecar: true });
      return JSON.parse(JSON.stringify(made).replaceAll('1.31.0', version)) as KubeObject;
    };
    const { state, evidence } = istio.detect(worldWith([proxied('old', '1.28.3'), proxied('ahead', '1.32.0')]));
    const rules = evidence.map(({ rule }) => rule).join('\n');
    expect(state).toBe('active');
    expect(rules).toContain('istiod of revision default, version 1.31.0');
    expect(rules).toContain('3 minor versions behind istiod 1.31.0');
    expect(rules).toContain('newer than istiod 1.31.0');
  });

  test('is unknown where a webhook calls an istiod and nobody read the Deployments', () => {
    const webhooks = [{ name: 'rev.namespace.sidecar-injector.istio.io', namespaceSelector: {}, objectSelector: {} }];
    const webhook = object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
      name: 'istio-sidecar-injector',
      fields: { webhooks },
    });
    const unread = [{ kind: KIND.deployment, state: 'unread', objects: 0 }] as const;
    expect(istio.detect(completeWorld([webhook], unread)).state).toBe('unknown');
    expect(istio.detect(completeWorld([webhook])).state).toBe('external');
  });
});
