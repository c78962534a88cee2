import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { asObject, asObjects, asText, asTexts, at, type JsonObject } from '../../src/lib/json.ts';
import { podLists, requestsOfProgram, trespasses } from './support/audit.ts';
import { gapsBeside, wrongFacts } from './support/claims.ts';
import { kubectl, openCluster, type Cluster } from './support/cluster.ts';
import { serverOf } from './support/disturbed.ts';
import { inventory, live, meshwise } from './support/meshwise.ts';
import { makeReader, userName, type Rule } from './support/readers.ts';

const elsewhere = process.env['MESHWISE_TEST_KUBECONFIG'] !== undefined;

describe.skipIf(inject('skipped') !== '')('a reader with a ServiceAccount of its own', () => {
  let cluster: Cluster;
  let whole: JsonObject;
  let byPrintedRole = '';
  beforeAll(async () => {
    cluster = await openCluster(inject('server'));
    await cluster.load('istio');
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'planted', namespace: 'shop' } };
    await cluster.kube.apply('/api/v1/namespaces/shop/secrets/planted', secret);
    byPrintedRole = await makeReader(cluster, 'printed', await printedRules());
    whole = await inventory(live(cluster.reader));
  });
  afterAll(() => cluster.stop());

  it('sees with the printed ClusterRole what one sees who may do everything', async () => {
    const seen = await inventory(live(byPrintedRole));
    expect(gapsBeside(whole, seen)).toEqual([]);
    expect(withoutMoment(seen)).toEqual(withoutMoment(whole));
  });

  it('is taken by the API server as it is printed', async () => {
    const file = path.join(cluster.folder, 'role.yaml');
    writeFileSync(file, await printed());
    const applied = await kubectl(cluster, ['apply', '--server-side', '--dry-run=server', '-f', file]);
    expect(applied).toContain('clusterrole.rbac.authorization.k8s.io/meshwise serverside-applied');
  });

  it.each([
    'peerauthentications',
    'pods',
    'deployments',
    'namespaces',
    'customresourcedefinitions',
    'authorizationpolicies',
  ])('says so where it may not list %s, and nothing wrong', async (resource) => {
    const rules = (await printedRules()).map((rule) => {
      return { ...rule, resources: (rule.resources ?? []).filter((name) => name !== resource) };
    });
    const kubeconfig = await makeReader(
      cluster,
      `without-${resource}`,
      rules.filter(({ resources }) => resources.length > 0),
    );
    const seen = await inventory(live(kubeconfig));
    const forbidden = asObjects(seen['coverage']).filter(({ state }) => state === 'forbidden');
    expect(forbidden.map(({ kind }) => asText(kind)?.toLowerCase()).join()).toContain(
      resource.replace(/(ie)?s$/, '').slice(0, -1),
    );
    expect(wrongFacts(whole, seen)).toEqual([]);
  });

  it.skipIf(elsewhere)('only gets, lists and watches, and asks for no Secret, whatever it may do', () => {
    const requests = requestsOfProgram(serverOf(cluster));
    for (const name of ['may-all', 'printed']) {
      const own = requests.filter((event) => at(event, 'user', 'username') === userName(name));
      expect(podLists(own)).toBe(1);
      expect(own.length).toBeGreaterThan(50);
    }
    expect(trespasses(requests)).toEqual([]);
  });

  it.skipIf(elsewhere)('is refused nothing under the printed ClusterRole', () => {
    const own = requestsOfProgram(serverOf(cluster)).filter(
      (event) => at(event, 'user', 'username') === userName('printed'),
    );
    expect(own.length).toBeGreaterThan(50);
    const refused = own.filter((event) => at(event, 'responseStatus', 'code') === 403);
    expect(refused.map((event) => event['requestURI'])).toEqual([]);
  });
});

async function printed(): Promise<string> {
  const ended = await meshwise(['inventory', '--rbac']);
  if (ended.status !== 0) throw new Error(`inventory --rbac ended with ${String(ended.status)}: ${ended.stderr}`);
  return ended.stdout;
}

async function printedRules(): Promise<readonly Rule[]> {
  const roles = parseAllDocuments(await printed()).map((document) => asObject(document.toJS()) ?? {});
  return roles
    .filter(({ kind }) => kind === 'ClusterRole')
    .flatMap(({ rules }) => asObjects(rules))
    .map((rule) => ({
      apiGroups: asTexts(rule['apiGroups']),
      resources: asTexts(rule['resources']),
      verbs: asTexts(rule['verbs']),
      ...(rule['resourceNames'] === undefined ? {} : { resourceNames: asTexts(rule['resourceNames']) }),
    }));
}

function withoutMoment(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([field]) => field !== 'taken'));
}
