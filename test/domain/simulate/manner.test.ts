import { expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import { serversOf } from '../../../src/domain/calls/resolve-target.ts';
import { mannerOf } from '../../../src/domain/simulate/manner.ts';
import { completeWorld, pod, service } from '../../cases-runner/case-world.ts';

test('the manner of a call tells HTTP/2 from HTTP, and is one for calls that are alike', () => {
  const world = completeWorld([
    pod({ namespace: 'shop', name: 'server', labels: { app: 'server' }, sidecar: false }),
    service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] }),
  ]);
  const to = { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 } as const;
  const [server] = serversOf({ to }, world).servers;
  if (server === undefined) throw new Error('nobody answers');
  const mannerIn = (protocol: string) => {
    const from: Call['from'] = { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } };
    return mannerOf({ id: protocol, from, to, phase: 'run', protocol, evidence: [] }, server, world);
  };
  expect([mannerIn('http').http2, mannerIn('grpc').http2, mannerIn('h2c').http2]).toEqual([false, true, true]);
  expect(mannerIn('grpc')).toBe(mannerIn('h2c'));
  expect(mannerIn('http')).not.toBe(mannerIn('grpc'));
});
