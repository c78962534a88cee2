import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { worldOf, workload } from './world-of.ts';

function graphOf(lifecycle: string): { readonly ids: readonly string[]; readonly unresolved: readonly string[] } {
  const yaml = workload('shop/Deployment/pay', `ports: [{containerPort: 9000, name: web}], lifecycle: ${lifecycle}`);
  const { calls, unresolved } = buildCallGraph(worldOf(yaml), []);
  return { ids: calls.map(({ id }) => id), unresolved: unresolved.map(({ reason }) => reason) };
}

describe('lifecycle hooks', () => {
  it('are calls of the kubelet when a container starts or stops', () => {
    const { ids } = graphOf('{postStart: {httpGet: {path: /up, port: web}}, preStop: {tcpSocket: {port: 9001}}}');
    expect(ids).toEqual(['kubelet->shop/Deployment/pay:9000#start#GET /up', 'kubelet->shop/Deployment/pay:9001#stop']);
  });

  it('are no calls where they run a command, ask another host, or were rewritten to the agent', () => {
    expect(graphOf('{postStart: {exec: {command: [a]}}}').ids).toEqual([]);
    expect(graphOf('{preStop: {httpGet: {host: a.example, port: 80}}}').ids).toEqual([]);
    expect(graphOf('{preStop: {httpGet: {path: /app-lifecycle/app/prestopz, port: 15020}}}').ids).toEqual([]);
  });

  it('of a port that the container does not name are named as not understood', () => {
    const { ids, unresolved } = graphOf('{preStop: {httpGet: {port: nosuch}}}');
    expect(ids).toEqual([]);
    expect(unresolved).toEqual(['shop/Deployment/pay has no container port of that name']);
  });
});
