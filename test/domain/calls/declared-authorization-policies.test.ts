import { describe, expect, it } from 'vitest';
import { declaredAuthorizationPolicies } from '../../../src/domain/calls/declared-authorization-policies.ts';
import { service, worldOf, workload } from './world-of.ts';

const PAY =
  workload('shop/Deployment/pay', 'ports: [{containerPort: 9000, name: web}, {containerPort: 9090}]') +
  service('shop/pay', '{port: 80, targetPort: web}');

function account(path: string, name: string): string {
  return workload(path, '', `serviceAccountName: ${name}`);
}

const CLIENTS =
  account('shop/Deployment/cart', 'buyer') + account('shop/CronJob/refund', 'buyer') + account('mon/Deployment/p', 'p');

function policy(spec: string, meta = '{name: p, namespace: shop}'): string {
  return `---\n{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: ${meta}, spec: ${spec}}\n`;
}

function allow(rule: string): string {
  return policy(`{selector: {matchLabels: {app: pay}}, rules: [${rule}]}`);
}

function found(yaml: string): { readonly ids: readonly string[]; readonly unresolved: readonly string[] } {
  const { calls, unresolved } = declaredAuthorizationPolicies(worldOf(PAY + CLIENTS + yaml));
  return { ids: calls.map(({ id }) => id), unresolved: unresolved.map(({ reason }) => reason) };
}

describe('ALLOW rules of AuthorizationPolicies', () => {
  const buyer = 'from: [{source: {principals: [cluster.local/ns/shop/sa/buyer]}}]';

  it('admit every workload that runs under the account of a principal, at the Services before the port', () => {
    expect(found(allow(`{${buyer}}`))).toEqual({
      ids: ['shop/CronJob/refund->shop/Service/pay:80', 'shop/Deployment/cart->shop/Service/pay:80'],
      unresolved: [],
    });
  });

  it('say in the evidence that they only admit', () => {
    const [call] = declaredAuthorizationPolicies(worldOf(PAY + CLIENTS + allow(`{${buyer}}`))).calls;
    expect(call?.evidence).toEqual([
      {
        kind: 'declared',
        source: 'AuthorizationPolicy shop/p',
        detail: 'admitted by rule 1: principal cluster.local/ns/shop/sa/buyer',
      },
    ]);
  });

  it('are about the ports that they name, and about the requests where those are few', () => {
    const port =
      '{from: [{source: {namespaces: [mon]}}], to: [{operation: {ports: ["9090"], methods: [GET], paths: [/m]}}]}';
    expect(found(allow(port)).ids).toEqual(['mon/Deployment/p->shop/Deployment/pay:9090#GET /m']);
    const not = '{from: [{source: {namespaces: [mon]}}], to: [{operation: {notPorts: ["9000"]}}]}';
    expect(found(allow(not)).ids).toEqual([]);
    const paths = '{from: [{source: {namespaces: [mon]}}], to: [{operation: {paths: [/api/*]}}]}';
    expect(found(allow(paths)).ids).toEqual(['mon/Deployment/p->shop/Service/pay:80']);
  });

  it.each([
    ['serviceAccounts: [buyer]', ['refund', 'cart']],
    ['serviceAccounts: [mon/p]', ['p']],
    ['namespaces: [shop], notPrincipals: ["*/sa/buyer"]', []],
    ['principals: ["*/ns/mon/sa/p"]', ['p']],
    ['principals: ["cluster.local/ns/mon/*"]', ['p']],
    ['namespaces: ["m*"]', ['p']],
    ['principals: [cluster.local/ns/shop/sa/buyer], namespaces: [mon]', []],
  ])('with source %s admit %j', (source, names) => {
    const { ids } = found(allow(`{from: [{source: {${source}}}]}`));
    expect(ids.map((id) => id.replace(/->.*/, '').replace(/.*\//, ''))).toEqual(names);
  });

  it('read conditions on the source as sources', () => {
    expect(found(allow('{when: [{key: source.namespace, values: [mon]}]}')).ids).toEqual([
      'mon/Deployment/p->shop/Service/pay:80',
    ]);
  });

  it('name addresses as callers that nobody knows', () => {
    const { ids, unresolved } = found(allow('{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}'));
    expect(ids).toEqual(['unknown[addresses 10.0.0.0/8]->shop/Service/pay:80']);
    expect(unresolved).toEqual(['rule 1 admits addresses 10.0.0.0/8; who that is cannot be told from here']);
  });

  it.each([
    ['{}', 'rule 1 admits anybody, which tells of no caller'],
    ['{to: [{operation: {ports: ["9000"]}}]}', 'rule 1 admits anybody, which tells of no caller'],
    ['{from: [{source: {principals: ["*"]}}]}', 'rule 1 admits anybody with a principal, which tells of no caller'],
    [
      '{from: [{source: {requestPrincipals: [a/b]}}]}',
      'rule 1 admits anybody whose request.auth.principal is as it says, which tells of no caller',
    ],
    [
      '{from: [{source: {principals: [cluster.local/ns/x/sa/y]}}]}',
      'rule 1 admits principal cluster.local/ns/x/sa/y, which no workload here has',
    ],
    ['{when: [{key: nonsense, values: [a]}]}', 'rule 1 cannot be read: when has the unknown key "nonsense"'],
  ])('of %s tell of no call and say why', (rule, reason) => {
    expect(found(allow(rule))).toEqual({ ids: [], unresolved: [reason] });
  });

  it('of other actions tell of no call', () => {
    const deny = `{action: DENY, selector: {matchLabels: {app: pay}}, rules: [{${buyer}}]}`;
    expect(found(policy(deny))).toEqual({ ids: [], unresolved: [] });
  });

  it('reach all namespaces from the root namespace, and the Services that they target', () => {
    const root = policy('{rules: [{from: [{source: {namespaces: [mon]}}]}]}', '{name: p, namespace: istio-system}');
    expect(found(root).ids).toContain('mon/Deployment/p->shop/Service/pay:80');
    const target =
      '{targetRefs: [{kind: Service, group: "", name: pay}], rules: [{from: [{source: {namespaces: [mon]}}]}]}';
    expect(found(policy(target)).ids).toEqual(['mon/Deployment/p->shop/Service/pay:80']);
  });

  it('stand a class for its members where those are many', () => {
    const many = Array.from({ length: 21 }, (_, index) => workload(`big/Deployment/w${String(index)}`)).join('');
    const { ids, unresolved } = found(many + allow('{from: [{source: {namespaces: [big]}}]}'));
    expect(ids).toEqual(['unknown[namespace big]->shop/Service/pay:80']);
    expect(unresolved).toEqual(['rule 1 admits namespace big: 21 workloads, not told apart']);
  });

  it('stand a class for its members where the ports are many', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      workload(`shop/Deployment/s${String(index)}`, 'ports: [{containerPort: 1}]'),
    ).join('');
    const callers = Array.from({ length: 10 }, (_, index) => workload(`big/Deployment/c${String(index)}`)).join('');
    const { ids, unresolved } = found(many + callers + policy('{rules: [{from: [{source: {namespaces: [big]}}]}]}'));
    expect(ids).toHaveLength(301);
    expect(new Set(ids.map((id) => id.replace(/->.*/, '')))).toEqual(new Set(['unknown[namespace big]']));
    expect(unresolved).toEqual(['rule 1 admits namespace big: 10 workloads, not told apart']);
  });

  it('say where they are for no workload', () => {
    expect(found(policy(`{selector: {matchLabels: {app: lost}}, rules: [{${buyer}}]}`)).unresolved).toEqual([
      'it is for no workload here',
    ]);
  });
});
