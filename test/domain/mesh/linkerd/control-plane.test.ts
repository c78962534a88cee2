import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../src/domain/kubernetes/object.ts';
import { knownControlPlane, linkerdControlPlanes } from '../../../../src/domain/mesh/linkerd/control-plane.ts';
import { skippedPorts } from '../../../../src/domain/mesh/linkerd/capture.ts';
import { holdsPort } from '../../../../src/domain/mesh/linkerd/opaque-ports/port-lists.ts';
import { known } from '../../../../src/domain/world/fact.ts';
import { readPodShape } from '../../../../src/domain/world/pod-shape.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { completeWorld, object } from '../../../cases-runner/case-world.ts';
import { chartValuesWith, linkerdControlPlane } from '../../../cases-runner/linkerd/linkerd-world.ts';

const LABEL = 'linkerd.io/control-plane-component';

function destination(args: readonly string[]): KubeObject {
  const containers = [{ name: 'destination', image: 'cr.l5d.io/linkerd/controller:edge-26.8.3', args }];
  const template = { metadata: { labels: { [LABEL]: 'destination' } }, spec: { containers } };
  return object('apps/v1', 'Deployment', { name: 'linkerd-destination', namespace: 'linkerd', spec: { template } });
}

describe('the settings of a control plane', () => {
  it('are read from the arguments of its components where the ConfigMap was not read', () => {
    const args = [
      'destination',
      '-default-opaque-ports=25,3306',
      '-identity-trust-domain=corp.example',
      '--cluster-networks',
      '10.0.0.0/8',
    ];
    const [plane] = linkerdControlPlanes(completeWorld([destination(args)]));
    expect(plane?.opaquePorts).toEqual(known('25,3306'));
    expect(plane?.trustDomain).toEqual(known('corp.example'));
    expect(plane?.clusterNetworks).toEqual(known(['10.0.0.0/8']));
    expect(plane?.nativeSidecar.known).toBe(false);
    expect(plane?.ignoreInboundPorts.known).toBe(false);
  });

  it('are unknown where ConfigMap and arguments disagree, because the injector and the controllers then do', () => {
    const [config] = linkerdControlPlane();
    const world = completeWorld([...(config === undefined ? [] : [config]), destination(['-default-opaque-ports=1'])]);
    expect(linkerdControlPlanes(world)[0]?.opaquePorts.known).toBe(false);
  });

  it('take the cluster domain for an empty trust domain', () => {
    const values = chartValuesWith({ identityTrustDomain: '', clusterDomain: 'corp.local' });
    expect(linkerdControlPlanes(completeWorld(linkerdControlPlane(values)))[0]?.trustDomain).toEqual(
      known('corp.local'),
    );
  });

  it('skip no subnets where the chart values were read and name none, and are unknown where they were not', () => {
    const { proxyInit: _left, ...values } = chartValuesWith({});
    const of = (objects: readonly KubeObject[]) => linkerdControlPlanes(completeWorld(objects))[0]?.skipSubnets;
    expect(of(linkerdControlPlane(values))).toEqual(known(''));
    expect(of(linkerdControlPlane({ ...values, proxyInit: { skipSubnets: '10.0.0.0/8' } }))).toEqual(
      known('10.0.0.0/8'),
    );
    expect(of(linkerdControlPlane({ ...values, proxyInit: { skipSubnets: [] } }))?.known).toBe(false);
    expect(of([destination([])])?.known).toBe(false);
  });

  it('are found by namespace, and one that is not there is unknown', () => {
    const world = completeWorld([...linkerdControlPlane(), ...linkerdControlPlane(undefined, 'blue')]);
    expect(linkerdControlPlanes(world).map(({ namespace }) => namespace)).toEqual(['blue', 'linkerd']);
    expect(knownControlPlane(world, 'gone').known).toBe(false);
  });
});

describe('the ports that capture leaves out', () => {
  const cniConfig = object('v1', 'ConfigMap', {
    name: 'linkerd-cni-config',
    namespace: 'linkerd-cni',
    fields: { decoded: { cni: { 'inbound-ports-to-ignore': '4191,4190,25', 'outbound-ports-to-ignore': '26' } } },
  });

  function skips(init: JsonObject, annotations: JsonObject, more: readonly KubeObject[] = []) {
    const world = completeWorld([...linkerdControlPlane(), ...more]);
    const labels = { 'linkerd.io/control-plane-ns': 'linkerd' };
    const pod = readPodShape(
      { labels, annotations },
      { containers: [{ name: 'linkerd-proxy' }], initContainers: [init] },
    );
    const context = { plane: knownControlPlane(world, 'linkerd'), world };
    const ask = (direction: 'inbound' | 'outbound', port: number): boolean | string => {
      const skipped = skippedPorts(pod, direction, context);
      return skipped.known ? holdsPort(skipped.value, port) : 'unknown';
    };
    return { inbound: (port: number) => ask('inbound', port), outbound: (port: number) => ask('outbound', port) };
  }

  it('are those that linkerd-init was told, whatever the annotation says now', () => {
    const told = skips(
      { name: 'linkerd-init', args: ['--inbound-ports-to-ignore', '4190,4191,25'] },
      { 'config.linkerd.io/skip-inbound-ports': '80' },
    );
    expect([told.inbound(25), told.inbound(80), told.outbound(4567)]).toEqual([true, false, false]);
  });

  it('are the annotation, which replaces the list of the chart', () => {
    const written = skips({ name: 'linkerd-init' }, { 'config.linkerd.io/skip-inbound-ports': '80' });
    expect([written.inbound(80), written.inbound(4567), written.outbound(4567), written.inbound(4191)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('with the CNI plugin add to its inbound list and replace its outbound list', () => {
    const both = { 'config.linkerd.io/skip-inbound-ports': '80', 'config.linkerd.io/skip-outbound-ports': '81' };
    const cni = skips({ name: 'linkerd-network-validator' }, both, [cniConfig]);
    expect([cni.inbound(25), cni.inbound(80), cni.outbound(26), cni.outbound(81)]).toEqual([true, true, false, true]);
    expect(skips({ name: 'linkerd-network-validator' }, {}).outbound(80)).toBe('unknown');
  });
});
