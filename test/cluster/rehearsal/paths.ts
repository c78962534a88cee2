import type { Kind, ObjectRef } from '../../../src/domain/kubernetes/object.ts';
import { kindOf } from '../../../src/domain/kubernetes/object.ts';
import { pathOf, type Kube, type KubeResource } from '../support/kube.ts';

/** The paths of a cluster's resources. */
export interface Paths {
  /** Throws for what the server does not serve. */
  resource(apiVersion: string, kind: string): KubeResource;
  /** The same by the kind as references have it: `apps/Deployment`. */
  ofKind(kind: Kind): KubeResource;
}

/** Asks the server once what it serves. */
export async function readPaths(kube: Kube): Promise<Paths> {
  const all = await kube.resources();
  const byKind = new Map(all.map((resource) => [kindOf(resource), resource]));
  return {
    resource: (apiVersion, kind) => {
      const found = byKind.get(kindOf({ apiVersion, kind }));
      if (found === undefined) throw new Error(`the server does not serve ${apiVersion} ${kind}`);
      return { ...found, apiVersion };
    },
    ofKind: (kind) => {
      const found = byKind.get(kind);
      if (found === undefined) throw new Error(`the server does not serve ${kind}`);
      return found;
    },
  };
}

/** The path of one object. */
export function pathOfRef(paths: Paths, { kind, namespace, name }: ObjectRef): string {
  return pathOf(paths.ofKind(kind), namespace, name);
}
