import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admit } from '../../src/domain/world/admit.ts';
import { podTemplateOf } from '../../src/domain/world/admit-template.ts';
import { kindOf } from '../../src/domain/kubernetes/object.ts';
import type { World } from '../../src/domain/world/world.ts';
import { detectLinkerd } from '../../src/domain/mesh/linkerd/detect.ts';
import { linkerdControlPlanes } from '../../src/domain/mesh/linkerd/control-plane.ts';
import { linkerd } from '../../src/domain/mesh/linkerd/linkerd.ts';
import { linkerdMarks } from '../../src/domain/mesh/linkerd/recognise.ts';
import { readPodShape, type PodShape } from '../../src/domain/world/pod-shape.ts';
import { asList, asObject, asText, at, type JsonObject } from '../../src/lib/json.ts';
import { completeWorld, object } from '../cases-runner/case-world.ts';
import { chartValuesWith, linkerdControlPlane } from '../cases-runner/linkerd/linkerd-world.ts';
import { openFiles } from '../support/open-files.ts';

interface Pair {
  readonly before: string;
  readonly after: string;
  /** Whether the command only annotated the template, and left injection to the webhook. */
  readonly annotates?: boolean;
  /** Whether the command took out sidecars that were there and put in new ones, which the webhook never does. */
  readonly renews?: boolean;
  readonly values?: JsonObject;
}

const corpus = process.env['MESHWISE_CORPUS'];
const pairs = JSON.parse(readFileSync(new URL('./linkerd-injection.json', import.meta.url), 'utf8')) as readonly Pair[];

/** What the command asks for, said by the namespace, since the command looks at none. */
const ASKED = { 'linkerd.io/inject': 'enabled' };

describe.skipIf(corpus === undefined).each(pairs)(
  'the pair $before, $after',
  ({ before, after, annotates, renews, values }) => {
    const folder = join(corpus ?? '', 'linkerd2-inject-testdata/cli/cmd/testdata');
    const world = worldWith(chartValuesWith(values));

    it.skipIf(renews === true)('has a proxy afterwards exactly where admission would put one, or there was one', () => {
      const made = podsIn(join(folder, fileOf(before, '.input.yml'))).map((pod) => afterwards(pod, world));
      const found = podsIn(join(folder, fileOf(after, '.golden.yml'))).map((pod) =>
        annotates === true ? afterwards(pod, world) : pod,
      );
      const refused = made.every((pod) => !linkerdMarks(pod).hasProxy) && found.length === 0;
      expect(refused ? [] : made.map(marksOf)).toEqual(found.map(marksOf));
    });

    it.runIf(renews === true)('keeps what the command renews', () => {
      for (const pod of podsIn(join(folder, fileOf(before, '.input.yml'))))
        expect(linkerd.enrolment('asked', pod, world)).toMatchObject({ decision: 'skip' });
      for (const pod of podsIn(join(folder, fileOf(after, '.golden.yml'))))
        expect(linkerdMarks(pod).hasProxy).toBe(true);
    });
  },
);

describe.skipIf(corpus === undefined)('rendered installations of Linkerd', () => {
  const folder = join(corpus ?? '', 'linkerd2-install-goldens');

  it.each(['install_default', 'install_ha_output'])('%s is an unused installation with its settings', async (name) => {
    const { world } = await openFiles({ filename: [join(folder, `cli/cmd/testdata/${name}.golden.yaml`)] });
    const detection = detectLinkerd(world);
    expect(detection.state).toBe('installed-unused');
    expect(detection.version).toEqual({ known: true, value: 'install-control-plane-version' });
    const [plane, ...others] = linkerdControlPlanes(world);
    expect(others).toEqual([]);
    expect(plane?.components).toHaveLength(3);
    expect(plane).toMatchObject({
      namespace: 'linkerd',
      clusterDomain: { value: 'cluster.local' },
      trustDomain: { value: 'cluster.local' },
      cniEnabled: { value: false },
      nativeSidecar: { value: true },
      defaultInboundPolicy: { value: 'all-unauthenticated' },
      opaquePorts: { value: '25,587,3306,4444,5432,6379,9300,11211' },
      ignoreInboundPorts: { value: '4567,4568' },
      ignoreOutboundPorts: { value: '4567,4568' },
      probeNetworks: { value: ['0.0.0.0/0', '::/0'] },
      serviceAccountTokenProjection: { value: true },
      globalEgressNetworkNamespace: { value: 'linkerd-egress' },
    });
    expect(plane?.clusterNetworks).toMatchObject({ known: true });
  });

  it.each([
    ['install_default', 'Ignore'],
    ['install_ha_output', 'Fail'],
  ])('%s injects with failurePolicy %s', async (name, failurePolicy) => {
    const { world } = await openFiles({ filename: [join(folder, `cli/cmd/testdata/${name}.golden.yaml`)] });
    const pod = readPodShape({ annotations: ASKED }, { containers: [{ name: 'app', image: 'app:1' }] });
    const enrolment = linkerd.enrolment('shop', pod, world);
    expect(enrolment.decision).toBe('inject');
    expect(enrolment.evidence.map(({ value }) => value)).toContain(failurePolicy);
    expect(linkerd.enrolment('kube-system', pod, world).decision).toBe('skip');
    expect(linkerd.enrolment('linkerd', pod, world).decision).toBe('skip');
  });

  it('recognises its own pods as meshed', async () => {
    const { world } = await openFiles({ filename: [join(folder, 'cli/cmd/testdata/install_default.golden.yaml')] });
    const paths = podsIn(join(folder, 'cli/cmd/testdata/install_default.golden.yaml')).map((pod) => linkerdMarks(pod));
    expect(paths.filter(({ hasProxy, controlPlane }) => hasProxy && controlPlane === 'linkerd')).toHaveLength(3);
    expect(world.list('apps/Deployment').objects).toHaveLength(3);
  });

  it('calls its CRDs alone a remnant', async () => {
    const { world } = await openFiles({ filename: [join(folder, 'cli/cmd/testdata/install_crds.golden.yaml')] });
    expect(detectLinkerd(world).state).toBe('remnant');
  });
});

/** Most files are named after what they hold; the rest are given as they are. */
function fileOf(name: string, end: string): string {
  return /\.ya?ml$/.test(name) ? name : `${name}${end}`;
}

function worldWith(values: JsonObject): World {
  const namespace = object('v1', 'Namespace', { name: 'asked', annotations: ASKED });
  return completeWorld([namespace, ...linkerdControlPlane(values)]);
}

/** The pod as the webhook leaves it, in a namespace that asks for injection. */
function afterwards(pod: PodShape, world: World): PodShape {
  return linkerd.admit('asked', pod, world)?.pod ?? pod;
}

function marksOf(pod: PodShape): object {
  const { hasProxy, native, capture } = linkerdMarks(pod);
  return { hasProxy, native, capture };
}

/** The pods that the objects of a file make, Lists taken apart. */
function podsIn(path: string): readonly PodShape[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJSON() as unknown);
  return documents.flatMap((raw) => [raw, ...asList(at(raw, 'items'))]).flatMap(podOf);
}

function podOf(raw: unknown): readonly PodShape[] {
  const found = asObject(raw);
  if (found === undefined || asText(found['kind']) === 'List') return [];
  const admitted = admit(found, { from: 'read' }, (text) => text);
  if (!('object' in admitted)) return [];
  const template = podTemplateOf(kindOf(admitted.object), admitted.object);
  return at(template, 'spec', 'containers') === undefined
    ? []
    : [readPodShape(at(template, 'metadata'), at(template, 'spec'))];
}
