import { keyOf, kindOf, type ObjectRef } from '../../domain/kubernetes/object.ts';
import type { Manifest, Step } from '../../domain/world/step.ts';
import { compareBy, compareText } from '../../lib/order.ts';
import type { BundleTools, Files } from './bundle-tools.ts';
import { createNameGiver, objectStem, type NameGiver } from './names.ts';

/** How the files of one folder are made. */
export interface FolderOptions {
  readonly tools: BundleTools;
  /** Stands above every object. */
  readonly comment: string;
  readonly nameOf?: NameGiver;
}

/** The reference of the object that a manifest describes. */
export function refOfManifest(manifest: Manifest): ObjectRef {
  const { name, namespace } = manifest.metadata;
  return { kind: kindOf(manifest), ...(namespace === undefined ? {} : { namespace }), name };
}

/** The manifests that a list of steps applies, sorted by what they name. */
export function appliedManifests(steps: readonly Step[]): readonly Manifest[] {
  return steps
    .flatMap((step) => (step.step === 'apply' ? [step.manifest] : []))
    .sort(compareBy((manifest) => keyOf(refOfManifest(manifest))));
}

/** One file an object; two manifests for one object in one folder are a mistake of the plan. */
export function manifestFiles(manifests: readonly Manifest[], options: FolderOptions): Files {
  const keys = manifests.map((manifest) => keyOf(refOfManifest(manifest)));
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw new Error(`a folder of the rollout bundle would hold ${twice} twice`);
  const several = new Set(manifests.map((manifest) => manifest.metadata.namespace)).size > 1;
  const nameOf = options.nameOf ?? createNameGiver();
  return new Map(
    manifests.map((manifest) => [
      nameOf(objectStem(manifest, several), '.yaml'),
      options.tools.writeYaml(manifest, options.comment),
    ]),
  );
}

/** The object files with the kustomization that names them; nothing at all where there are none. */
export function kustomizedFiles(manifests: readonly Manifest[], options: FolderOptions): Files {
  if (manifests.length === 0) return new Map();
  const objects = manifestFiles(manifests, options);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...objects.keys()].sort(compareText),
  };
  return new Map([...objects, ['kustomization.yaml', options.tools.writeYamlValue(kustomization, options.comment)]]);
}
