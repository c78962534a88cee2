import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { asText, at } from '../../../src/lib/json.ts';
import type { Kube } from './kube.ts';

/** A ClusterRole's rule. */
export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The rights of one whom nothing but the program itself keeps from more than reading. */
export const EVERYTHING: readonly Rule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** Where readers are made, and with whose rights. */
export interface ReadersHome {
  readonly kube: Kube;
  /** Of the administrator. */
  readonly kubeconfig: string;
  /** Where their kubeconfigs are written. */
  readonly folder: string;
}

/** Where the readers are. */
export const READERS_NAMESPACE = 'meshwise-readers';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const RBAC_VERSION = 'rbac.authorization.k8s.io/v1';
const LABEL = 'test.meshwise.dev/reader';

/** Makes a ServiceAccount that may do what the rules say, and gives the path of a kubeconfig with its token. */
export async function makeReader(home: ReadersHome, name: string, rules: readonly Rule[]): Promise<string> {
  const { kube } = home;
  const role = `${READERS_NAMESPACE}-${name}`;
  const metadata = { name: role, labels: { [LABEL]: 'yes' } };
  const account = `/api/v1/namespaces/${READERS_NAMESPACE}/serviceaccounts/${name}`;
  await kube.apply(`/api/v1/namespaces/${READERS_NAMESPACE}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: READERS_NAMESPACE },
  });
  await kube.apply(account, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: READERS_NAMESPACE },
  });
  await kube.apply(`${RBAC}/clusterroles/${role}`, { apiVersion: RBAC_VERSION, kind: 'ClusterRole', metadata, rules });
  await kube.apply(`${RBAC}/clusterrolebindings/${role}`, {
    apiVersion: RBAC_VERSION,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace: READERS_NAMESPACE }],
  });
  const { status, body } = await kube.send('POST', `${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 7200 },
  });
  const token = asText(at(body, 'status', 'token'));
  if (token === undefined) throw new Error(`no token for ${name}: ${String(status)}`);
  return writeKubeconfig(home, name, { token });
}

/** Removes the rights of all readers. */
export async function removeRights(kube: Kube): Promise<void> {
  const chosen = `labelSelector=${encodeURIComponent(LABEL)}`;
  await kube.send('DELETE', `${RBAC}/clusterrolebindings?${chosen}`);
  await kube.send('DELETE', `${RBAC}/clusterroles?${chosen}`);
}

/** The name by which the audit log knows a reader. */
export function userName(name: string): string {
  return `system:serviceaccount:${READERS_NAMESPACE}:${name}`;
}

/** The token in a kubeconfig's current context. */
export function tokenIn(kubeconfig: string): string {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config.getCurrentUser()?.token ?? '';
}

/** A kubeconfig with other credentials, and on request another address, for the cluster of the administrator's. */
export function writeKubeconfig(home: ReadersHome, name: string, user: { token: string; server?: string }): string {
  const config = new KubeConfig();
  config.loadFromFile(home.kubeconfig);
  const current = config.getCurrentCluster();
  const file = path.join(home.folder, `${name}.kubeconfig`);
  const authority = {
    'certificate-authority-data': current?.caData,
    'certificate-authority': current?.caFile,
    'insecure-skip-tls-verify': current?.skipTLSVerify,
  };
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: user.server ?? current?.server, ...authority } }],
    users: [{ name: 'reader', user: { token: user.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'reader' } }],
  });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
