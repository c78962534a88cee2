import { describe, expect, it } from 'vitest';
import { detectProxy, versionInImage } from '../../../../../src/domain/mesh/istio/injection/detect-proxy.ts';
import { trafficCapture } from '../../../../../src/domain/mesh/istio/injection/traffic-capture.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';
import { readPodShape } from '../../../../../src/domain/world/pod-shape.ts';

const STATUS = { annotations: { 'sidecar.istio.io/status': '{}' } };
const sidecar = { name: 'istio-proxy', args: ['proxy', 'sidecar'] };

describe('a proxy in a pod', () => {
  it.each([
    ['grpc-agent', { containers: [{ ...sidecar, env: [{ name: 'ISTIO_META_GENERATOR', value: 'grpc' }] }] }],
    ['grpc-simple', { containers: [{ name: 'app' }], initContainers: [{ name: 'grpc-bootstrap-init' }] }],
    ['waypoint', { containers: [{ name: 'istio-proxy', args: ['proxy', 'waypoint'] }] }],
    ['none', { containers: [null, 'x', { name: 3 }], initContainers: 'istio-proxy' }],
  ])('is recognised as %s', (proxy, spec) => {
    expect(detectProxy(readPodShape({}, spec)).proxy).toBe(proxy);
  });

  it('is not there yet while redirection is pending', () => {
    const pod = readPodShape({ annotations: { 'ambient.istio.io/redirection': 'pending' } }, {});
    expect(detectProxy(pod)).toMatchObject({ proxy: 'none', redirection: 'pending' });
  });

  it.each([
    ['docker.io/istio/proxyv2:1.31.0-distroless', '1.31.0'],
    ['registry:5000/istio/proxyv2:1.30.4@sha256:abc', '1.30.4'],
    ['registry:5000/istio/proxyv2', undefined],
    ['istio/proxyv2@sha256:abc', undefined],
    ['auto', undefined],
  ])('has the version in image %s', (image, version) => {
    expect(versionInImage(image)).toBe(version);
  });
});

describe('the capture of a pod', () => {
  const excluded = known(['kube-system']);
  const pod = (spec: object, metadata: object = STATUS) => readPodShape(metadata, spec);

  it('is certain with istio-init, even in a namespace that the CNI plugin skips', () => {
    const injected = pod({ containers: [sidecar], initContainers: [{ name: 'istio-init' }] });
    const input = { pod: injected, namespaceName: 'kube-system', cniExcludedNamespaces: excluded };
    expect(trafficCapture(input).captured).toEqual(known(true));
  });

  it('follows the CNI plugin with istio-validation', () => {
    const injected = pod({ containers: [sidecar], initContainers: [{ name: 'istio-validation' }] });
    const captured = (namespaceName: string) =>
      trafficCapture({ pod: injected, namespaceName, cniExcludedNamespaces: excluded }).captured;
    expect([captured('shop'), captured('kube-system')]).toEqual([known(true), known(false)]);
    const blind = { pod: injected, namespaceName: 'shop', cniExcludedNamespaces: unknown('not read') };
    expect(trafficCapture(blind).captured).toEqual(unknown('not read'));
  });

  it('is missing where the pod carries no status annotation', () => {
    const manual = pod({ containers: [sidecar], initContainers: [{ name: 'istio-validation' }] }, {});
    const input = { pod: manual, namespaceName: 'shop', cniExcludedNamespaces: excluded };
    expect(trafficCapture(input).captured).toEqual(known(false));
  });
});
