import { expect, it } from 'vitest';
import { trafficResult, type TrafficClass } from '../../../../../src/domain/mesh/istio/mtls/traffic-class.ts';

const broken = (traffic: TrafficClass) =>
  (['DISABLE', 'PERMISSIVE', 'STRICT'] as const).filter((mode) => trafficResult(mode, traffic).result === 'broken');

it.each<[TrafficClass, string[]]>([
  ['sidecar-auto', []],
  ['ingress-gateway', []],
  ['ztunnel-to-new-sidecar', []],
  ['no-sidecar', ['STRICT']],
  ['nodeport', ['STRICT']],
  ['job-without-sidecar', ['STRICT']],
  ['init-container', ['STRICT']],
  ['probe-direct', ['STRICT']],
  ['apiserver-webhook-https', ['STRICT']],
  ['apiserver-webhook-http', ['DISABLE', 'PERMISSIVE', 'STRICT']],
  ['server-first-plaintext', ['PERMISSIVE', 'STRICT']],
])('traffic of class %s breaks in modes %j', (traffic, modes) => {
  expect(broken(traffic)).toEqual(modes);
});
