import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { NO_CHOICES, type TrapId } from '../../../../src/domain/rollout/choices.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, workload, type WorkloadOptions } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { annotated, manifest, shopWith } from './trap-objects.ts';
import { pageOf, registered, towardsLinkerd, type TrapOptions } from './trap-world.ts';

function withPayments(options: WorkloadOptions): readonly JsonObject[] {
  return shopWith('Deployment', 'payments', () => workload('pay', 'payments', options));
}

const HELM_HOOK: JsonObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'hook', namespace: 'shop', annotations: { 'helm.sh/hook': 'pre-install' } },
  spec: {
    template: {
      metadata: { labels: { app: 'hook' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'example.com/hook:1' }] },
    },
  },
};

test('a Job of a Helm hook keeps the namespace from an annotation that would inject it', () => {
  const { plan, blockedBy, worse } = towardsLinkerd([...SHOP, HELM_HOOK]);
  expect(stageOf(plan, 'enrol-namespace-shop').state).toBe('blocked');
  expect(blockedBy('enrol-namespace-shop')).toContain('shop/Job/hook is not enrolled');
  expect(worse).toEqual([]);
});

describe("a database on a port of the chart's opaque list", () => {
  test.each([
    ['that no container declares, which its pods are told', { ports: [], targetPort: 3306 }, '3306'],
    [
      'that the Service names and a container declares',
      { ports: [{ name: 'sql', containerPort: 3306 }], targetPort: 'sql' },
      undefined,
    ],
  ])('%s does not stall its clients', (_what, { ports, targetPort }, annotation) => {
    const objects = [
      ...SHOP,
      workload('shop', 'db', { kind: 'StatefulSet', container: { image: 'mysql:8', ports } }),
      service('shop', 'db', { name: 'db', port: 3306, targetPort }),
    ];
    const rows = [...SHOP_CALLS, row('cart.shop', 'db.shop', { port: 3306, protocol: 'mysql' })];
    const trapped = towardsLinkerd(objects, { rows });
    expect([...trapped.inTheWay, ...trapped.worse]).toEqual([]);
    const said = /"config.linkerd.io\/opaque-ports":"([^"]*)"/.exec(JSON.stringify(trapped.wave('db').steps));
    expect(said?.[1]).toBe(annotation);
  });
});

describe('what objects show and no simulation of calls settles stands on the page of the wave', () => {
  test('a second network, as a condition of its entry', () => {
    const multi = annotated(workload('shop', 'multi'), { 'k8s.v1.cni.cncf.io/networks': 'net2' });
    const { wave } = towardsLinkerd([...SHOP, multi, service('shop', 'multi')], {
      rows: [...SHOP_CALLS, row('cart.shop', 'multi.shop')],
    });
    expect(wave('multi').entryGate.map(({ id }) => id)).toContain('second-network-deployment-multi');
    expect(wave('cart').entryGate.map(({ id }) => id)).not.toContain('second-network-deployment-cart');
  });

  test("a server outside the cluster that speaks first, as a condition of its client's entry", () => {
    const outside = manifest('v1 Service', 'shop/ext', {
      type: 'ExternalName',
      externalName: 'db.example.com',
      ports: [{ port: 3306 }],
    });
    const rows = [...SHOP_CALLS, row('cart.shop', 'ext.shop', { port: 3306, protocol: 'mysql' })];
    const { wave } = towardsLinkerd([...SHOP, outside], { rows });
    expect(pageOf(wave('cart'))).toContain('shop/Deployment/cart->shop/Service/ext:3306 leaves the cluster');
    expect(pageOf(wave('front'))).not.toContain('leaves the cluster');
  });

  test('a port that configuration names and no Service declares is asked about before the wave', () => {
    const env = [{ name: 'PAYMENTS_URL', value: 'http://payments.pay:9999' }];
    const cart = workload('shop', 'cart', { container: { env } });
    const { page, wave } = towardsLinkerd(shopWith('Deployment', 'cart', () => cart));
    expect(page('preflight')).toContain('payments.pay:9999: Service pay/payments has no port 9999');
    const asked = wave('cart').entryGate.filter(({ id }) => id === 'undeclared-port');
    expect(asked).toEqual([expect.objectContaining({ text: expect.stringContaining('has no port 9999') as string })]);
    expect(asked[0]?.state).toBeUndefined();
    expect(wave('front').entryGate.map(({ id }) => id)).not.toContain('undeclared-port');
  });
});

