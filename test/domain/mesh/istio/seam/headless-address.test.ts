import { describe, expect, test } from 'vitest';
import type { Call } from '../../../../../src/domain/calls/call.ts';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import { service } from '../../../../cases-runner/case-world.ts';
import { fateIn, istioObject, STRICT, type Scene } from './scene.ts';

const AT_ADDRESS: Partial<Call> = {
  to: { kind: 'pod-port', workload: { namespace: 'shop', kind: 'Pod', name: 'server' }, port: 5432 },
  protocol: 'postgres',
};

function headless(name: string, more: Record<string, unknown> = {}): NonNullable<Scene['more']>[number] {
  const ports = [{ port: 5432, targetPort: 5432, name: 'tcp-db' }];
  return service('shop', name, { clusterIP: 'None', selector: { app: 'server' }, ports, ...more });
}

/** https://github.com/istio/istio pilot/pkg/networking/core/listener.go, buildSidecarOutboundListeners. */
describe("a call to a pod's own address", () => {
  test('is plaintext where no headless Service gives proxies a listener there', () => {
    expect(fateIn({ call: AT_ADDRESS })).toMatchObject({ verdict: 'ok', wire: 'plaintext' });
    expect(fateIn({ call: AT_ADDRESS, more: [STRICT] })).toMatchObject({ verdict: 'breaks' });
  });

  test('is mutual TLS where a headless Service has the port', () => {
    expect(fateIn({ call: AT_ADDRESS, more: [STRICT, headless('db')] })).toMatchObject({ verdict: 'ok', wire: 'mtls' });
  });

  test('follows the DestinationRule of that Service', () => {
    const tls = istioObject('networking/DestinationRule', {
      host: 'db.shop.svc.cluster.local',
      trafficPolicy: { tls: { mode: 'SIMPLE' } },
    });
    expect(fateIn({ call: AT_ADDRESS, more: [headless('db'), tls] })).toMatchObject({
      verdict: 'unknown',
      wire: 'tls',
    });
  });

  test.each([
    ['an HTTP port', { ports: [{ port: 5432, targetPort: 5432, name: 'http' }] }],
    ['another port', { ports: [{ port: 5433, targetPort: 5432, name: 'tcp-db' }] }],
    ['other pods', { selector: { app: 'other' } }],
  ])('is plaintext where the headless Service has %s', (_what, more) => {
    expect(fateIn({ call: AT_ADDRESS, more: [headless('db', more)] })).toMatchObject({ wire: 'plaintext' });
  });

  test.each<[string, Scene]>([
    ['two headless Services have the port', { more: [headless('db'), headless('db-too')] }],
    ['a headless Service without selector has it', { more: [headless('db', { selector: undefined })] }],
    ['Services were not read', { coverage: [{ kind: KIND.service, state: 'forbidden', objects: 0 }] }],
  ])('is not known where %s', (_why, scene) => {
    expect(fateIn({ call: AT_ADDRESS, ...scene })).toMatchObject({ verdict: 'unknown', wire: 'unknown' });
  });

  test('is plaintext where the Service is hidden from the client', () => {
    const scope = istioObject('networking/Sidecar', { egress: [{ hosts: ['other/*'] }] });
    expect(fateIn({ call: AT_ADDRESS, more: [headless('db'), scope] })).toMatchObject({ wire: 'plaintext' });
  });
});
