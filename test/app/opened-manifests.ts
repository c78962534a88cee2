import { openWorld, type OpenedWorld } from '../../src/app/open-world.ts';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { known, unknown } from '../../src/domain/world/fact.ts';

/** A Deployment and a Service of type LoadBalancer before it, of the same name. */
export function exposed(namespace: string, name: string): readonly KubeObject[] {
  const labels = { app: name };
  const metadata = { name, namespace, labels, annotations: {}, ownerReferences: [] };
  const origin = { from: 'read' } as const;
  const containers = [{ name, image: `shop/${name}`, ports: [{ containerPort: 8080 }] }];
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      origin,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      origin,
      spec: { type: 'LoadBalancer', selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
  ];
}

/** The world of these objects, as if they were read from manifests. */
export function openedManifests(objects: readonly KubeObject[]): Promise<OpenedWorld> {
  return openWorld({
    world: {
      read: () =>
        Promise.resolve({
          objects,
          basis: 'declared',
          coverage: [],
          setAside: [],
          gaps: [],
          warnings: [],
          asOf: known('2026-11-16T09:00:00Z'),
          kubernetesVersion: unknown('the files do not say it'),
          cluster: 'manifests',
        }),
    },
    overlays: [],
    calls: { read: () => [] },
    at: undefined,
    save: undefined,
  });
}
