import { describe, expect, it } from 'vitest';
import { loadKubeconfig } from '../../../src/adapters/kube/kubeconfig.ts';
import { stubKubeconfig } from '../../support/kube-api-stub.ts';
import { readStub, resourceOf, temporaryFile } from './read-stub.ts';

describe('loadKubeconfig', () => {
  it('merges the files of KUBECONFIG: the first to name something wins, missing files are passed over', async () => {
    const first = temporaryFile(stubKubeconfig('https://first'));
    const second = temporaryFile(stubKubeconfig('https://second'));
    const third = temporaryFile(stubKubeconfig('https://third').replaceAll('"stub', '"third'));
    const environment = { KUBECONFIG: [first, '/nowhere/config', second, third].join(':') };
    expect((await loadKubeconfig({ environment })).getCurrentCluster()?.server).toBe('https://first');
    const other = await loadKubeconfig({ environment, context: 'third' });
    expect(other.getCurrentCluster()?.server).toBe('https://third');
    expect(other.getCurrentUser()?.name).toBe('third-user');
  });

  it('prefers --kubeconfig to KUBECONFIG', async () => {
    const kubeconfig = temporaryFile(stubKubeconfig('https://flag'));
    const config = await loadKubeconfig({ kubeconfig, environment: { KUBECONFIG: '/nowhere/config' } });
    expect(config.getCurrentCluster()?.server).toBe('https://flag');
  });
});

describe('credentials', () => {
  it('come from an exec plugin', async () => {
    const credential = { kind: 'ExecCredential', status: { token: 'from-plugin' } };
    const args = ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`];
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args };
    const { coverage } = await readStub(
      { resources: [resourceOf('v1', 'Pod', 1)], token: 'from-plugin' },
      {},
      { exec },
    );
    expect(coverage).toEqual([{ kind: 'Pod', state: 'read', objects: 1 }]);
  });
});
