import { fileURLToPath } from 'node:url';
import { createTemplateRenderer } from '../../../src/adapters/templates/template-renderer.ts';
import { writeYaml, writeYamlValue } from '../../../src/adapters/yaml/write.ts';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import type { Manifest } from '../../../src/domain/world/step.ts';
import type { BundleTools } from '../../../src/render/bundle/bundle-tools.ts';
import { escapeMarkdown } from '../../../src/render/escape.ts';

export const tools: BundleTools = {
  writeYaml,
  writeYamlValue,
  renderTemplate: createTemplateRenderer({
    escape: escapeMarkdown,
    directory: fileURLToPath(new URL('../../../templates', import.meta.url)),
  }),
};

/** Markup, a path, a shell command, a YAML document, a fence and a terminal code in one name. */
export const HOSTILE = '../../x|<b>`*[a](b)\n---\nkind: Evil\n```\n"; rm -rf ~ \u001b[31m\u202e {{title}}';

export function peerAuthentication(namespace: string, mode: string, name = 'default'): Manifest {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name, namespace },
    spec: { mtls: { mode } },
  };
}

const cart = { namespace: 'shop', kind: 'Deployment', name: 'cart' };
const cartRef = { kind: 'apps/Deployment', namespace: 'shop', name: 'cart' };
const templateLabel = { spec: { template: { metadata: { labels: { 'sidecar.istio.io/inject': 'true' } } } } };
const shopPolicy = { kind: 'security.istio.io/PeerAuthentication', namespace: 'shop', name: 'default' };

/** A stage of which everything that is not given is empty. */
export function stage(parts: Pick<Stage, 'id' | 'number' | 'kind' | 'state'> & Partial<Stage>): Stage {
  return {
    title: `The stage ${parts.id}`,
    why: 'Because.',
    risk: 'A call is cut.',
    effort: { hours: { from: 1, to: 2 }, days: { from: 1, to: 3 }, assumption: 'our own judgement' },
    doesNotChange: 'No call is refused.',
    dependsOn: [],
    scope: { namespaces: [], workloads: [] },
    steps: [],
    restarts: [],
    notes: [],
    entryGate: [],
    exitGate: [],
    abort: [],
    rollback: { steps: [], timeToEffect: 'nothing to undo', validWhile: 'always', undoFirst: [], irreversible: [] },
    simulation: { ok: 0, degraded: 0, partial: 0, unknown: 0, breaks: 0, opens: [], notOk: [] },
    assumptions: [],
    blockedBy: [],
    exceptions: [],
    evidence: [],
    helmValues: [],
    ...parts,
  };
}

const controlPlane = stage({
  ...{ id: 'control-plane', number: 30, kind: 'control-plane', state: 'ready', dependsOn: ['trust'] },
  steps: [
    {
      step: 'external',
      title: 'Install istiod with Helm',
      commands: [['helm', 'upgrade', '--install', 'istiod', 'istio/istiod', '-f', 'istiod.yaml', '--set', 'a=b c']],
      expect: [],
      expectKinds: [],
    },
  ],
  helmValues: [{ file: 'istiod.yaml', values: { revision: '1-31', pilot: { autoscaleMin: 2 } } }],
});

const enrol = stage({
  ...{ id: 'enrol-shop-1f3a', number: 100, kind: 'enrol', state: 'ready', dependsOn: ['control-plane'], wave: 1 },
  scope: { namespaces: ['shop'], workloads: [cart] },
  steps: [
    { step: 'apply', manifest: peerAuthentication('shop', 'PERMISSIVE') },
    { step: 'patch', target: cartRef, patch: templateLabel, why: "cart's pods get a sidecar" },
    { step: 'restart', workload: cartRef, method: 'rollout-restart' },
  ],
  restarts: [{ workload: cart, method: 'rollout-restart', after: [], maxParallel: '25%', why: 'a sidecar is new' }],
  notes: ['Two things to know: one, two.'],
  entryGate: [
    { id: 'istiod-ready', text: 'istiod is ready', command: ['kubectl', 'get', 'pods', '-n', 'istio-system'] },
  ],
  exitGate: [
    {
      id: 'no-rejects',
      text: 'no configuration is rejected',
      promql: 'sum(pilot_total_xds_rejects) > 0',
      positiveEvidence: 'istiod was scraped for the whole window',
    },
  ],
  abort: [{ id: 'errors', text: 'errors above the baseline' }],
  rollback: {
    steps: [
      { step: 'patch', target: cartRef, patch: templateLabel, why: 'keeps new pods out of the mesh' },
      { step: 'restart', workload: cartRef, method: 'rollout-restart' },
      { step: 'delete', target: shopPolicy },
    ],
    timeToEffect: 'minutes (pods restart)',
    validWhile: 'strict-shop is not applied',
    undoFirst: [],
    irreversible: ['connections that the restart closed'],
  },
  simulation: {
    ...{ ok: 3, degraded: 0, partial: 0, unknown: 1, breaks: 0 },
    opens: ['shop/Deployment/cart accepts plaintext from anyone'],
    notOk: [{ call: 'shop/Deployment/cart->shop/Service/db:3306', verdict: 'unknown', why: 'no protocol is declared' }],
  },
  assumptions: ['the injector adds a sidecar to new pods of cart'],
  evidence: [{ rule: 'An explicit PERMISSIVE keeps plaintext callers', source: 'https://istio.io/' }],
});

