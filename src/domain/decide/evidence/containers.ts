import { WORKLOAD_KINDS } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Container } from '../../world/pod-shape.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Look, Sign } from './signs.ts';

const NAMED = 3;

/** What one container shows, and by which rule. */
export type ContainerRule = (container: Container) => { readonly value: number; readonly rule: string } | undefined;

/** Looks through the containers of all templates; at most three are named. */
export function containersWhere(world: World, rule: ContainerRule): Look {
  const signs = workloadsOf(world).flatMap((workload) =>
    workload.template.containers.flatMap((container): Sign[] => {
      const found = rule(container);
      if (found === undefined) return [];
      const evidence = { object: refOf(workload.object), field: 'image', value: container.image, rule: found.rule };
      return [{ value: found.value, evidence }];
    }),
  );
  signs.sort((left, right) => right.value - left.value);
  return { signs: signs.slice(0, NAMED), gaps: workloadGaps(world) };
}

/** Why there may be more workloads than the world shows. */
export function workloadGaps(world: World): readonly string[] {
  return WORKLOAD_KINDS.map((kind) => world.list(kind).gap).filter((gap) => gap !== undefined);
}
