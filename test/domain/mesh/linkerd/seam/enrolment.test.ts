import { describe, expect, it } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import { readPodShape, type PodShape } from '../../../../../src/domain/world/pod-shape.ts';
import { findWorkload } from '../../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { completeWorld, object } from '../../../../cases-runner/case-world.ts';
import { podEnd } from '../../../../cases-runner/istio/seam-ends.ts';
import { chartValuesWith, linkerdControlPlane, linkerdPod } from '../../../../cases-runner/linkerd/linkerd-world.ts';
import { unread } from './scene.ts';

const SHOP = object('v1', 'Namespace', { name: 'shop', annotations: { 'linkerd.io/inject': 'enabled' } });
const POD = readPodShape({}, { containers: [{ name: 'app', image: 'app:1', ports: [{ containerPort: 3306 }] }] });
const PLANE = linkerdControlPlane();
const UNPROJECTED = linkerdControlPlane(chartValuesWith({ serviceAccountTokenProjection: false }));
const NO_TOKEN = 'disabled_automount_service_account_token_account';

function podWith(spec: JsonObject): PodShape {
  return readPodShape({}, { containers: [{ name: 'app', image: 'app:1' }], ...spec });
}

function account(automountServiceAccountToken: boolean): KubeObject {
  return object('v1', 'ServiceAccount', {
    name: 'default',
    namespace: 'shop',
    fields: { automountServiceAccountToken },
  });
}

function without(kind: string): readonly KubeObject[] {
  return PLANE.filter((one) => one.kind !== kind);
}

function app(spec: JsonObject = {}, labels: JsonObject = {}): KubeObject {
  const template = {
    metadata: { labels: { app: 'app', ...labels } },
    spec: { containers: [{ name: 'app', image: 'a:1' }], ...spec },
  };
  return object('apps/v1', 'Deployment', { name: 'app', namespace: 'shop', spec: { template } });
}

describe('enrolment in Linkerd', () => {
  it('injects where the namespace asks, and says what the failure policy does', () => {
    const enrolment = linkerd.enrolment('shop', POD, completeWorld([SHOP, ...PLANE]));
    expect(enrolment.decision).toBe('inject');
    expect(enrolment.reason).toContain('failurePolicy Ignore');
  });

  it('says of pods that serve UDP that the proxy does not carry it', () => {
    const ports = [{ containerPort: 53, protocol: 'UDP' }];
    const rules = (pod: PodShape) =>
      linkerd.enrolment('shop', pod, completeWorld([SHOP, ...PLANE])).evidence.map(({ value }) => value);
    expect(rules(podWith({ containers: [{ name: 'dns', image: 'dns:1', ports }] }))).toContain('UDP');
    expect(rules(POD)).not.toContain('UDP');
  });

  it('skips without a webhook, whatever the annotations say', () => {
    const world = completeWorld([SHOP, ...without('MutatingWebhookConfiguration')]);
    expect(linkerd.enrolment('shop', POD, world)).toMatchObject({ decision: 'skip' });
  });

  it.each([
    [
      'webhooks were not read',
      completeWorld([SHOP, ...without('MutatingWebhookConfiguration')], unread('mutatingWebhook')),
    ],
    ['namespaces were not read', completeWorld(PLANE, unread('namespace'))],
    ['the chart values were not read', completeWorld([SHOP, ...without('ConfigMap')])],
    ['no injector runs', completeWorld([SHOP, ...without('Deployment')])],
    [
      'tokens are not projected and the ServiceAccount was not read',
      completeWorld([SHOP, ...UNPROJECTED], unread('serviceAccount')),
    ],
  ])('is unknown where %s', (_what, world) => {
    expect(linkerd.enrolment('shop', POD, world).decision).toBe('unknown');
    expect(linkerd.admit('shop', POD, world)?.pod).toBeUndefined();
  });

  it('is a skip that nothing unread can change where nobody asks', () => {
    const world = completeWorld([], [...unread('mutatingWebhook'), ...unread('deployment')]);
    expect(linkerd.enrolment('other', POD, world)).toMatchObject({
      decision: 'skip',
      reasons: ['injection_enable_annotation_absent'],
    });
  });

  it.each([
    ['the pod refuses the token', podWith({ automountServiceAccountToken: false }), []],
    ['its ServiceAccount does', podWith({}), [account(false)]],
  ])('is a skip without projected tokens where %s', (_what, pod, more) => {
    const world = (plane: readonly KubeObject[]) => completeWorld([SHOP, ...plane, ...more]);
    expect(linkerd.enrolment('shop', pod, world(UNPROJECTED))).toMatchObject({ decision: 'skip', reasons: [NO_TOKEN] });
    expect(linkerd.enrolment('shop', pod, world(PLANE)).decision).toBe('inject');
  });

  it('injects without projected tokens where the pod mounts one, whatever its ServiceAccount says', () => {
    const world = completeWorld([SHOP, ...UNPROJECTED, account(false)]);
    expect(linkerd.enrolment('shop', podWith({ automountServiceAccountToken: true }), world).decision).toBe('inject');
    const plain = completeWorld([SHOP, ...UNPROJECTED, account(true)]);
    expect(linkerd.enrolment('shop', podWith({}), plain).decision).toBe('inject');
  });

  it.each([{ os: { name: 'windows' } }, { nodeSelector: { 'kubernetes.io/os': 'windows' } }])(
    'is unknown for pods that ask for Windows: %o',
    (spec) => {
      const world = completeWorld([SHOP, ...PLANE]);
      expect(linkerd.enrolment('shop', podWith(spec), world)).toMatchObject({ decision: 'unknown' });
      expect(linkerd.enrolment('shop', podWith(spec), world).reason).toContain('Windows');
      expect(linkerd.enrolment('other', podWith(spec), world).decision).toBe('skip');
    },
  );

  it('is unknown for a pod of Istio that the injector does not see', () => {
    const pod = readPodShape({}, { containers: [{ name: 'x', image: 'corp.example/istio/proxyv2:1.24' }] });
    expect(linkerd.enrolment('shop', pod, completeWorld([SHOP, ...PLANE])).decision).toBe('unknown');
  });
});

