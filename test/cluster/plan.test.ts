import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { asList, at, type JsonObject } from '../../src/lib/json.ts';
import { kubectl, openCluster, type Cluster } from './support/cluster.ts';
import { meshwise } from './support/meshwise.ts';
import { run, type Ending } from './support/run.ts';

const POLICIES = '/apis/security.istio.io/v1';

describe.skipIf(inject('skipped') !== '')('the manifests of a plan for the demo cluster', () => {
  let cluster: Cluster;
  let folder = '';
  let stages: readonly string[] = [];
  beforeAll(async () => {
    cluster = await openCluster(inject('server'));
    await cluster.load('demo');
    // Nobody answers the demo's webhooks, and some fail closed.
    const webhooks = 'validatingwebhookconfigurations,mutatingwebhookconfigurations';
    if (cluster.server !== undefined) await kubectl(cluster, ['delete', webhooks, '--all']);
    folder = path.join(cluster.folder, 'rollout');
    const planned = await meshwise(['plan', '--demo', '--target', 'istio-sidecar', '--out', folder]);
    if (planned.status !== 0) throw new Error(planned.stderr);
    stages = readdirSync(folder)
      .filter((name) => existsSync(path.join(folder, name, 'kustomization.yaml')))
      .sort();
  });
  afterAll(() => cluster.stop());

  function apply(stage: string, ...flags: readonly string[]): Promise<Ending> {
    const target = ['-k', path.join(folder, stage)];
    const args = ['kubectl', '--kubeconfig', cluster.kubeconfig, 'apply', '--server-side', ...flags, ...target];
    return run(cluster.program, args);
  }

  it('has stages to apply', () => {
    expect(stages.length).toBeGreaterThan(10);
  });

  it('are taken by the API server in a dry run', async () => {
    const refused = await endings(stages, (stage) => apply(stage, '--dry-run=server'));
    expect(refused).toEqual([]);
  });

  it('are taken by istioctl validate', async () => {
    const files = stages.flatMap((stage) => istioFiles(path.join(folder, stage)));
    expect(files.length).toBeGreaterThan(10);
    expect(inject('withoutIstioctl')).toBe('');
    const validated = await run(inject('istioctl'), ['validate', ...files.flatMap((file) => ['-f', file])]);
    expect(validated).toMatchObject({ status: 0 });
  });

  it('replace an allow for all by an allow for none, stage after stage', async () => {
    const order = stages.filter((stage) => /-(allow-catch-all|deny)-shop-search$/.test(stage));
    expect(order.map((stage) => stage.slice(4))).toEqual(['allow-catch-all-shop-search', 'deny-shop-search']);
    const seen: unknown[] = [];
    for (const stage of order) {
      expect(await apply(stage)).toMatchObject({ status: 0 });
      const policy = await cluster.kube.get(
        `${POLICIES}/namespaces/shop-search/authorizationpolicies/namespace-default`,
      );
      seen.push(asList(at(policy, 'spec', 'rules')));
    }
    expect(seen).toEqual([[{}], []]);
  });

  it('replace it also where another client had applied the allow for all', async () => {
    const name = 'namespace-default';
    const policy = { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata: { name } };
    const target = `${POLICIES}/namespaces/shop-notify/authorizationpolicies/${name}`;
    const before: JsonObject = { ...policy, spec: { action: 'ALLOW', rules: [{}] } };
    await cluster.kube.apply(target, before);
    const [deny = ''] = stages.filter((stage) => stage.endsWith('-deny-shop-notify'));
    const refused = await apply(deny);
    expect(refused.stderr).toContain('conflict');
    expect(at(await cluster.kube.get(target), 'spec', 'rules')).toEqual([{}]);
    expect(await apply(deny, '--force-conflicts')).toMatchObject({ status: 0 });
    expect(asList(at(await cluster.kube.get(target), 'spec', 'rules'))).toEqual([]);
  });
});

/** What each program that failed wrote. */
async function endings(
  names: readonly string[],
  attempt: (name: string) => Promise<Ending>,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const name of names) {
    const { status, stderr } = await attempt(name);
    if (status !== 0) failed.push(`${name}: ${stderr}`);
  }
  return failed;
}

function istioFiles(stage: string): readonly string[] {
  return readdirSync(stage)
    .filter((file) => /^(peerauthentication|authorizationpolicy|destinationrule|sidecar)-.*\.yaml$/.test(file))
    .map((file) => path.join(stage, file));
}
