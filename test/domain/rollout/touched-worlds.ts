import fc from 'fast-check';
import { expect } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import { kindOf, refOf, type KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import { indexCalls } from '../../../src/domain/rollout/call-index.ts';
import { touchedBy } from '../../../src/domain/rollout/touched-calls.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { Manifest, Step } from '../../../src/domain/world/step.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { completeWorld } from '../../cases-runner/case-world.ts';
import { richCalls } from '../../laws/rich-calls.ts';
import { app, space, written, type Draft } from '../../laws/rich-draft.ts';
import { istioPolicy } from '../../laws/rich-istio-policies.ts';
import { linkerdPolicy, networkPolicy } from '../../laws/rich-other-policies.ts';
import { richObjects, richWorld, type RichWorld } from '../../laws/rich-world.ts';
import { runs } from '../../laws/runs.ts';

/** The group of its policies. */
export const LINKERD = 'policy.linkerd.io';

/** Of the kinds that are drawn, those that plans write. */
const APPLIED =
  /^(Server|AuthorizationPolicy|MeshTLSAuthentication|NetworkAuthentication|PeerAuthentication|NetworkPolicy)$/;

/** A policy whose authentication may live in another namespace, and by what it is asked for. */
const chained: fc.Arbitrary<Draft> = fc
  .record({ namespace: space, target: app, auth: app, where: fc.option(space), isNetwork: fc.boolean() })
  .map(({ namespace, target, auth, where, isNetwork }) => {
    const kind = isNetwork ? 'NetworkAuthentication' : 'MeshTLSAuthentication';
    const wanted = { group: LINKERD, kind, name: auth, ...(where === null ? {} : { namespace: where }) };
    return {
      apiVersion: `${LINKERD}/v1alpha1`,
      kind: 'AuthorizationPolicy',
      namespace,
      spec: { targetRef: { group: LINKERD, kind: 'Server', name: target }, requiredAuthenticationRefs: [wanted] },
    };
  });

const authentication = linkerdPolicy.filter(({ kind }) => kind.endsWith('Authentication'));

const closedServer: fc.Arbitrary<Draft> = fc.tuple(space, app).map(([namespace, name]) => ({
  apiVersion: `${LINKERD}/v1beta3`,
  kind: 'Server',
  namespace,
  name,
  spec: { podSelector: { matchLabels: { app: name } }, port: 8080, accessPolicy: 'deny' },
}));

/** What leans on each other in Linkerd. */
export const linkerdChain = fc.oneof(
  { arbitrary: linkerdPolicy, weight: 2 },
  { arbitrary: chained, weight: 3 },
  { arbitrary: authentication, weight: 3 },
  { arbitrary: closedServer, weight: 2 },
);

/** Everybody is in Linkerd, and one policy leans on another. */
export const linkerdWorld: fc.Arbitrary<RichWorld> = fc
  .tuple(richWorld, fc.array(linkerdChain, { minLength: 4, maxLength: 10 }))
  .map(([facts, policies]) => ({
    ...facts,
    meshes: { red: 'linkerd', blue: 'linkerd', green: 'linkerd' },
    enrolled: { red: true, blue: true, green: true },
    workloads: facts.workloads.map((one) => ({
      ...one,
      kind: one.kind === 'CronJob' ? 'Deployment' : one.kind,
      live: 'meshed',
      annotations: {},
      labels: {},
      hostNetwork: false,
    })),
    policies,
    waypoints: [],
    gateway: false,
    enforces: false,
  }));

/** What people write for either mesh, and NetworkPolicies. */
export const anyPolicy = fc.oneof(
  { arbitrary: linkerdPolicy, weight: 2 },
  { arbitrary: istioPolicy, weight: 3 },
  { arbitrary: networkPolicy, weight: 1 },
);

interface Drawn {
  readonly draft: Draft;
  readonly how: 'apply' | 'rewrite' | 'patch' | 'delete';
  readonly whole: 'object' | undefined;
  readonly place: number;
}

/** Policies of the kinds that plans write, new ones and in the place of what is there. */
function drawnSteps(draft: fc.Arbitrary<Draft>): fc.Arbitrary<readonly Drawn[]> {
  const drawn = fc.record({
    draft,
    how: fc.constantFrom<Drawn['how']>('apply', 'apply', 'rewrite', 'patch', 'delete'),
    whole: fc.constantFrom<Drawn['whole']>('object', undefined),
    place: fc.nat(20),
  });
  return fc.array(drawn, { minLength: 2, maxLength: 7 });
}

/** Each object is deleted once at most, and is not changed otherwise then. */
function stepsFor(drawn: readonly Drawn[], before: readonly KubeObject[]): readonly Step[] {
  const left = before.filter(({ kind }) => APPLIED.test(kind));
  return drawn.flatMap(({ draft, how, whole, place }, index): readonly Step[] => {
    const made = written(draft, 100 + index);
    if (!APPLIED.test(made.kind)) return [];
    const alike = left.filter((one) => kindOf(one) === kindOf(made));
    const existing = alike[place % Math.max(alike.length, 1)];
    if (how === 'apply' || existing === undefined) return [applyStep(manifestOf(made, made), whole)];
    if (how === 'rewrite') return [applyStep(manifestOf(existing, made), whole)];
    const patch = { spec: made.spec as JsonObject };
    if (how === 'patch') return [{ step: 'patch', target: refOf(existing), patch, why: 'drawn' }];
    left.splice(left.indexOf(existing), 1);
    return [{ step: 'delete', target: refOf(existing) }];
  });
}

/** The name of one object with what another says. */
function manifestOf({ apiVersion, kind, metadata }: KubeObject, { spec }: KubeObject): Manifest {
  const { name, namespace = '' } = metadata;
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

/** The manifest applied, as one of several managers or whole. */
export function applyStep(manifest: Manifest, whole?: Drawn['whole']): Step {
  return { step: 'apply', manifest, ...(whole === undefined ? {} : { whole }) };
}

function nameOf(step: Step): string {
  switch (step.step) {
    case 'apply':
      return kindOf(step.manifest);
    case 'patch':
    case 'delete':
      return step.target.kind;
    case 'restart':
    case 'external':
      return step.step;
  }
}

/** The world after the steps; what was deleted cannot be patched any more, and those steps are of no use to the law. */
export function after(before: World, steps: readonly Step[]): World | undefined {
  try {
    return applyChange(before, { id: 'drawn', steps }, admitPod).world;
  } catch {
    return undefined;
  }
}

function wordsOf(call: Call, at: World): string {
  const { verdict, wire, identity, authorization, why, cohorts } = fateOf(call, at);
  return JSON.stringify([verdict, wire, identity, authorization, why, cohorts]);
}

/** How often a step of each kind changed what becomes of a call, and how many calls were left out of touched ones. */
export function changesUnder(worlds: fc.Arbitrary<RichWorld>, policy: fc.Arbitrary<Draft>, times: number) {
  const changes = new Map<string, number>();
  const spared = { count: 0 };
  const subsets = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(worlds, drawnSteps(policy), subsets, (facts, drawn, isTaken) => {
      const objects = richObjects(facts);
      const calls = richCalls(facts);
      const start = completeWorld(objects);
      const steps = stepsFor(drawn, objects);
      const touched = touchedBy(steps, { world: start, index: indexCalls(start, calls) });
      for (const [place, step] of steps.entries()) {
        const others = steps.filter((other, index) => other !== step && isTaken[index] === true);
        const [left, right] = [after(start, others), after(start, [...others, step])];
        if (left === undefined || right === undefined) continue;
        const own = new Set(touched[place]);
        spared.count += calls.length - own.size;
        for (const call of calls) {
          const [before, then] = [wordsOf(call, left), wordsOf(call, right)];
          if (before === then) continue;
          changes.set(nameOf(step), (changes.get(nameOf(step)) ?? 0) + 1);
          expect(own.has(call), `${call.id}: ${before}, then ${then} by ${JSON.stringify(step)}`).toBe(true);
        }
      }
    }),
    runs(times),
  );
  return { changes, spared: spared.count };
}
