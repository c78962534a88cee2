import { load, loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { inferredHosts } from '../../../src/domain/calls/inferred-hosts.ts';
import { asObjects } from '../../../src/lib/json.ts';
import { admit } from '../../../src/domain/world/admit.ts';
import { service, worldOf, workload } from './world-of.ts';

const PAY = workload('shop/Deployment/pay', 'ports: [{containerPort: 80}]') + service('shop/pay', '{port: 80}');
const MAP = '---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: urls, namespace: shop}, data: DATA}\n';
const TO_PAY = 'shop/Deployment/cart->shop/Service/pay:80';

function ids(container: string, pod = '', more = ''): readonly string[] {
  return inferredHosts(worldOf(PAY + workload('shop/Deployment/cart', container, pod) + more)).calls.map(
    ({ id }) => id,
  );
}

describe('hosts in the configuration of a container', () => {
  it.each([
    ['an environment variable', 'env: [{name: PAY_URL, value: "http://pay:80/x"}]'],
    ['an argument', 'args: ["--pay=http://pay.shop"]'],
    ['arguments apart', 'args: [serve, --pay-addr, "pay:80"]'],
    ['a command', 'command: [sh, -c, "curl http://pay.shop.svc/ready"]'],
  ])('are found in %s', (_, container) => {
    expect(ids(container)).toEqual([TO_PAY]);
  });

  it.each([
    ['envFrom', 'envFrom: [{configMapRef: {name: urls}}]', ''],
    ['valueFrom', 'env: [{name: X, valueFrom: {configMapKeyRef: {name: urls, key: PAY_URL}}}]', ''],
    ['a volume', 'volumeMounts: [{name: v, mountPath: /etc/app}]', 'volumes: [{name: v, configMap: {name: urls}}]'],
    [
      'a projected volume',
      'volumeMounts: [{name: v, mountPath: /etc/app}]',
      'volumes: [{name: v, projected: {sources: [{configMap: {name: urls}}]}}]',
    ],
  ])('are found in a ConfigMap that is used by %s', (_, container, pod) => {
    const map = MAP.replace('DATA', '{PAY_URL: "http://pay.shop/x"}');
    expect(ids(container, pod, map)).toEqual([TO_PAY]);
  });

  it('are not taken from a ConfigMap that no container uses, from another key, or from a volume that none mounts', () => {
    const map = MAP.replace('DATA', '{PAY_URL: "http://pay.shop/x", OTHER: a}');
    expect(ids('', '', map)).toEqual([]);
    expect(ids('env: [{name: X, valueFrom: {configMapKeyRef: {name: urls, key: OTHER}}}]', '', map)).toEqual([]);
    expect(ids('', 'volumes: [{name: v, configMap: {name: urls}}]', map)).toEqual([]);
  });

  it('say once that ConfigMaps were not read, however many', () => {
    const use = 'envFrom: [{configMapRef: {name: urls}}, {configMapRef: {name: more}}]';
    const yaml = workload('shop/Deployment/cart', use) + workload('shop/Deployment/web', use);
    expect(inferredHosts(worldOf(yaml))).toEqual({
      calls: [],
      unresolved: [
        {
          source: 'ConfigMaps',
          reason: '2 ConfigMaps of 2 workloads were not read, so hosts that stand there are not known',
        },
      ],
    });
  });

  it('of a CronJob say when it runs', () => {
    const job = workload('shop/CronJob/report', 'env: [{name: PAY_URL, value: "http://pay"}]');
    const [call] = inferredHosts(worldOf(PAY + job)).calls;
    expect([call?.id, call?.phase]).toEqual(['shop/CronJob/report->shop/Service/pay:80', 'run']);
    expect(call?.evidence.map(({ detail }) => detail)).toEqual(['names pay; runs on schedule 0 3 * * 0']);
  });
});

describe('who a URL logs in as', () => {
  const planted = 'hunter2';
  const yaml =
    PAY +
    MAP.replace('DATA', `{PAY_URL: "http://user:${planted}@pay:80/x", DSN: "mysql://root:${planted}@pay/db"}`) +
    workload(
      'shop/Deployment/cart',
      `envFrom: [{configMapRef: {name: urls}}], env: [{name: PAY_URL, value: "http://user:${planted}@pay:80"}], args: ["--pay=http://u:${planted}@pay"], command: ["x", "amqp://${planted}@pay"]`,
    );

  it('is kept nowhere, while the host is', () => {
    const graph = inferredHosts(worldOf(yaml));
    expect(new Set(graph.calls.map(({ id }) => id))).toEqual(new Set([TO_PAY]));
    expect(JSON.stringify(graph)).not.toContain(planted);
    const admitted = asObjects(loadAll(yaml)).map((raw) => admit(raw, { from: 'read' }, (text) => load(text)));
    expect(JSON.stringify(admitted)).not.toContain(planted);
  });
});
