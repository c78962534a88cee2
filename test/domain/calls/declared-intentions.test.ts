import { describe, expect, it } from 'vitest';
import { declaredIntentions } from '../../../src/domain/calls/declared-intentions.ts';
import { service, worldOf, workload } from './world-of.ts';

const SHOP =
  workload('shop/Deployment/pay', 'ports: [{containerPort: 9000}]') +
  service('shop/pay', '{port: 80, targetPort: 9000}') +
  workload('shop/Deployment/cart') +
  workload('shop/Deployment/web').replace(
    'metadata: {labels',
    'metadata: {annotations: {consul.hashicorp.com/connect-service: front}, labels',
  );

function found(sources: string, destination = 'pay') {
  const intentions = `---\n{apiVersion: consul.hashicorp.com/v1alpha1, kind: ServiceIntentions, metadata: {name: i, namespace: ops}, spec: {destination: {name: "${destination}"}, sources: [${sources}]}}\n`;
  const { calls, unresolved } = declaredIntentions(worldOf(SHOP + intentions));
  return { ids: calls.map(({ id }) => id), unresolved: unresolved.map(({ reason }) => reason) };
}

describe('ServiceIntentions', () => {
  it('are calls between the workloads that bear the names in Consul', () => {
    expect(found('{name: cart, action: allow}, {name: front, action: allow}')).toEqual({
      ids: ['shop/Deployment/cart->shop/Service/pay:80', 'shop/Deployment/web->shop/Service/pay:80'],
      unresolved: [],
    });
  });

  it('that allow some requests are calls too, and those that deny are none', () => {
    expect(found('{name: cart, permissions: [{action: allow, http: {pathPrefix: /}}]}').ids).toHaveLength(1);
    expect(found('{name: cart, action: deny}')).toEqual({ ids: [], unresolved: [] });
  });

  it('for everybody tell of no caller', () => {
    expect(found('{name: "*", action: allow}')).toEqual({
      ids: [],
      unresolved: ['it admits every service, which tells of no caller'],
    });
    expect(found('{name: cart, action: allow}', '*').ids).toEqual([]);
  });

  it('name services of peers as callers that nobody knows, and what is not there in unresolved', () => {
    expect(found('{name: cart, peer: east, action: allow}').ids).toEqual([
      'unknown[service cart of another cluster]->shop/Service/pay:80',
    ]);
    expect(found('{name: lost, action: allow}').unresolved).toEqual([
      'destination pay admits service lost, which no workload here has',
    ]);
    expect(found('{name: cart, action: allow}', 'lost').unresolved).toEqual([
      'no workload here is service lost in Consul',
    ]);
  });
});
