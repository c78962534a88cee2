import { asList, asObjects, asText, at } from '../../../lib/json.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { cohortsOf } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { AccountSplit } from './account-splits.ts';

/** Annotations and labels of accounts and pods by which something outside the cluster's RBAC trusts an account. */
const TRUSTED: readonly (readonly [key: RegExp, who: string])[] = [
  [/^eks\.amazonaws\.com\//, 'AWS IAM (the trust policy of the role)'],
  [/^iam\.gke\.io\//, 'Google IAM (workloadIdentityUser of the service account)'],
  [/^azure\.workload\.identity\//, 'Entra ID (the federated credential)'],
  [/^vault\.hashicorp\.com\//, 'Vault (bound_service_account_names of its Kubernetes role)'],
  [/^openshift\.io\/scc$/, 'OpenShift (users of the SecurityContextConstraints)'],
  [/^consul\.hashicorp\.com\//, 'Consul (the service identity of its auth method)'],
  [/(^|\.)(spiffe|spire)\.io\//, 'SPIRE (the registration entry)'],
];

/** Variables that webhooks of clouds put into pods whose account they know. */
const VARIABLES: readonly (readonly [name: RegExp, who: string])[] = [
  [
    /^AWS_(ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|CONTAINER_CREDENTIALS_FULL_URI)$/,
    'AWS IAM (the role or Pod Identity association)',
  ],
  [/^AZURE_FEDERATED_TOKEN_FILE$/, 'Entra ID (the federated credential)'],
  [/^(VAULT_ROLE|VAULT_K8S_ROLE)$/, 'Vault (bound_service_account_names of its Kubernetes role)'],
  [/^SPIFFE_ENDPOINT_SOCKET$/, 'SPIRE (the registration entry)'],
];

/** Who trusts the shared account from outside, sorted, as `AWS IAM (...) by eks.amazonaws.com/role-arn`; empty where nothing shows it. */
export function trustedBy(world: World, { workload, account, from }: AccountSplit): readonly string[] {
  const pods = cohortsOf(workload).map(({ pod }) => pod);
  const keys = [
    account?.metadata.annotations,
    account?.metadata.labels,
    ...pods.flatMap((pod) => [pod.annotations, pod.labels]),
  ];
  const containers = pods.flatMap((pod) => [...pod.containers, ...pod.initContainers]);
  const names = containers.flatMap(({ env }) => env.map(({ name }) => name));
  return sortedUnique([
    ...matches(
      TRUSTED,
      keys.flatMap((map) => Object.keys(map ?? {})),
    ),
    ...matches(VARIABLES, names),
    ...legacyTokens({ workload, account, from }),
    ...matches(
      TRUSTED,
      namespaceKeys(world, workload.namespace).filter((key) => /spiffe|spire/.test(key)),
    ),
  ]);
}

function matches(
  known: readonly (readonly [pattern: RegExp, who: string])[],
  names: readonly string[],
): readonly string[] {
  return names.flatMap((name) => known.filter(([pattern]) => pattern.test(name)).map(([, who]) => `${who} by ${name}`));
}

function namespaceKeys(world: World, namespace: string): readonly string[] {
  const meta = world.get({ kind: 'Namespace', name: namespace })?.metadata;
  return Object.keys({ ...meta?.labels, ...meta?.annotations });
}

/** A Secret with a token of the account, which the workload mounts by name: it goes on being the old account. */
function legacyTokens({ workload, account, from }: Omit<AccountSplit, 'to'>): readonly string[] {
  const secrets = new Set(asObjects(account?.['secrets']).flatMap(({ name }) => asText(name) ?? []));
  const { spec } = workload.object;
  const template = at(spec, 'jobTemplate', 'spec', 'template', 'spec') ?? at(spec, 'template', 'spec') ?? spec;
  return asList(at(template, 'volumes')).flatMap((volume) => {
    const name = asText(at(volume, 'secret', 'secretName'));
    if (name !== undefined && (secrets.has(name) || name.startsWith(`${from}-token-`)))
      return [`the API server (token of the old account) by the mounted Secret ${name}`];
    return tokenReaders(volume);
  });
}

/** What a driver or an audience does with the account's token is not in the cluster to be read. */
function tokenReaders(volume: unknown): readonly string[] {
  const sources = asObjects(at(volume, 'projected', 'sources'));
  return [
    ...(at(volume, 'csi') === undefined
      ? []
      : [
          'whoever stands behind a CSI driver that hands out secrets or identities by account (SPIRE, Vault, a cloud) by an inline CSI volume',
        ]),
    ...(sources.some((source) => source['serviceAccountToken'] !== undefined)
      ? ['the audience of a projected token by a volume']
      : []),
  ];
}