describe('admission by Linkerd', () => {
  it('adds the proxy as the chart says, the label of the control plane, and the opaque ports it finds', () => {
    const pod = linkerd.admit('shop', POD, completeWorld([SHOP, ...PLANE]))?.pod;
    expect(pod?.initContainers.map(({ name }) => name)).toEqual(['linkerd-init', 'linkerd-proxy']);
    expect(pod?.labels['linkerd.io/control-plane-ns']).toBe('linkerd');
    expect(pod?.annotations['config.linkerd.io/opaque-ports']).toBe('3306');
  });

  it('leaves a pod that is not injected alone', () => {
    expect(linkerd.admit('other', POD, completeWorld(PLANE))).toBeUndefined();
  });
});

describe('the data plane of Linkerd', () => {
  const live = (world: World) => {
    const { workload, cohort } = podEnd(world, 'shop', 'app');
    return linkerd.dataPlane(workload, cohort, world);
  };
  const next = (world: World) => {
    const workload = findWorkload(world, { namespace: 'shop', kind: 'Deployment', name: 'app' });
    return workload === undefined ? undefined : linkerd.dataPlane(workload, workload.next, world);
  };

  it('is a sidecar where the pod has label and proxy, and captured by its init container', () => {
    const world = completeWorld([...PLANE, linkerdPod({ name: 'app', controlPlane: 'linkerd' })]);
    expect(live(world)).toMatchObject({ mode: 'sidecar', native: true, captured: { known: true, value: true } });
  });

  it('is none, in words, where a pod carries the label and no proxy', () => {
    const pod = linkerdPod({
      name: 'app',
      controlPlane: undefined,
      labels: { 'linkerd.io/control-plane-ns': 'linkerd' },
    });
    const found = live(completeWorld([...PLANE, pod]));
    expect(found?.mode).toBe('none');
    expect(found?.reason).toContain('no container linkerd-proxy');
  });

  it('is not known of a proxy whose label names a control plane that is not here, or none', () => {
    const label = (value: string | undefined): KubeObject => {
      const pod = linkerdPod({ name: 'app', controlPlane: 'blue' });
      const { 'linkerd.io/control-plane-ns': _blue, ...rest } = pod.metadata.labels;
      const labels = value === undefined ? rest : { ...rest, 'linkerd.io/control-plane-ns': value };
      return { ...pod, metadata: { ...pod.metadata, labels } };
    };
    const found = (value: string | undefined) => live(completeWorld([...PLANE, label(value)]));
    expect(found('blue')).toMatchObject({ mode: 'unknown', captured: { known: false } });
    expect(found('blue')?.reason).toContain('not among those of this cluster');
    for (const value of [undefined, '']) {
      expect(found(value)).toMatchObject({ mode: 'unknown', captured: { known: false } });
      expect(found(value)?.reason).toContain('without label linkerd.io/control-plane-ns');
    }
  });

  it('is none where linkerd-proxy is an init container that ends', () => {
    const pod = linkerdPod({ name: 'app', controlPlane: 'linkerd' });
    const ending = (one: JsonObject): JsonObject => ({ ...one, restartPolicy: undefined });
    const spec = pod.spec as { readonly initContainers: readonly JsonObject[] };
    const changed = { ...pod, spec: { ...spec, initContainers: spec.initContainers.map(ending) } };
    const world = completeWorld([...PLANE, changed]);
    expect(live(world)).toMatchObject({ mode: 'none', captured: { known: true, value: false } });
    expect(linkerd.portMode({ ...podEnd(world, 'shop', 'app'), port: 8080 }, world).mode).toBe('none');
  });

  it('captures nothing where all ports are skipped both ways', () => {
    const annotations = {
      'config.linkerd.io/skip-inbound-ports': '1-65535',
      'config.linkerd.io/skip-outbound-ports': '1-65535',
    };
    const pod = linkerdPod({ name: 'app', controlPlane: 'linkerd', annotations });
    expect(live(completeWorld([...PLANE, pod]))?.captured).toEqual({ known: true, value: false });
  });

  it('has nothing before pods of another kind', () => {
    const pod = linkerdPod({ name: 'app', controlPlane: undefined, annotations: { 'linkerd.io/inject': 'enabled' } });
    expect(live(completeWorld([...PLANE, pod]))).toBeUndefined();
  });

  it('of the next pods is what injection would make, and unknown on Windows or without the CNI plugin', () => {
    expect(next(completeWorld([SHOP, ...PLANE, app()]))).toMatchObject({ mode: 'sidecar', captured: { value: true } });
    const windows = app({ nodeSelector: { 'kubernetes.io/os': 'windows' } });
    expect(next(completeWorld([SHOP, ...PLANE, windows]))?.mode).toBe('unknown');
    const cni = linkerdControlPlane(chartValuesWith({ cniEnabled: true }));
    expect(next(completeWorld([SHOP, ...cni, app()]))?.captured.known).toBe(false);
  });
});

describe('the state of Linkerd', () => {
  const meshed = linkerdPod({ name: 'app', controlPlane: 'linkerd' });
  it.each([
    ['absent', completeWorld([])],
    ['installed-unused', completeWorld(PLANE)],
    ['active', completeWorld([...PLANE, meshed])],
    ['orphaned', completeWorld([meshed])],
    ['remnant', completeWorld(without('Deployment'))],
    ['unknown', completeWorld([meshed], unread('deployment'))],
    ['unknown', completeWorld([], unread('mutatingWebhook'))],
  ])('is %s', (state, world) => {
    expect(linkerd.detect(world).state).toBe(state);
  });

  it('names the version of its components, and where identities end', () => {
    const detection = linkerd.detect(completeWorld(PLANE));
    expect(detection.version).toEqual({ known: true, value: 'edge-26.8.3' });
    expect(detection.evidence[0]?.rule).toContain('cluster.local');
    expect(detection.evidence.map((one) => one.object?.kind)).toContain(KIND.deployment);
  });
});