const WORD = { reason: 'known', owner: 'team', expires: '2027-01-31' };

function accepting(trap: TrapId, what: string): TrapOptions {
  return { input: { choices: { ...NO_CHOICES, traps: [{ trap, what, ...WORD }] } } };
}

/** The wave of the workload is blocked by the trap alone, unless somebody accepts it; the others go on without it. */
function stops(objects: readonly JsonObject[], trap: TrapId, { name, what }: { name: string; what: string }): void {
  const trapped = towardsLinkerd(objects);
  const wave = trapped.wave(name);
  expect(wave.state).toBe('blocked');
  expect(wave.scope.workloads.map((each) => each.name)).toEqual([name]);
  expect(wave.blockedBy.map((each) => each.what)).toEqual([expect.stringContaining(`(trap ${trap})`)]);
  expect(wave.blockedBy.map((each) => each.remedy).join()).toContain(`trap: ${trap} and what: ${what}`);
  expect(trapped.wave('front').state).toBe('ready');
  expect(trapped.worse).toEqual([]);
  const accepted = towardsLinkerd(objects, accepting(trap, what));
  expect(accepted.wave(name).state).toBe('ready');
  expect(pageOf(accepted.wave(name))).toContain(`Trap ${trap}: `);
  expect(towardsLinkerd(objects, accepting(trap, 'nobody')).wave(name).state).toBe('blocked');
}

