import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { asObject, asText, at, type JsonObject } from '../../../src/lib/json.ts';
import { moduleSource } from './tools.ts';
import { run } from './run.ts';

/** CRDs with a word on where they come from. */
export interface CrdSource {
  readonly crds: readonly JsonObject[];
  readonly from: string;
}

/** The Linkerd release whose chart is rendered; its module's versions are pseudo-versions of the repository's commits. */
const LINKERD = 'github.com/linkerd/linkerd2@v0.5.1-0.20260622225159-eadc1acf79ad';

/** The CRDs of Istio, from its Go module. */
export async function istioCrds(): Promise<CrdSource> {
  const folder = await moduleSource('istio.io/api');
  const file = path.join(folder, 'kubernetes/customresourcedefinitions.gen.yaml');
  return { crds: crdsOf(readFileSync(file, 'utf8')), from: folder };
}

/** The CRDs of the Gateway API's experimental channel, which has all of the standard one, from its Go module. */
export async function gatewayApiCrds(): Promise<CrdSource> {
  const folder = path.join(await moduleSource('sigs.k8s.io/gateway-api'), 'config/crd/experimental');
  const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  return { crds: texts.flatMap(crdsOf), from: folder };
}

/**
 * The CRDs of Linkerd: its chart from its Go module, rendered by Helm; where no module proxy gives that module, the
 * same chart as rendered by the project itself, if the corpus is there; else stand-ins without schemas.
 */
export async function linkerdCrds(server: string): Promise<CrdSource> {
  const rendered = await renderedChart(server);
  if ('crds' in rendered) return rendered;
  const golden = path.join(
    process.env['MESHWISE_CORPUS'] ?? '',
    'linkerd2-install-goldens/cli/cmd/testdata/install_crds.golden.yaml',
  );
  if (existsSync(golden)) {
    const crds = crdsOf(readFileSync(golden, 'utf8')).filter(
      (crd) => asText(at(crd, 'spec', 'group'))?.endsWith('linkerd.io') === true,
    );
    return { crds, from: `${golden} (${rendered.why})` };
  }
  return { crds: STAND_INS.map(standIn), from: `stand-ins without schemas (${rendered.why})` };
}

async function renderedChart(server: string): Promise<CrdSource | { readonly why: string }> {
  const downloaded = await run('go', ['mod', 'download', '-json', LINKERD], { cwd: '/' });
  const answer = asObject(JSON.parse(downloaded.stdout === '' ? '{}' : downloaded.stdout)) ?? {};
  const folder = asText(answer['Dir']);
  if (folder === undefined)
    return { why: (asText(answer['Error']) ?? downloaded.stderr.trim()).replaceAll(/\s+/g, ' ') };
  const charts = path.join(folder, 'charts');
  const rendered = await run(server, ['chart', path.join(charts, 'linkerd-crds'), path.join(charts, 'partials')]);
  if (rendered.status !== 0) throw new Error(`the chart linkerd-crds could not be rendered: ${rendered.stderr}`);
  return { crds: crdsOf(rendered.stdout), from: charts };
}

function crdsOf(text: string): readonly JsonObject[] {
  return parseAllDocuments(text)
    .map((document) => asObject(document.toJS()))
    .filter((object) => object !== undefined)
    .filter((object) => object['kind'] === 'CustomResourceDefinition');
}

/** Plural, kind, group and versions, the stored one first, of charts/linkerd-crds. */
const STAND_INS = [
  ['servers', 'Server', 'policy.linkerd.io', 'v1beta3', 'v1beta1', 'v1beta2'],
  ['serverauthorizations', 'ServerAuthorization', 'policy.linkerd.io', 'v1beta1'],
  ['authorizationpolicies', 'AuthorizationPolicy', 'policy.linkerd.io', 'v1alpha1'],
  ['meshtlsauthentications', 'MeshTLSAuthentication', 'policy.linkerd.io', 'v1alpha1'],
  ['networkauthentications', 'NetworkAuthentication', 'policy.linkerd.io', 'v1alpha1'],
  ['httproutes', 'HTTPRoute', 'policy.linkerd.io', 'v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'],
  ['httplocalratelimitpolicies', 'HTTPLocalRateLimitPolicy', 'policy.linkerd.io', 'v1alpha1'],
  ['egressnetworks', 'EgressNetwork', 'policy.linkerd.io', 'v1alpha1'],
  ['serviceprofiles', 'ServiceProfile', 'linkerd.io', 'v1alpha2'],
  ['externalworkloads', 'ExternalWorkload', 'workload.linkerd.io', 'v1beta1'],
] as const;

function standIn([plural, kind, group, ...versions]: (typeof STAND_INS)[number]): JsonObject {
  return crdWithoutSchema({ plural, kind, group, versions, scope: 'Namespaced' });
}

/** What a CRD without a schema needs; the first version is the stored one. */
export interface BareCrd {
  readonly plural: string;
  readonly kind: string;
  readonly group: string;
  readonly versions: readonly string[];
  readonly scope: string;
}

/** A CRD that takes any object of the kind. */
export function crdWithoutSchema({ plural, kind, group, versions, scope }: BareCrd): JsonObject {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({ name, served: true, storage: index === 0, schema })),
    },
  };
}
