import { describe, expect, it } from 'vitest';
import { serverPortsOf } from '../../../src/domain/world/server-ports.ts';
import { workloadsIn } from '../../../src/domain/world/workloads-of.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { completeWorld, object } from '../../cases-runner/case-world.ts';

function portsOf(spec: JsonObject): readonly number[] {
  const world = completeWorld([object('v1', 'Pod', { name: 'app', namespace: 'shop', spec })]);
  return workloadsIn(world, 'shop').flatMap((workload) => serverPortsOf(workload, world));
}

const APP = { name: 'app', image: 'app:1', ports: [{ containerPort: 8080 }] };
const proxy = (name: string, image = 'proxy:1'): JsonObject => ({ name, image, ports: [{ containerPort: 4143 }] });

describe('the ports of a workload', () => {
  it.each(['istio-proxy', 'linkerd-proxy', 'consul-dataplane', 'consul-dataplane-web', 'kuma-sidecar'])(
    'are not those of %s beside it',
    (name) => {
      expect(portsOf({ containers: [APP, proxy(name)] })).toEqual([8080]);
    },
  );

  it('are not those of an Envoy that App Mesh or OSM put beside it', () => {
    const appMesh = proxy('envoy', '840364872350.dkr.ecr.eu-west-1.amazonaws.com/aws-appmesh-envoy:v1.29.12.1-prod');
    expect(portsOf({ containers: [APP, appMesh] })).toEqual([8080]);
    expect(portsOf({ containers: [APP, proxy('envoy')], initContainers: [{ name: 'osm-init' }] })).toEqual([8080]);
  });

  it('are those of an Envoy of its own, and of a gateway that is nothing else', () => {
    expect(portsOf({ containers: [APP, proxy('envoy', 'envoyproxy/envoy:v1.33')] })).toEqual([4143, 8080]);
    expect(portsOf({ containers: [proxy('envoy', 'public.ecr.aws/appmesh/aws-appmesh-envoy:v1')] })).toEqual([4143]);
  });
});
