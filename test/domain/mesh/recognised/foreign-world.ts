import { MESHES } from '../../../../src/domain/mesh/registry.ts';
import type { Detection, Mesh } from '../../../../src/domain/mesh/mesh.ts';
import type { Cohort, Workload } from '../../../../src/domain/world/workload.ts';
import { findWorkload } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, workload } from '../../../support/build-world.ts';

/** The registered mesh of that id. */
export function meshOf(id: Detection['mesh']): Mesh {
  const found = MESHES.find((mesh) => mesh.id === id);
  if (found === undefined) throw new Error(`${id} is not registered`);
  return found;
}

/** In what state the mesh is in the world. */
export function stateOf(id: Detection['mesh'], world: World): Detection['state'] {
  return meshOf(id).detect(world).state;
}

/** A CustomResourceDefinition. */
export function definition(plural: string, group: string, kind: string): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, names: { plural, kind } },
  };
}

/** A webhook for new pods; without selectors it is called for all of them. */
export function podWebhook(configuration: string, name: string, more: JsonObject = {}): JsonObject {
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: configuration },
    webhooks: [{ name, rules, clientConfig: { service: { name: 'injector', namespace: 'mesh' } }, ...more }],
  };
}

/** A workload whose pods, template included, have these containers beside `app`, init containers and marks. */
export function carrying(
  name: string,
  parts: {
    readonly containers?: readonly JsonObject[];
    readonly init?: readonly JsonObject[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  },
): JsonObject {
  const base = workload('shop', name);
  const spec = base['spec'] as { template: { metadata: JsonObject; spec: JsonObject } };
  const app = { name: 'app', image: 'example.com/app:1', ports: [{ containerPort: 8080 }] };
  return {
    ...base,
    spec: {
      ...spec,
      template: {
        metadata: { labels: { app: name, ...parts.labels }, annotations: parts.annotations ?? {} },
        spec: {
          serviceAccountName: name,
          containers: [app, ...(parts.containers ?? [])],
          initContainers: parts.init ?? [],
        },
      },
    },
  };
}

/** A Deployment, ready in a live world, that runs one image. */
export function controller(namespaceName: string, name: string, container: JsonObject): JsonObject {
  const status = { replicas: 1, readyReplicas: 1 };
  return { ...workload(namespaceName, name, { container }), status };
}

/** The workload of that name in the namespace `shop`. */
export function inShop(world: World, name: string): Workload {
  const found = findWorkload(world, { namespace: 'shop', kind: 'Deployment', name });
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** The first cohort of live pods of the workload. */
export function liveOf(found: Workload): Cohort {
  const [first] = found.live.known ? found.live.value : [];
  if (first === undefined) throw new Error(`${found.name} has no live pods`);
  return first;
}

export const SHOP = namespace('shop');
export const CONSUL_FLAGS = (defaultInject: boolean): JsonObject => ({
  name: 'sidecar-injector',
  image: 'hashicorp/consul-k8s-control-plane:2.0.3',
  command: [
    '/bin/sh',
    '-ec',
    `exec consul-k8s-control-plane inject-connect \\\n  -default-inject=${String(defaultInject)} \\\n  -token=hunter2 \\\n  -default-enable-transparent-proxy=true \\\n  -allow-k8s-namespace="*" \\\n`,
  ],
});
export const CONSUL_WEBHOOK = podWebhook('consul-connect-injector', 'consul-connect-injector.consul.hashicorp.com');
export const CONSUL_SERVER: JsonObject = {
  ...workload('consul', 'consul-server', { kind: 'StatefulSet', labels: { app: 'consul', component: 'server' } }),
  status: { replicas: 1, readyReplicas: 1 },
};
/** Consul's injector and servers, and the webhook. */
export function consulInstalled(defaultInject = false): readonly JsonObject[] {
  return [
    namespace('consul'),
    controller('consul', 'consul-connect-injector', CONSUL_FLAGS(defaultInject)),
    CONSUL_SERVER,
    CONSUL_WEBHOOK,
  ];
}
export const DATAPLANE = { name: 'consul-dataplane', image: 'hashicorp/consul-dataplane:2.0.1' };
export const INJECTED = 'consul.hashicorp.com/connect-inject-status';
export const APP_MESH_ENVOY = {
  name: 'envoy',
  image: '840364872350.dkr.ecr.eu-west-1.amazonaws.com/aws-appmesh-envoy:v1.34.13.3-prod',
};
export const APP_MESH_CONTROLLER = controller('appmesh-system', 'appmesh-controller', {
  name: 'controller',
  image: 'x/amazon/appmesh-controller:v1.13.3',
});
