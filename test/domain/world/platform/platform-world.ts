import type { JsonObject } from '../../../../src/lib/json.ts';

/** What of a node is not as usual. */
export interface NodeOptions {
  readonly kubelet?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly providerId?: string;
  readonly osImage?: string;
  readonly os?: string;
  readonly arch?: string;
  readonly spec?: JsonObject;
  readonly allocatable?: JsonObject;
}

/** A Node as a kubelet registers it. */
export function nodeWith(name: string, options: NodeOptions = {}): JsonObject {
  const { labels = {}, annotations = {}, providerId } = options;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, annotations },
    spec: { ...(providerId === undefined ? {} : { providerID: providerId }), ...options.spec },
    status: {
      allocatable: options.allocatable ?? { cpu: '4', memory: '8Gi', pods: '110' },
      nodeInfo: {
        kubeletVersion: options.kubelet ?? 'v1.34.2',
        operatingSystem: options.os ?? 'linux',
        architecture: options.arch ?? 'amd64',
        osImage: options.osImage ?? 'Ubuntu 24.04.3 LTS',
        containerRuntimeVersion: 'containerd://2.1.4',
      },
    },
  };
}

/** A workload of one image in kube-system, or in another namespace where its name has one: `tools/cart`. */
export function controller(kind: string, path: string, image: string): JsonObject {
  const [name = '', namespace = 'kube-system'] = path.split('/').reverse();
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
    },
  };
}

/** A CustomResourceDefinition. */
export function definition(plural: string, group: string, options: JsonObject = {}): JsonObject {
  const { annotations = {}, kind = 'Thing', versions = [{ name: 'v1', served: true }] } = options;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations },
    spec: { group, names: { kind, plural }, versions },
  };
}

/** An object of any kind with a spec. */
export function object(apiVersion: string, kind: string, parts: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name: 'one', namespace: 'shop' }, ...parts };
}

/** A pod with requests by container, as `{ cpu: '100m' }`. */
export function podWith(name: string, spec: JsonObject, parts: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    spec,
    status: { phase: 'Running' },
    ...parts,
  };
}

/** A container with requests. */
export function asking(cpu: string, memory: string, more: JsonObject = {}): JsonObject {
  return { name: 'c', image: 'example.com/c:1', resources: { requests: { cpu, memory } }, ...more };
}
