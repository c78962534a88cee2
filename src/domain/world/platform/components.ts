import { compareBy, compareText, sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { keyOf, refOf } from '../../kubernetes/object.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../evidence.ts';
import { known, unknown, type Fact } from '../fact.ts';
import { formatWorkload, workloadRef, type Workload, type WorkloadRef } from '../workload.ts';
import { workloadsOf } from '../workloads-of.ts';
import type { World } from '../world.ts';
import { COMPONENTS, type ComponentRole, type ComponentSigns } from './component-catalogue.ts';
import { shownBy, whyNotAll } from './found.ts';
import { imageRepository, imageVersion } from './image-reference.ts';

/** `definitions-only`: its kinds are defined and no controller of it runs in the cluster. */
export type ComponentState = 'installed' | 'definitions-only' | 'absent';

/** A component that was looked for, found or not. */
export interface Component {
  readonly component: string;
  readonly role: ComponentRole;
  readonly state: Fact<ComponentState>;
  /** By the tags of its controllers' images. */
  readonly version: Fact<string>;
  /** Those that run a controller of it, so far as they were read. */
  readonly workloads: readonly WorkloadRef[];
  readonly evidence: readonly Evidence[];
}

/** A workload that runs an image. */
interface Use {
  readonly workload: Workload;
  readonly image: string;
}

/** None of the catalogue runs as a DaemonSet. */
const CONTROLLERS = [KIND.deployment, KIND.statefulSet] as const;
const byWorkload = compareBy(formatWorkload);
const KINDS = [...CONTROLLERS, KIND.customResourceDefinition] as const;

/** Every component that is looked for, by name, with whether it is here; only what was wholly read makes it absent. */
export function componentsOf(world: World): readonly Component[] {
  const uses = usesByRepository(world);
  return COMPONENTS.map((signs) => componentOf(world, signs, uses)).sort((left, right) =>
    compareText(left.component, right.component),
  );
}

/** Workloads that run a controller of the component. */
function usesByRepository(world: World): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const workload of workloadsOf(world)) {
    for (const { image } of workload.template.containers) {
      const repository = imageRepository(image);
      const known = uses.get(repository);
      if (known === undefined) uses.set(repository, [{ workload, image }]);
      else known.push({ workload, image });
    }
  }
  return uses;
}

function componentOf(world: World, signs: ComponentSigns, uses: ReadonlyMap<string, readonly Use[]>): Component {
  const { component, role, image, definition } = signs;
  const running = [...uses].filter(([repository]) => image.test(repository)).flatMap(([, found]) => found);
  const definitions =
    definition === undefined
      ? []
      : world.list(KIND.customResourceDefinition).objects.filter(({ metadata }) => definition.test(metadata.name));
  const evidence = [...controllerEvidence(component, running), ...definitionEvidence(component, definitions)];
  return {
    component,
    role,
    state: stateOf(world, { running: running.length, definitions: definitions.length }),
    version: versionOf(running),
    workloads: [...new Set(running.map(({ workload }) => workload))].map(workloadRef).sort(byWorkload),
    evidence,
  };
}

function stateOf(
  world: World,
  found: { readonly running: number; readonly definitions: number },
): Fact<ComponentState> {
  if (found.running > 0) return known('installed');
  if (found.definitions > 0) {
    const gap = whyNotAll(world, CONTROLLERS);
    return gap === undefined ? known('definitions-only') : unknown(`its kinds are defined, and ${gap}`);
  }
  const gap = whyNotAll(world, KINDS);
  return gap === undefined ? known('absent') : unknown(gap);
}

function versionOf(running: readonly Use[]): Fact<string> {
  const versions = sortedUnique(running.flatMap(({ image }) => imageVersion(image) ?? []));
  const [first, second] = versions;
  if (first === undefined) {
    return unknown(running.length === 0 ? 'no controller of it was seen' : 'the tag of its image is no version');
  }
  return second === undefined ? known(first) : unknown(`several versions run: ${versions.join(', ')}`);
}

function controllerEvidence(component: string, running: readonly Use[]): readonly Evidence[] {
  const byWorkload = new Map(running.map((use) => [keyOf(refOf(use.workload.object)), use]));
  return [...byWorkload]
    .sort(([left], [right]) => compareText(left, right))
    .map(([, { workload, image }]) =>
      shownBy(workload.object, 'image', { value: image, rule: `it runs a controller of ${component}` }),
    );
}

/** The first one is enough: a component brings many kinds. */
function definitionEvidence(component: string, definitions: readonly KubeObject[]): readonly Evidence[] {
  return definitions
    .slice(0, 1)
    .map((definition) => shownBy(definition, 'metadata.name', { rule: `it is a kind of ${component}` }));
}
