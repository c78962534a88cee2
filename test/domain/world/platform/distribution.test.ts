import { describe, expect, it } from 'vitest';
import { distributionOf, providerOf } from '../../../../src/domain/world/platform/distribution.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { definition, nodeWith, type NodeOptions } from './platform-world.ts';

const CASES: readonly (readonly [distribution: string, provider: string | undefined, name: string, NodeOptions])[] = [
  ['eks', 'aws', 'ip-10-0-1-23', { kubelet: 'v1.34.2-eks-ecaa3a6', providerId: 'aws:///eu-central-1a/i-0abc' }],
  ['eks', 'aws', 'fargate-ip-10', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }],
  ['gke', 'gce', 'gke-pool-1', { kubelet: 'v1.33.5-gke.1080000', providerId: 'gce://p/z/n' }],
  ['gke-autopilot', 'gce', 'gk3-pool-1', { labels: { 'cloud.google.com/gke-nodepool': 'p' } }],
  ['aks', 'azure', 'aks-np-1', { labels: { 'kubernetes.azure.com/cluster': 'mc' }, providerId: 'azure:///s' }],
  ['openshift', 'aws', 'm-0', { labels: { 'node.openshift.io/os_id': 'rhel' }, providerId: 'aws:///a/i-1' }],
  ['k3s', 'k3s', 'pi', { kubelet: 'v1.34.2+k3s1', providerId: 'k3s://pi' }],
  ['k3d', 'k3s', 'k3d-dev-server-0', { kubelet: 'v1.34.2+k3s1', providerId: 'k3s://k3d-dev-server-0' }],
  ['rke2', 'rke2', 'r', { kubelet: 'v1.34.2+rke2r1', providerId: 'rke2://r' }],
  [
    'kind',
    'kind',
    'kind-control-plane',
    { providerId: 'kind://docker/kind/n', annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'x' } },
  ],
  ['minikube', undefined, 'minikube', { labels: { 'minikube.k8s.io/name': 'minikube' } }],
  ['talos', undefined, 't', { osImage: 'Talos (v1.11.5)' }],
  ['microk8s', undefined, 'm', { labels: { 'microk8s.io/cluster': 'true' } }],
  ['kubeadm', undefined, 'n', { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/c.sock' } }],
  ['doks', 'digitalocean', 'd', { labels: { 'doks.digitalocean.com/node-id': '1' } }],
];

describe('distributionOf and providerOf', () => {
  it.each(CASES)('tell %s on %s by a node, and name the node', (...row) => {
    const [distribution, provider, name, options] = row;
    const world = worldFrom([nodeWith(name, options)]);
    const found = distributionOf(world);
    expect(found).toMatchObject({ known: true, value: { name: distribution } });
    expect(found.known && found.value.evidence[0]?.object).toEqual({ kind: 'Node', name });
    const machines = providerOf(world);
    expect(machines.known ? machines.value.name : undefined).toBe(provider);
  });

  it('falls back to the version of the API server where nodes may not be read', () => {
    const world = worldFrom([], { kubernetesVersion: 'v1.33.5-gke.1080000', forbidden: ['Node'] });
    expect(distributionOf(world)).toMatchObject({ known: true, value: { name: 'gke' } });
    expect(providerOf(world)).toMatchObject({ known: false });
  });

  it('tells OpenShift by its own definition', () => {
    const world = worldFrom([definition('clusterversions', 'config.openshift.io')], { forbidden: ['Node'] });
    expect(distributionOf(world)).toMatchObject({ known: true, value: { name: 'openshift' } });
  });

  it('says nothing where no node tells, and where nodes tell different things', () => {
    expect(distributionOf(worldFrom([nodeWith('a')]))).toEqual({
      known: false,
      reason: 'no node names its distribution',
    });
    const mixed = worldFrom([nodeWith('a', { kubelet: 'v1.34.2+k3s1' }), nodeWith('b', { kubelet: 'v1.34.2+k0s' })]);
    expect(distributionOf(mixed)).toMatchObject({
      known: false,
      reason: expect.stringContaining('k0s, k3s') as string,
    });
  });

  it('takes a cluster with standard and Autopilot nodes for a standard one', () => {
    const labels = { 'cloud.google.com/gke-nodepool': 'p' };
    const world = worldFrom([nodeWith('gk3-a', { labels }), nodeWith('gke-b', { labels })]);
    expect(distributionOf(world)).toMatchObject({ known: true, value: { name: 'gke' } });
  });

  it('names both providers of a hybrid cluster', () => {
    const world = worldFrom([
      nodeWith('a', { providerId: 'aws:///a/i-1' }),
      nodeWith('b', { providerId: 'vsphere://u' }),
    ]);
    expect(providerOf(world)).toMatchObject({ known: true, value: { name: 'aws and vsphere' } });
  });
});
