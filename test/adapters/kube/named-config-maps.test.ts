import { describe, expect, it } from 'vitest';
import { createConfigMapScout } from '../../../src/adapters/kube/named-config-maps.ts';
import { rolesFor } from '../../../src/app/print-rbac.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import type { Kind } from '../../../src/domain/kubernetes/object.ts';
import type { JsonObject } from '../../../src/lib/json.ts';

function wantedAfter(kind?: Kind, metadata: JsonObject = {}): readonly string[] {
  const scout = createConfigMapScout();
  if (kind !== undefined) scout.observe(kind, [{ metadata }]);
  return scout.wanted().map(({ namespace, name }) => `${namespace}/${name}`);
}

const SERVERS = { name: 'dc1-consul-server', namespace: 'mesh', labels: { app: 'consul', component: 'server' } };

describe('the ConfigMaps that are asked for by name', () => {
  it('are those of the CNI plugin of Linkerd, wherever it runs', () => {
    expect(wantedAfter()).toContain('linkerd-cni/linkerd-cni-config');
    const agent = { name: 'linkerd-cni', namespace: 'kube-system', labels: { 'k8s-app': 'linkerd-cni' } };
    expect(wantedAfter(KIND.daemonSet, agent)).toContain('kube-system/linkerd-cni-config');
  });

  it('are those of Consul’s servers, whatever Helm called them', () => {
    expect(wantedAfter()).toContain('consul/consul-server-config');
    expect(wantedAfter(KIND.statefulSet, SERVERS)).toContain('mesh/dc1-consul-server-config');
    expect(wantedAfter(KIND.deployment, SERVERS)).toEqual(wantedAfter());
    expect(wantedAfter(KIND.statefulSet, { ...SERVERS, labels: { app: 'consul' } })).toEqual(wantedAfter());
  });

  it('are asked for once each', () => {
    const again = wantedAfter(KIND.statefulSet, { ...SERVERS, name: 'consul-server', namespace: 'consul' });
    expect(again).toEqual([...new Set(again)]);
  });

  it('may be read with the printed role, where their names are the usual ones', () => {
    const granted = JSON.stringify(rolesFor({ configMapNamespaces: [], revisions: [] }));
    for (const wanted of wantedAfter()) expect(granted).toContain(JSON.stringify(wanted.split('/')[1]));
  });
});
