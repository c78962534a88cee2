import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { indexCalls } from '../../../src/domain/rollout/call-index.ts';
import { touchedBy } from '../../../src/domain/rollout/touched-calls.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import { completeWorld } from '../../cases-runner/case-world.ts';
import { richCalls } from '../../laws/rich-calls.ts';
import type { Draft } from '../../laws/rich-draft.ts';
import { richObjects, richWorld } from '../../laws/rich-world.ts';
import { after, anyPolicy, applyStep, changesUnder, LINKERD, linkerdChain, linkerdWorld } from './touched-worlds.ts';

const PLAIN = { headless: false, annotations: {}, labels: {}, hostNetwork: false };

/** Two workloads of the one namespace and one of another, which all call each other through Linkerd. */
const [threeObjects, threeCalls] = threeInLinkerd();

function threeInLinkerd(): readonly [readonly KubeObject[], readonly Call[]] {
  const [facts] = fc.sample(linkerdWorld, { numRuns: 1, seed: 7 });
  if (facts === undefined) throw new Error('nothing was drawn');
  const shape = { kind: 'Deployment', live: 'meshed', portName: 'http', protocol: 'http', ...PLAIN } as const;
  const workloads = [
    { ...shape, namespace: 'red', name: 'web' },
    { ...shape, namespace: 'red', name: 'api' },
    { ...shape, namespace: 'blue', name: 'web' },
  ] as const;
  const world = { ...facts, workloads, policies: [] };
  return [richObjects(world), richCalls(world)];
}

function applied({ apiVersion, kind, namespace = '', spec }: Draft, name: string): Step {
  return applyStep({ apiVersion, kind, metadata: { name, namespace }, spec });
}

const server = applied(
  {
    apiVersion: `${LINKERD}/v1beta3`,
    kind: 'Server',
    namespace: 'red',
    spec: { podSelector: { matchLabels: { app: 'web' } }, port: 8080 },
  },
  'web',
);
const callers = applied(
  {
    apiVersion: `${LINKERD}/v1alpha1`,
    kind: 'AuthorizationPolicy',
    namespace: 'red',
    spec: {
      targetRef: { group: LINKERD, kind: 'Server', name: 'web' },
      requiredAuthenticationRefs: [{ group: LINKERD, kind: 'MeshTLSAuthentication', namespace: 'blue', name: 'them' }],
    },
  },
  'callers',
);
const them = applied(
  {
    apiVersion: `${LINKERD}/v1alpha1`,
    kind: 'MeshTLSAuthentication',
    namespace: 'blue',
    spec: { identities: ['*'] },
  },
  'them',
);

/** The names of the calls that each step touches where the stage begins in a world with these objects more. */
function namesTouched(steps: readonly Step[], before: readonly Step[] = []): readonly (readonly string[])[] {
  const world = after(completeWorld(threeObjects), before);
  if (world === undefined) throw new Error('the steps before cannot be taken');
  const touched = touchedBy(steps, { world, index: indexCalls(world, threeCalls) });
  return touched.map((calls) => calls.map(({ id }) => id).sort());
}

const atRedWeb = threeCalls
  .map(({ id }) => id)
  .filter((id) => id.includes('-> red/web'))
  .sort();

describe('the calls that a step touches', () => {
  test('are all of those whose fate it changes, whichever other steps were applied before it', () => {
    const { changes, spared } = changesUnder(richWorld, anyPolicy, 15);
    expect([...changes.keys()]).toContain('security.istio.io/AuthorizationPolicy');
    expect(spared).toBeGreaterThan(0);
  });

  test('are so where policies of Linkerd lean on each other, across namespaces as well', () => {
    const { changes, spared } = changesUnder(linkerdWorld, linkerdChain, 25);
    expect([...changes.keys()]).toContain('policy.linkerd.io/Server');
    expect(spared).toBeGreaterThan(0);
  });

  test('are those that the selected pods answer: by a Server, by its policy, and by what that asks for elsewhere', () => {
    expect(namesTouched([them, callers, server])).toEqual([atRedWeb, atRedWeb, atRedWeb]);
    expect(namesTouched([them], [callers, server])).toEqual([atRedWeb]);
  });

  test('are none of an authentication that no policy asks for', () => {
    expect(namesTouched([them, server])).toEqual([[], atRedWeb]);
  });

  test('are all of the namespace where a Server selects by what a pod gets with its proxy, or is patched to another', () => {
    const ofMesh = { apiVersion: `${LINKERD}/v1beta3`, kind: 'Server', namespace: 'red' };
    const byProxy = { podSelector: { matchLabels: { 'linkerd.io/control-plane-ns': 'linkerd' } }, port: 8080 };
    const target = { kind: 'policy.linkerd.io/Server', namespace: 'red', name: 'web' };
    const patch = { spec: { podSelector: { matchLabels: { app: 'api' } } } };
    const inRed = threeCalls.map(({ id }) => id).filter((id) => id.includes('red/'));
    expect(namesTouched([applied({ ...ofMesh, spec: byProxy }, 'all')])).toEqual([inRed.sort()]);
    expect(namesTouched([{ step: 'patch', target, patch, why: 'drawn' }], [server])).toEqual([inRed]);
  });

  test('are found anew where a step of the stage gives pods other labels', () => {
    const patch = { spec: { template: { metadata: { labels: { app: 'web' } } } } };
    const target = { kind: 'apps/Deployment', namespace: 'red', name: 'api' };
    const [, touched = []] = namesTouched([{ step: 'patch', target, patch, why: 'drawn' }, server]);
    expect(touched.some((id) => id.includes('-> red/api'))).toBe(true);
  });
});
