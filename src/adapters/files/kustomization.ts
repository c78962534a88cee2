import { asObject, asTexts } from '../../lib/json.ts';
import { parseYaml } from '../yaml/read.ts';

/** What a kustomization takes in, and what only building it would give. */
export interface Kustomization {
  /** Files and folders beside it. */
  readonly resources: readonly string[];
  readonly remote: readonly string[];
  /** Fields that change or make objects: patches, generators, components and the like. */
  readonly unbuilt: readonly string[];
}

const CHANGING = [
  'components',
  'configMapGenerator',
  'generators',
  'helmCharts',
  'helmChartInflationGenerator',
  'images',
  'labels',
  'commonLabels',
  'namePrefix',
  'nameSuffix',
  'namespace',
  'patches',
  'patchesJson6902',
  'patchesStrategicMerge',
  'replacements',
  'replicas',
  'secretGenerator',
  'transformers',
];
const REMOTE = /^[a-z][a-z0-9+.-]*:\/\/|^git@|^[\w.-]+\.[a-z]{2,}\/|[?]ref=/;

/** Reads a kustomization; one that is no YAML mapping takes in nothing and says so in `unbuilt`. */
export function readKustomization(text: string): Kustomization {
  const fields = mappingIn(text);
  if (fields === undefined) return { resources: [], remote: [], unbuilt: ['not readable'] };
  const all = [...asTexts(fields['resources']), ...asTexts(fields['bases'])];
  return {
    resources: all.filter((resource) => !REMOTE.test(resource)),
    remote: all.filter((resource) => REMOTE.test(resource)),
    unbuilt: CHANGING.filter((field) => fields[field] !== undefined && fields[field] !== null),
  };
}

function mappingIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(parseYaml(text));
  } catch {
    return undefined;
  }
}
