import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detectProxy } from '../../src/domain/mesh/istio/injection/detect-proxy.ts';
import { istio } from '../../src/domain/mesh/istio/istio.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { readPodShape } from '../../src/domain/world/pod-shape.ts';
import type { Workload } from '../../src/domain/world/workload.ts';
import { workloadsOf } from '../../src/domain/world/workloads-of.ts';
import { AppError } from '../../src/lib/errors.ts';
import { completeWorld, controlPlane, object } from '../cases-runner/case-world.ts';
import { openFiles } from '../support/open-files.ts';

const corpus = process.env['MESHWISE_CORPUS'];
const root = join(corpus ?? '', 'istio-inject-testdata');
const folder = join(root, 'pkg', 'kube', 'inject', 'testdata', 'inject');
const AFTER = /\.injected\.yaml$/;

/** What the decision about the pod before cannot agree with, and why. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'custom-template.injected.yaml': 'it is injected, by a template of its own that adds no proxy',
  'only-proxy-container.injected.yaml': 'its container has no image, so the file is set aside as a patch',
};

/** Every pod reaches the injector, as in the injector's own tests, and its policy is `enabled`. */
const injecting = completeWorld([
  ...controlPlane({ injector: { policy: 'enabled' } }),
  object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
    name: 'istio-sidecar-injector',
    fields: { webhooks: [{ name: 'all.sidecar-injector.istio.io', namespaceSelector: {}, objectSelector: {} }] },
  }),
]);

interface Pair {
  readonly before: string;
  readonly after: string;
}

/** Several outputs were made of one input under other settings, and are named after it. */
function pairs(): readonly Pair[] {
  const files = new Set(existsSync(folder) ? readdirSync(folder) : []);
  return [...files].sort().flatMap((after) => {
    if (!AFTER.test(after)) return [];
    const name = after.replace(AFTER, '');
    const parts = [name.split('.')[0] ?? '', name.split('-')[0] ?? ''];
    const inputs = [name, name.replace(/-old-version$/, ''), name.replace(/-native$/, ''), ...parts];
    const before = inputs.map((input) => `${input}.yaml`).find((input) => files.has(input));
    return before === undefined ? [] : [{ before, after }];
  });
}

async function workloadsIn(file: string): Promise<readonly Workload[]> {
  try {
    const { world } = await openFiles({ filename: [join(folder, file)] });
    return workloadsOf(world);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** How the decision about each pod differs from what became of it. */
async function disagreements({ before, after }: Pair): Promise<readonly string[]> {
  const made = new Map((await workloadsIn(after)).map((one) => [`${one.kind}/${one.name}`, one]));
  return (await workloadsIn(before)).flatMap((one) => {
    const result = made.get(`${one.kind}/${one.name}`);
    const { decision } = istio.enrolment(one.namespace, one.template, injecting);
    const proxy = result === undefined ? 'not read' : detectProxy(result.template).proxy;
    const agrees = proxy !== 'not read' && (decision === 'inject') === (proxy !== 'none');
    return agrees ? [] : [`${after}: ${decision}, and the pod has: ${proxy}`];
  });
}

describe.skipIf(corpus === undefined)('pods before and after injection', () => {
  it('agree with the decision about the pod before, but for what is explained', async () => {
    const found = await Promise.all(pairs().map(async (pair) => ({ pair, said: await disagreements(pair) })));
    expect(found.length).toBe(118);
    const odd = found.filter(({ said }) => said.length > 0);
    expect(odd.map(({ pair }) => pair.after)).toEqual(Object.keys(EXPLAINED).sort());
  });

  it('a pod whose templates are not modelled is unknown, not in the mesh', async () => {
    const [custom] = await workloadsIn('custom-template.yaml');
    expect(custom === undefined ? undefined : istio.dataPlane(custom, custom.next, injecting)?.mode).toBe('unknown');
  });
});

describe.skipIf(corpus === undefined)('webhooks of a real installation with a default and a second revision', () => {
  const rev = { 'istio.io/rev': '1-16' };
  const enabled = { 'istio-injection': 'enabled' };

  it.each([
    ['nothing', {}, {}, undefined],
    ['the namespace enabled', enabled, {}, 'default'],
    ['the namespace at the revision', rev, {}, '1-16'],
    ['both on the namespace', { ...enabled, ...rev }, {}, 'default'],
    ['the namespace disabled, the pod at the revision', { 'istio-injection': 'disabled' }, rev, undefined],
    ['the pod at the revision', {}, rev, '1-16'],
    ['the pod alone', {}, { 'sidecar.istio.io/inject': 'true' }, 'default'],
    ['the namespace enabled, the pod against it', enabled, { 'sidecar.istio.io/inject': 'false' }, undefined],
    ['a revision that nobody installed', { 'istio.io/rev': '1-15' }, {}, undefined],
  ] as const)('inject with %s as the labels say', async (...[, space, labels, revision]) => {
    const testdata = join(root, 'istioctl', 'pkg', 'checkinject', 'testdata', 'check-inject');
    const { world } = await openFiles({ filename: [testdata] });
    const webhooks = world.list(KIND.mutatingWebhook).objects;
    expect(webhooks.length).toBeGreaterThan(1);
    const planes = [...controlPlane(), ...controlPlane({ revision: '1-16' })];
    const asked = completeWorld([...planes, ...webhooks, object('v1', 'Namespace', { name: 'shop', labels: space })]);
    const enrolment = istio.enrolment('shop', readPodShape({ labels }, {}), asked);
    expect(enrolment.decision).toBe(revision === undefined ? 'skip' : 'inject');
    expect(enrolment.revision).toBe(revision);
  });
});
