import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { openFiles } from '../support/open-files.ts';
import { callsOf, commonFile, type Showcase } from './showcase-world.ts';

interface Published extends Pick<Showcase, 'app'> {
  readonly mesh: 'istio' | 'linkerd';
  readonly files: readonly string[];
  /** Why rows of the drawn calls find no client or Service in these manifests. */
  readonly missing: readonly string[];
  /** What becomes of calls whose client is not there, with and without a mesh. */
  readonly before: readonly string[];
  readonly enrolled: readonly string[];
}

const corpus = process.env['MESHWISE_CORPUS'];
const BOOKINFO = 'istio-samples/bookinfo/platform/kube';

/** The applications' own manifests, which are not kept here. */
const PUBLISHED: readonly Published[] = [
  {
    app: 'boutique',
    mesh: 'istio',
    files: ['online-boutique/release/kubernetes-manifests.yaml'],
    missing: [],
    before: [],
    enrolled: ['load-balancer->boutique/Service/frontend-external:80 breaks'],
  },
  {
    app: 'bookinfo',
    mesh: 'istio',
    files: ['bookinfo.yaml', 'bookinfo-db.yaml', 'bookinfo-ratings-v2.yaml'].map((file) => `${BOOKINFO}/${file}`),
    missing: ['client: there is no workload curl in namespace legacy'],
    before: ['unknown[legacy/curl]->bookinfo/Service/productpage:9080#GET /productpage unknown'],
    enrolled: ['unknown[legacy/curl]->bookinfo/Service/productpage:9080#GET /productpage unknown'],
  },
  {
    app: 'emojivoto',
    mesh: 'linkerd',
    files: ['emojivoto/rendered/deployment.yaml'],
    missing: [],
    before: [],
    enrolled: [],
  },
];

describe.skipIf(corpus === undefined).each(PUBLISHED)('the published manifests of $app', (published) => {
  async function follow(more: readonly string[], options: Parameters<typeof runSimulation>[2] = {}) {
    const opened = await openFiles({
      filename: [...published.files.map((file) => join(corpus ?? '', file)), ...more],
      calls: [callsOf(published)],
      'namespace-for-unset': published.app,
    });
    const drawn = opened.graph.calls.filter((call) => call.evidence.some(({ kind }) => kind === 'observed'));
    const { calls } = runSimulation(opened, [], options);
    const hurt = calls
      .filter(({ call, fates }) => fates.at(-1)?.verdict !== 'ok' && drawn.some(({ id }) => id === call.id))
      .map(({ call, fates }) => `${call.id} ${fates.at(-1)?.verdict ?? ''}`);
    return { opened, drawn, hurt };
  }

  test('have the ends of every drawn call, all of which work without a mesh', async () => {
    const { opened, drawn, hurt } = await follow([]);
    const unresolved = opened.graph.unresolved.filter(({ source }) => source.includes('calls.csv'));
    expect(unresolved.map(({ reason }) => reason)).toEqual(published.missing);
    const rows = readFileSync(callsOf(published), 'utf8').trim().split('\n').length - 4;
    expect(drawn).toHaveLength(rows);
    expect(hurt).toEqual(published.before);
  });

  test('enrolled whole and all on mutual TLS, keep every call but those from outside the mesh', async () => {
    const { hurt } = await follow([commonFile(published.mesh)], {
      assumptions: [{ what: 'enrol-all', namespace: published.app }, { what: 'strict' }],
    });
    expect(hurt).toEqual(published.enrolled);
  });
});
