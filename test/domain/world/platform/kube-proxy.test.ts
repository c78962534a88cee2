import { describe, expect, it } from 'vitest';
import { cniOf } from '../../../../src/domain/world/platform/cni.ts';
import { kubeProxyOf, type KubeProxy } from '../../../../src/domain/world/platform/kube-proxy.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { controller } from './platform-world.ts';

const CILIUM = controller('DaemonSet', 'cilium', 'quay.io/cilium/cilium:v1.18.4');
const CALICO = controller('DaemonSet', 'calico-node', 'calico/node:v3.31.0');
const FLANNEL = controller('DaemonSet', 'kube-flannel/kube-flannel-ds', 'flannel:v1.0.0');
const PROXY = controller('DaemonSet', 'kube-proxy', 'registry.k8s.io/kube-proxy:v1.34.2');

function configMap(name: string, data: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kube-system' }, data };
}

function felix(spec: JsonObject): JsonObject {
  return { apiVersion: 'crd.projectcalico.org/v1', kind: 'FelixConfiguration', metadata: { name: 'default' }, spec };
}

function answer(...objects: readonly JsonObject[]): KubeProxy {
  const world = worldFrom(objects);
  return kubeProxyOf(world, cniOf(world));
}

describe('kubeProxyOf', () => {
  it.each([
    ['true', true],
    ['strict', true],
    ['false', false],
    ['disabled', false],
  ])('believes Cilium’s configuration: kube-proxy-replacement %s', (value, replaced) => {
    const { replaced: fact, evidence } = answer(
      CILIUM,
      configMap('cilium-config', { 'kube-proxy-replacement': value }),
    );
    expect(fact).toEqual({ known: true, value: replaced });
    expect(evidence[0]).toMatchObject({ object: { name: 'cilium-config' }, value });
  });

  it('does not know where Cilium replaces it in part, or its configuration was not read', () => {
    expect(answer(CILIUM, configMap('cilium-config', { 'kube-proxy-replacement': 'partial' })).replaced.known).toBe(
      false,
    );
    expect(answer(CILIUM, PROXY).replaced.known).toBe(false);
  });

  it('believes Calico’s configuration, and knows nothing without it', () => {
    expect(answer(CALICO, felix({ bpfEnabled: true })).replaced).toEqual({ known: true, value: true });
    expect(answer(CALICO, PROXY, felix({})).replaced).toEqual({ known: true, value: false });
    expect(answer(CALICO, PROXY).replaced.known).toBe(false);
  });

  it('takes a kube-proxy beside a plugin that cannot replace it for the one that serves', () => {
    expect(answer(FLANNEL, PROXY).replaced).toEqual({ known: true, value: false });
  });

  it('knows the second data plane of GKE to have none', () => {
    expect(answer(controller('DaemonSet', 'anetd', 'g/cilium:1')).replaced).toEqual({ known: true, value: true });
  });

  it('concludes nothing from a kube-proxy that was not seen', () => {
    expect(answer(FLANNEL).replaced.known).toBe(false);
    expect(answer().replaced.known).toBe(false);
  });

  it('reads the mode and nothing else of the configuration', () => {
    const secret = 'apiVersion: v1\ntoken: planted';
    const config = { 'config.conf': JSON.stringify({ mode: 'ipvs', token: 'planted' }), 'kubeconfig.conf': secret };
    const world = worldFrom([configMap('kube-proxy', config)]);
    expect(kubeProxyOf(world, cniOf(world)).mode).toEqual({ known: true, value: 'ipvs' });
    expect(JSON.stringify(world.list('ConfigMap').objects)).not.toContain('planted');
    expect(answer(configMap('kube-proxy', { 'config.conf': '{"mode":""}' })).mode).toEqual({
      known: true,
      value: 'iptables',
    });
    expect(answer(PROXY).mode.known).toBe(false);
  });
});
