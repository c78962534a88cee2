import { describe, expect, it } from 'vitest';
import { NO_CHOICES } from '../../../../src/domain/rollout/choices.ts';
import { asObjects, at, type JsonObject } from '../../../../src/lib/json.ts';
import { workload } from '../../../support/build-world.ts';
import { SHOP, SHOP_CALLS, stageOf, statesOf } from '../shop.ts';
import { linkerdPlan, scene, verdicts, worldAfter } from './run-plan.ts';

const CALICO: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: {
      metadata: { labels: { 'k8s-app': 'calico-node' } },
      spec: { hostNetwork: true, containers: [{ name: 'calico-node', image: 'calico/node:v3.30' }] },
    },
  },
};

function policy(name: string, spec: JsonObject): JsonObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: 'pay' }, spec };
}

const FROM_SHOP = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }];
const PAYMENTS = { matchLabels: { app: 'payments' } };

describe('NetworkPolicies that list ports', () => {
  const ingress = policy('payments', {
    podSelector: PAYMENTS,
    policyTypes: ['Ingress'],
    ingress: [{ from: FROM_SHOP, ports: [{ port: 8080, protocol: 'TCP' }] }],
  });
  const shop = scene([...SHOP, CALICO, ingress], SHOP_CALLS);
  const plan = linkerdPlan(shop);

  it('get one beside them with the same pods and the same peers, before the wave', () => {
    expect(stageOf(plan, 'network-pay').steps).toMatchObject([
      {
        manifest: {
          metadata: { name: 'payments-linkerd-in' },
          spec: {
            podSelector: PAYMENTS,
            policyTypes: ['Ingress'],
            ingress: [{ from: FROM_SHOP, ports: [{ port: 4143 }] }],
          },
        },
      },
    ]);
    expect(stageOf(plan, 'enrol-pay').dependsOn).toContain('network-pay');
  });

  it('keep no call from its server at any stage', () => {
    expect(plan.stages.filter(({ state }) => state === 'blocked')).toEqual([]);
    const world = worldAfter(shop.world, plan);
    expect(new Set(verdicts(shop, shop.world, world).values())).toEqual(new Set(['ok']));
  });

  it('let the proxies reach the control plane where they limit what goes out', () => {
    const egress = policy('out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: FROM_SHOP, ports: [{ port: 8080, protocol: 'TCP' }] }, { ports: [{ port: 53, protocol: 'UDP' }] }],
    });
    const [step] = stageOf(linkerdPlan(scene([...SHOP, CALICO, egress], SHOP_CALLS)), 'network-pay').steps;
    expect(step).toMatchObject({ manifest: { metadata: { name: 'out-linkerd-out' } } });
    const text = JSON.stringify(step);
    for (const number of [8080, 8086, 8090, 4143, 53]) expect(text).toContain(`"port":${String(number)}`);
  });

  it('let nobody out to every pod of the mesh for a rule about DNS or about addresses that no server has', () => {
    const egress = policy('out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 443 }, { port: 53 }] }, { ports: [{ port: 8080 }] }],
    });
    const stage = stageOf(linkerdPlan(scene([...SHOP, CALICO, egress], SHOP_CALLS)), 'network-pay');
    const rules = stage.steps.flatMap((step) =>
      step.step === 'apply' ? asObjects(at(step.manifest.spec, 'egress')) : [],
    );
    const through = rules.filter((rule) => JSON.stringify(rule).includes('4143'));
    expect(through).toHaveLength(1);
    expect(
      asObjects(through[0]?.['to'])
        .map((peer) => at(peer, 'podSelector', 'matchLabels', 'app'))
        .sort(),
    ).toEqual(['cart', 'front', 'payments']);
    expect(stage.exceptions.map(({ reason }) => reason).join()).toContain(
      'through 4143, where nothing else shuts them',
    );
  });

  it('that keep ports apart are named as a gap, with its start and its end', () => {
    const { notes } = stageOf(plan, 'network-pay');
    expect(notes.join(' ')).toMatch(/From the wave of pay\/Deployment\/payments until stage deny-pay/);
  });

  it('that keep ports apart stand in the register, from the enrolment until the stages that shut the ports again', () => {
    const rows = stageOf(plan, 'network-pay').exceptions;
    expect(rows).toMatchObject([
      {
        workload: { namespace: 'pay', name: 'payments' },
        layer: 'authorization',
        reason: expect.stringContaining('from the enrolment of pay/Deployment/payments on') as string,
        expires: 'with stage deny-pay, and at ports that nobody declares with stage default-pay',
      },
    ]);
    expect(plan.exceptions).toEqual(expect.arrayContaining([...rows]));
  });

  it('leave no row in the register once the default refuses what the policies no longer keep apart', () => {
    const again = linkerdPlan({ ...shop, world: worldAfter(shop.world, plan) });
    expect(stageOf(again, 'network-pay').state).toBe('done');
    expect(again.exceptions.filter(({ reason }) => reason.includes('4143'))).toEqual([]);
  });

  it('stop the stage where peers would reach a port that is there and that they did not, unless somebody accepts it', () => {
    const two = workload('pay', 'payments', {
      container: { ports: [{ containerPort: 8080 }, { containerPort: 9090 }] },
    });
    const objects = [
      ...SHOP.filter(({ kind, metadata }) => kind !== 'Deployment' || at(metadata, 'name') !== 'payments'),
      two,
    ];
    const shown = scene([...objects, CALICO, ingress], SHOP_CALLS);
    const stage = stageOf(linkerdPlan(shown), 'network-pay');
    expect(stage.state).toBe('blocked');
    expect(stage.blockedBy[0]?.what).toContain(
      'would open pay/Deployment/payments port 9090 by mutual TLS of the mesh at 4143',
    );
    const word = { reason: 'gone in May', owner: 'ana', expires: '2027-05-31' };
    const accepts = [{ stage: 'network-pay', opens: 'pay/Deployment/payments port 9090', ...word }];
    const accepted = stageOf(linkerdPlan(shown, { choices: { ...NO_CHOICES, accepts } }), 'network-pay');
    expect(accepted.state).toBe('ready');
    expect(accepted.notes.join()).toContain('Accepted by ana until 2027-05-31');
    const all = policy('all', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 9090 }] }] });
    expect(
      stageOf(linkerdPlan(scene([...objects, CALICO, ingress, all], SHOP_CALLS)), 'network-pay').blockedBy,
    ).toEqual([expect.objectContaining({ what: expect.stringContaining('port 8080') as string })]);
  });

  it('need nothing where they list no ports', () => {
    const open = policy('payments', {
      podSelector: PAYMENTS,
      policyTypes: ['Ingress'],
      ingress: [{ from: FROM_SHOP }],
    });
    const other = linkerdPlan(scene([...SHOP, CALICO, open], SHOP_CALLS));
    expect(statesOf(other).filter((line) => line.startsWith('network'))).toEqual([]);
  });
});