const strict = stage({
  ...{ id: 'strict-shop', number: 110, kind: 'strict', state: 'ready', dependsOn: ['enrol-shop-1f3a'] },
  scope: { namespaces: ['shop'], workloads: [cart] },
  steps: [{ step: 'apply', manifest: peerAuthentication('shop', 'STRICT') }],
  rollback: {
    steps: [
      {
        step: 'patch',
        target: shopPolicy,
        patch: { metadata: { labels: null }, spec: { mtls: { mode: 'PERMISSIVE' } } },
        why: 'puts back',
      },
    ],
    ...{ timeToEffect: 'seconds', validWhile: 'always', undoFirst: [], irreversible: [] },
  },
});

const hostile = stage({
  ...{ id: `enrol-${HOSTILE}`, number: 120, kind: 'enrol', state: 'ready', title: HOSTILE, why: HOSTILE },
  doesNotChange: HOSTILE,
  scope: { namespaces: [HOSTILE], workloads: [{ namespace: HOSTILE, kind: 'Deployment', name: HOSTILE }] },
  steps: [
    { step: 'apply', manifest: peerAuthentication('a', 'PERMISSIVE', 'b-c') },
    { step: 'apply', manifest: peerAuthentication('a-b', 'PERMISSIVE', 'c') },
    { step: 'apply', manifest: peerAuthentication('a', 'PERMISSIVE', '../../x y') },
    {
      step: 'patch',
      target: { kind: 'apps/Deployment', namespace: 'a', name: '--all' },
      patch: { metadata: { annotations: { note: HOSTILE } } },
      why: HOSTILE,
    },
    {
      step: 'restart',
      workload: { kind: 'apps/Deployment', namespace: 'a', name: '--all' },
      method: 'rollout-restart',
    },
  ],
  notes: [HOSTILE],
  entryGate: [{ id: HOSTILE, text: HOSTILE, command: ['echo', HOSTILE], promql: HOSTILE, positiveEvidence: HOSTILE }],
  rollback: {
    steps: [{ step: 'delete', target: { kind: 'Namespace', name: 'left' } }],
    ...{ timeToEffect: HOSTILE, validWhile: HOSTILE, undoFirst: [], irreversible: [HOSTILE] },
  },
  assumptions: [HOSTILE],
  blockedBy: [{ kind: 'object', what: HOSTILE, remedy: HOSTILE }],
  exceptions: [],
  evidence: [{ rule: HOSTILE }],
  simulation: {
    ok: 1,
    degraded: 0,
    partial: 0,
    unknown: 0,
    breaks: 0,
    opens: [HOSTILE],
    notOk: [{ call: HOSTILE, verdict: 'ok', why: HOSTILE }],
  },
});

const blocked = stage({
  ...{ id: 'strict-pay', number: 130, kind: 'strict', state: 'blocked', dependsOn: ['enrol-shop-1f3a'] },
  steps: [{ step: 'apply', manifest: peerAuthentication('pay', 'STRICT') }],
  rollback: {
    steps: [{ step: 'delete', target: { ...shopPolicy, namespace: 'pay' } }],
    ...{ timeToEffect: 'seconds', validWhile: 'always', undoFirst: [], irreversible: [] },
  },
  blockedBy: [{ kind: 'call', what: 'nightly calls payments in plaintext', remedy: 'enrol nightly first' }],
});

const outline = stage({
  ...{ id: 'deny-pay', number: 140, kind: 'deny', state: 'outline', dependsOn: ['strict-pay'] },
  blockedBy: [{ kind: 'evidence', what: 'pay/Deployment/payments port 8080 was not observed', remedy: 'give --calls' }],
});

const done = stage({ id: 'trust', number: 20, kind: 'trust', state: 'done' });

export const plan: RolloutPlan = {
  target: 'istio-sidecar',
  goal: 'deny-by-default',
  basis: 'dump',
  cluster: 'demo',
  taken: '2026-11-02T08:00:00Z',
  coverage: [
    { kind: 'Pod', state: 'read', objects: 12 },
    { kind: 'networking.istio.io/Sidecar', state: 'forbidden', objects: 0, reason: HOSTILE },
  ],
  warnings: ['two objects of one name'],
  basedOn: { fingerprint: 'ab12', versions: { istio: '1.31.0' } },
  staleAfter: '2026-11-16',
  choices: NO_CHOICES,
  acceptEvidence: 'observed',
  stages: [done, controlPlane, enrol, strict, hostile, blocked, outline],
  exceptions: [
    {
      workload: cart,
      layer: 'mtls',
      ports: [9090],
      reason: 'Prometheus has no sidecar',
      owner: 'to be named',
      expires: '2027-02-01',
    },
  ],
  leftOut: [{ what: 'namespace kube-system', reason: 'belongs to the cluster' }],
  summary: { ready: 4, waived: 0, blocked: 1, outline: 1, done: 1 },
};