describe('what a proxy would break without a call that fails at once stops the wave', () => {
  const PAYMENTS = { name: 'payments', what: 'pay/Deployment/payments' };
  const CART = { name: 'cart', what: 'shop/Deployment/cart' };

  test('a probe that only opens a connection', () => {
    const probed = (readinessProbe: JsonObject): readonly JsonObject[] =>
      withPayments({ container: { readinessProbe } });
    stops(probed({ tcpSocket: { port: 8080 } }), 'P12', PAYMENTS);
    expect(towardsLinkerd(probed({ httpGet: { port: 8080, path: '/' } })).wave('payments').state).toBe('ready');
  });

  test('but not where the proxy leaves that port alone', () => {
    const probe = { container: { readinessProbe: { tcpSocket: { port: 8080 } } } };
    const skipped = annotated(workload('pay', 'payments', probe), {
      'config.linkerd.io/skip-inbound-ports': '25,8000-8100',
    });
    expect(towardsLinkerd(shopWith('Deployment', 'payments', () => skipped)).wave('payments').blockedBy).toEqual([]);
  });

  test('an autoscaler that counts what the proxy uses, and not one that counts one container', () => {
    const scaler = (type: string, field: string): JsonObject =>
      manifest('autoscaling/v2 HorizontalPodAutoscaler', 'shop/cart', {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
        maxReplicas: 4,
        metrics: [{ type, [field]: { name: 'cpu', container: 'app', target: { type: 'Utilization' } } }],
      });
    stops([...SHOP, scaler('Resource', 'resource')], 'P19', CART);
    expect(towardsLinkerd([...SHOP, scaler('ContainerResource', 'containerResource')]).wave('cart').state).toBe(
      'ready',
    );
  });

  const QUOTA = manifest('v1 ResourceQuota', 'pay/all', { hard: { 'limits.cpu': '8', 'requests.memory': '8Gi' } });

  test('a quota that refuses a pod of which the proxy states too little', () => {
    stops([...SHOP, QUOTA], 'P20', PAYMENTS);
    expect(towardsLinkerd([...SHOP, QUOTA]).wave('payments').blockedBy[0]?.what).toContain(
      'does not state limits.cpu,',
    );
  });

  test.each([
    ['that an annotation states', { 'config.linkerd.io/proxy-cpu-limit': '1' }, []],
    [
      'that a LimitRange fills in',
      {},
      [manifest('v1 LimitRange', 'pay/some', { limits: [{ type: 'Container', default: { cpu: '1' } }] })],
    ],
  ])('but not one that asks for what %s', (_how, annotations, more) => {
    const payments = annotated(workload('pay', 'payments'), annotations);
    const objects = [...shopWith('Deployment', 'payments', () => payments), QUOTA, ...more];
    expect(towardsLinkerd(objects).wave('payments').state).toBe('ready');
  });

  const range = (limit: JsonObject): JsonObject => manifest('v1 LimitRange', 'pay/some', { limits: [limit] });
  const SMALL = { container: { resources: { requests: { memory: '50Mi' }, limits: { memory: '100Mi' } } } };

  test.each([
    ['max of containers', { type: 'Container', max: { memory: '128Mi' } }, 'is above max 128Mi'],
    ['min of containers', { type: 'Container', min: { cpu: '200m' } }, 'is below min 200m'],
    ['ratio of containers', { type: 'Container', maxLimitRequestRatio: { memory: '2' } }, 'maxLimitRequestRatio 2'],
    ['max of pods', { type: 'Pod', max: { memory: '200Mi' } }, 'is above max 200Mi for a pod'],
    ['ratio of pods', { type: 'Pod', maxLimitRequestRatio: { memory: '4' } }, 'maxLimitRequestRatio 4 for a pod'],
  ])('a limit range that refuses the pod with the proxy, by its %s', (_how, limit, what) => {
    const objects = [...withPayments(SMALL), range(limit)];
    stops(objects, 'P20', PAYMENTS);
    expect(towardsLinkerd(objects).wave('payments').blockedBy[0]?.what).toContain(what);
  });

  test('but not a limit range that admits what the values and annotations state', () => {
    const wide = range({ type: 'Container', max: { memory: '256Mi' }, min: { memory: '20Mi' } });
    expect(towardsLinkerd([...withPayments(SMALL), wide]).wave('payments').state).toBe('ready');
    const told = annotated(workload('pay', 'payments', SMALL), { 'config.linkerd.io/proxy-memory-limit': '100Mi' });
    const objects = [
      ...shopWith('Deployment', 'payments', () => told),
      range({ type: 'Pod', max: { memory: '200Mi' } }),
    ];
    expect(towardsLinkerd(objects).wave('payments').state).toBe('ready');
  });

  test('a word that ended counts for nothing', () => {
    const choices = { ...NO_CHOICES, traps: [{ trap: 'P20', what: 'pay', ...WORD, expires: '2026-10-01' }] as const };
    expect(towardsLinkerd([...SHOP, QUOTA], { input: { choices } }).wave('payments').state).toBe('blocked');
  });
});

describe('an application that does not wait for its proxy', () => {
  const early = annotated(workload('shop', 'cart'), { 'config.linkerd.io/proxy-await': 'disabled' });
  const objects = shopWith('Deployment', 'cart', () => early);

  test('keeps the ports that it calls open, as rows of the register', () => {
    const trapped = towardsLinkerd(objects);
    expect(pageOf(trapped.wave('cart'))).toContain('shop/Deployment/cart does not wait for its proxy');
    expect(registered(trapped, 'payments')).toEqual(['payments mtls 8080']);
    expect(registered(trapped, 'cart')).toEqual([]);
    const server = { kind: KIND.linkerdServer, namespace: 'pay', name: 'payments-port-8080' };
    expect(trapped.end.get(server)?.spec).toMatchObject({ accessPolicy: 'all-unauthenticated' });
    expect(trapped.worse).toEqual([]);
  });

  test('keeps none open where somebody accepts it', () => {
    expect(registered(towardsLinkerd(objects, accepting('P30', 'shop')), 'payments')).toEqual([]);
  });
});

