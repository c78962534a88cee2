import { describe, expect, it } from 'vitest';
import { cniOf } from '../../../../src/domain/world/platform/cni.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { controller, nodeWith } from './platform-world.ts';

const AGENTS: readonly (readonly [agent: string, image: string, plugin: string, version: string | undefined])[] = [
  ['cilium', 'quay.io/cilium/cilium:v1.18.4@sha256:abc', 'cilium', 'v1.18.4'],
  ['calico-node', 'docker.io/calico/node:v3.31.0', 'calico', 'v3.31.0'],
  ['aws-node', '602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.20.4', 'aws-vpc-cni', 'v1.20.4'],
  ['azure-cns', 'mcr.microsoft.com/containernetworking/azure-cns:v1.6.21', 'azure-cni', 'v1.6.21'],
  ['antrea-agent', 'antrea/antrea-agent-ubuntu:v2.4.0', 'antrea', 'v2.4.0'],
  ['ovnkube-node', 'quay.io/openshift/ovn@sha256:abc', 'ovn-kubernetes', undefined],
  ['kube-flannel-ds', 'ghcr.io/flannel-io/flannel:v0.27.4', 'flannel', 'v0.27.4'],
  ['weave-net', 'weaveworks/weave-kube:2.8.1', 'weave', '2.8.1'],
  ['kindnet', 'docker.io/kindest/kindnetd:v20250512-df8de77b', 'kindnet', undefined],
  ['rke2-canal', 'rancher/hardened-calico:v3.30.3', 'canal', 'v3.30.3'],
];

describe('cniOf', () => {
  it.each(AGENTS)('knows the DaemonSet %s', (...row) => {
    const [agent, image, plugin, version] = row;
    const cni = cniOf(worldFrom([controller('DaemonSet', agent, image)]));
    expect(cni).toMatchObject({ known: true, value: { name: plugin } });
    const [first] = cni.known ? cni.value.plugins : [];
    expect(first?.version).toBe(version);
    expect(first?.evidence.object).toEqual({ kind: 'apps/DaemonSet', namespace: 'kube-system', name: agent });
  });

  it('names both of two plugins that are chained', () => {
    const world = worldFrom([
      controller('DaemonSet', 'cilium', 'quay.io/cilium/cilium:v1.18.4'),
      controller('DaemonSet', 'aws-node', 'example.com/amazon-k8s-cni:v1.20.4'),
    ]);
    expect(cniOf(world)).toMatchObject({ known: true, value: { name: 'aws-vpc-cni and cilium' } });
  });

  it('takes GKE with both of its agents for its second data plane', () => {
    const world = worldFrom([
      controller('DaemonSet', 'anetd', 'g/cilium:1'),
      controller('DaemonSet', 'netd', 'g/netd:1'),
    ]);
    expect(cniOf(world)).toMatchObject({ known: true, value: { name: 'gke-dataplane-v2' } });
  });

  it.each(['kube-subnet-manager', 'backend-type'])('sees flannel inside k3s by %s on the nodes', (key) => {
    const annotations = { [`flannel.alpha.coreos.com/${key}`]: 'true' };
    expect(cniOf(worldFrom([nodeWith('a', { annotations })]))).toMatchObject({
      known: true,
      value: { name: 'flannel', plugins: [{ evidence: { object: { kind: 'Node', name: 'a' } } }] },
    });
  });

  it('knows of none where none was seen, and takes no Deployment of the same name for one', () => {
    expect(cniOf(worldFrom([controller('Deployment', 'cilium', 'x:1')])).known).toBe(false);
  });
});
