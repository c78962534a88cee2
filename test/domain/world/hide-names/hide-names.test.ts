import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWorld } from '../../../../src/app/run-checks.ts';
import { runSimulation } from '../../../../src/app/run-simulation.ts';
import type { OpenedWorld } from '../../../../src/app/open-world.ts';
import type { KubeObject } from '../../../../src/domain/kubernetes/object.ts';
import { inventoryOf } from '../../../../src/domain/inventory/inventory.ts';
import { hideNames } from '../../../../src/domain/world/hide-names/hide-names.ts';
import { KEPT_DOMAINS, KEPT_VALUE_KEYS, KEPT_WORDS } from '../../../../src/domain/world/hide-names/kept-words.ts';
import { asObjects, asText, asTexts, at } from '../../../../src/lib/json.ts';
import { openFiles } from '../../../support/open-files.ts';

/** Names that somebody gave, as they stand in the objects. */
function namesOf({ metadata, spec, decoded, apiVersion }: KubeObject): readonly (string | undefined)[] {
  const isOfKind = KEPT_DOMAINS.test(metadata.name) || apiVersion.startsWith('apiextensions.k8s.io');
  const ofLabels = Object.entries(metadata.labels).flatMap(([key, value]) => (KEPT_VALUE_KEYS.test(key) ? [] : value));
  return [
    isOfKind ? undefined : metadata.name,
    metadata.namespace,
    ...(isOfKind ? [] : ofLabels),
    asText(at(spec, 'serviceAccountName')),
    ...asTexts(at(spec, 'hosts')),
    ...asObjects(decoded?.['hosts']).map((host) => asText(host['host'])),
  ];
}

/** A name that is made of nothing but words that stay needs no pseudonym. */
function isHidden(name: string): boolean {
  const words = name.toLowerCase().match(/[a-z]{2,}/g) ?? [];
  return name.length >= 4 && words.some((word) => !KEPT_WORDS.has(word));
}

/** What the world says, without a name in it. */
function verdictsOf(opened: OpenedWorld): unknown {
  const { workloads, summary } = inventoryOf(opened.world, opened.graph, { namespaces: [] }) as unknown as {
    workloads: readonly unknown[];
    summary?: unknown;
  };
  const report = checkWorld(opened, { target: 'istio-sidecar', namespaces: [], failOn: 'none' });
  const shapes = workloads.map((row) => JSON.stringify([at(row, 'pods'), at(row, 'mesh'), at(row, 'state')])).sort();
  const findings = report.findings.map(({ check, severity }) => `${check} ${severity}`).sort();
  return { shapes, states: at(summary, 'states'), findings, simulation: runSimulation(opened, []).counts };
}

describe.each([['the demo', { demo: true }] as const])('a snapshot of %s with hidden names', (_title, flags) => {
  let folder: string;
  let original: OpenedWorld;
  let hidden: OpenedWorld;
  let text: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-hidden-'));
    const [plain, pseudonymous] = [join(folder, 'plain.jsonl'), join(folder, 'hidden.jsonl')];
    await openFiles({ ...flags, calls: [], save: plain });
    await openFiles({ ...flags, calls: [], save: pseudonymous, 'hide-names': true });
    original = await openFiles({ filename: [plain] });
    hidden = await openFiles({ filename: [pseudonymous] });
    text = readFileSync(pseudonymous, 'utf8');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds none of the names', () => {
    const names = new Set(original.reading.objects.flatMap(namesOf).filter((name) => name !== undefined));
    const given = [...names].filter(isHidden);
    expect(given.length).toBeGreaterThan(50);
    const stands = (name: string): boolean =>
      text.includes(name) && new RegExp(`(^|[^A-Za-z])${name.replaceAll(/\W/g, '\\$&')}([^A-Za-z]|$)`).test(text);
    expect(given.filter(stands)).toEqual([]);
    expect(text).not.toContain('templates/demo');
  });

  it('gives the same verdicts', () => {
    expect(verdictsOf(hidden)).toEqual(verdictsOf(original));
  });

  it('holds the same objects, and is the same each time', () => {
    expect(hidden.reading.objects).toHaveLength(original.reading.objects.length);
    expect(hideNames(original.reading)).toEqual(hideNames(original.reading));
  });
});

describe('names in every place', () => {
  const meta = (name: string, labels: Record<string, string> = {}) => ({
    name,
    namespace: 'parcels',
    labels,
    annotations: {},
    ownerReferences: [],
  });
  const object = (apiVersion: string, kind: string, rest: object): KubeObject => ({
    apiVersion,
    kind,
    metadata: meta('tracker'),
    origin: { from: 'read', file: '/home/jane/acme/a.yaml' },
    ...rest,
  });
  const hiddenOf = (objects: readonly KubeObject[]): string => {
    const fact = { known: false, reason: 'nobody asked' } as const;
    const reading = {
      objects,
      basis: 'live',
      coverage: [],
      setAside: [],
      gaps: [],
      warnings: [],
      cluster: 'acme',
    } as const;
    return JSON.stringify(hideNames({ ...reading, asOf: fact, kubernetesVersion: fact }));
  };

  it.each([
    [
      'a principal',
      { spec: { rules: [{ from: [{ source: { principals: ['cluster.local/ns/parcels/sa/tracker'] } }] }] } },
    ],
    ['a namespace', { spec: { rules: [{ from: [{ source: { namespaces: ['parcels'] } }] }] } }],
    ['a host', { spec: { hosts: ['tracker.parcels.svc.cluster.local', '*.tracker.example'] } }],
    ['a path', { spec: { rules: [{ to: [{ operation: { paths: ['/parcels/*'] } }] }] } }],
    ['a selector', { spec: { selector: { matchLabels: { app: 'tracker' } } } }],
    ['an image', { spec: { containers: [{ name: 'tracker', image: 'registry.parcels.example/tracker:1.2' }] } }],
    ['a variable', { decoded: { hosts: [{ source: 'TRACKER_ADDR', host: 'tracker', container: 'tracker' }] } }],
    ['an annotation', { metadata: { ...meta('x'), annotations: { 'prometheus.io/host': 'tracker.parcels' } } }],
    ['a label key', { metadata: meta('x', { 'tracker.example/owner': 'jane' }) }],
    [
      'an owner',
      { metadata: { ...meta('x'), ownerReferences: [{ apiVersion: 'apps/v1', kind: 'X', name: 'tracker' }] } },
    ],
  ])('%s is hidden', (_place, rest) => {
    const text = hiddenOf([object('security.istio.io/v1', 'AuthorizationPolicy', {}), object('v1', 'Pod', rest)]);
    expect(text).not.toMatch(/tracker|parcels|jane|acme/i);
  });

  it('what rules read of a mesh stays', () => {
    const labels = { 'istio-injection': 'enabled', 'istio.io/dataplane-mode': 'ambient' };
    const spec = { mtls: { mode: 'STRICT' }, selector: { 'istio.io/rev': 'canary' }, type: 'ClusterIP' };
    const text = hiddenOf([object('v1', 'Namespace', { metadata: meta('strict', labels), spec })]);
    for (const kept of [
      '"istio-injection":"enabled"',
      '"ambient"',
      '"STRICT"',
      '"ClusterIP"',
      '"istio.io/rev":"canary"',
    ])
      expect(text).toContain(kept);
  });
});