describe('a cluster-autoscaler', () => {
  const image = 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0';
  const scaler = [namespace('kube-system'), workload('kube-system', 'cluster-autoscaler', { container: { image } })];
  const SAFE = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
  const volumesOf = (objects: readonly JsonObject[]): string =>
    new RegExp(`"${SAFE}":"([^"]*)"`).exec(JSON.stringify(towardsLinkerd(objects).wave('cart').steps))?.[1] ?? 'none';

  test('is told with the proxy that its volumes keep no node', () => {
    expect(volumesOf([...SHOP, ...scaler])).toBe('linkerd-identity-end-entity,linkerd-proxy-init-xtables-lock');
    expect(volumesOf(SHOP)).toBe('none');
  });

  test('is told so beside what the template says already, and not where it says it of the whole pod', () => {
    const saying = (annotations: Readonly<Record<string, string>>): readonly JsonObject[] => [
      ...shopWith('Deployment', 'cart', () => annotated(workload('shop', 'cart'), annotations)),
      ...scaler,
    ];
    expect(volumesOf(saying({ [SAFE]: 'cache' }))).toBe(
      'cache,linkerd-identity-end-entity,linkerd-proxy-init-xtables-lock',
    );
    expect(volumesOf(saying({ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' }))).toBe('none');
  });
});

const ROUTE: JsonObject = { matches: [{ path: { type: 'PathPrefix', value: '/api' } }] };

describe('probes', () => {
  test('by HTTP need no exception, because they are exempt until a route attaches', () => {
    const probe = { readinessProbe: { httpGet: { port: 8080, path: '/healthz' } } };
    const trapped = towardsLinkerd(withPayments({ container: probe }));
    expect([...trapped.inTheWay, ...trapped.worse, ...trapped.register]).toEqual([]);
  });

  test('by gRPC keep their port open', () => {
    const trapped = towardsLinkerd(withPayments({ container: { readinessProbe: { grpc: { port: 8080 } } } }));
    expect(registered(trapped, 'payments')).toEqual(['payments mtls 8080']);
    expect(trapped.blockedBy('strict-pay')).toContain('payments port 8080 waits for kubelet: plaintext (probe)');
    expect(trapped.worse).toEqual([]);
  });

  test('of a port to whose Server a route of somebody else is attached are asked about before the wave', () => {
    const probe = { readinessProbe: { httpGet: { port: 8080, path: '/healthz' } } };
    const objects = [
      ...withPayments({ container: probe }),
      manifest('policy.linkerd.io/v1beta3 Server', 'pay/theirs', {
        podSelector: { matchLabels: { app: 'payments' } },
        port: 8080,
        accessPolicy: 'all-unauthenticated',
      }),
      manifest('policy.linkerd.io/v1beta3 HTTPRoute', 'pay/api', {
        parentRefs: [{ group: 'policy.linkerd.io', kind: 'Server', name: 'theirs' }],
        rules: [ROUTE],
      }),
    ];
    const trapped = towardsLinkerd(objects);
    expect(
      trapped
        .wave('payments')
        .entryGate.map(({ text }) => text)
        .join('\n'),
    ).toContain(
      'kubelet->pay/Deployment/payments:8080#probe#GET /healthz passes afterwards: no status says whether route api',
    );
    expect(registered(trapped, 'payments')).toContain('payments mtls 8080');
  });

  test('no plan attaches a route to a Server', () => {
    const kinds = towardsLinkerd(SHOP).plan.stages.flatMap(({ steps }) =>
      steps.map((step) => (step.step === 'apply' ? step.manifest.kind : step.step)),
    );
    expect(kinds).toContain('Server');
    expect(kinds.filter((kind) => kind.endsWith('Route'))).toEqual([]);
  });
});
