import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resourceOf } from '../../../src/domain/kubernetes/plurals.ts';

const DEFINITIONS = join(process.env['MESHWISE_CORPUS'] ?? 'no-corpus', 'crds');

describe('resourceOf', () => {
  it.each([
    ['Pod', 'pods'],
    ['Endpoints', 'endpoints'],
    ['apps/ReplicaSet', 'replicasets'],
    ['networking.k8s.io/IngressClass', 'ingressclasses'],
    ['networking.k8s.io/Ingress', 'ingresses'],
    ['networking.k8s.io/NetworkPolicy', 'networkpolicies'],
    ['discovery.k8s.io/EndpointSlice', 'endpointslices'],
    ['apiregistration.k8s.io/APIService', 'apiservices'],
    ['gateway.networking.k8s.io/Gateway', 'gateways'],
    ['gateway.networking.k8s.io/GatewayClass', 'gatewayclasses'],
    ['networking.istio.io/ServiceEntry', 'serviceentries'],
    ['networking.istio.io/ProxyConfig', 'proxyconfigs'],
    ['telemetry.istio.io/Telemetry', 'telemetries'],
    ['policy.linkerd.io/MeshTLSAuthentication', 'meshtlsauthentications'],
    ['policy.linkerd.io/HTTPLocalRateLimitPolicy', 'httplocalratelimitpolicies'],
    ['consul.hashicorp.com/ServiceIntentions', 'serviceintentions'],
    ['appmesh.k8s.aws/Mesh', 'meshes'],
    ['flagger.app/Canary', 'canaries'],
  ])('%s is listed as %s', (kind, plural) => {
    expect(resourceOf(kind)).toBe(plural);
  });

  it.skipIf(!existsSync(DEFINITIONS))('agrees with the definitions of the corpus', () => {
    const files = readdirSync(DEFINITIONS, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.ya?ml$/.test(file),
    );
    const texts = files.flatMap((file) => readFileSync(join(DEFINITIONS, file), 'utf8').split(/^---/m));
    const named = texts.flatMap((text) => {
      const [kind, plural] = [/^ {4}kind: (\S+)/m.exec(text)?.[1], /^ {4}plural: (\S+)/m.exec(text)?.[1]];
      return kind === undefined || plural === undefined ? [] : [[kind, plural] as const];
    });
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter(([kind, plural]) => resourceOf(kind) !== plural)).toEqual([]);
  });
});
