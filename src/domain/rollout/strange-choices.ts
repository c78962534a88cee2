import { sortedUnique } from '../../lib/order.ts';
import { MESHES } from '../mesh/registry.ts';
import type { World } from '../world/world.ts';
import { findWorkload } from '../world/workloads-of.ts';
import { hasEnded, type Choices } from './choices.ts';

/** Choices that speak of nothing that is there, or that hold no longer: each as a sentence, in the order of the keys. */
export function strangeChoices(world: World, choices: Choices): readonly string[] {
  const there = new Set(world.namespaces());
  const isMissing = (what: string): boolean => {
    const [namespace = '', kind, name] = what.split('/');
    if (!there.has(namespace)) return true;
    return kind !== undefined && name !== undefined && findWorkload(world, { namespace, kind, name }) === undefined;
  };
  const named: readonly (readonly [string, readonly string[]])[] = [
    ['owners', Object.keys(choices.owners)],
    ['waves.first', choices.waves.first ?? []],
    ['waves.last', choices.waves.last ?? []],
    ['exclude', choices.exclude.map(({ what }) => what)],
    ['waivers', choices.waivers.map(({ what }) => what)],
    ['traps', choices.traps.map(({ what }) => what)],
  ];
  return [
    ...named.flatMap(([key, names]) =>
      sortedUnique(names.filter(isMissing)).map((name) => `plan.${key} names ${name}, which is not in the cluster`),
    ),
    ...choices.coexist.flatMap(({ mesh: id }) => {
      const absent = MESHES.some((mesh) => mesh.id === id && mesh.detect(world).state === 'absent');
      return absent ? [`plan.coexist names ${id}, which is not in the cluster`] : [];
    }),
    ...ended(world, choices),
  ];
}

function ended(world: World, { waivers, accepts, traps }: Choices): readonly string[] {
  const rows = [
    ...waivers.map(({ what, expires }) => ({ what: `plan.waivers: ${what}`, expires })),
    ...accepts.map(({ stage, expires }) => ({ what: `plan.accepts: ${stage}`, expires })),
    ...traps.map(({ trap, what, expires }) => ({ what: `plan.traps: ${trap} ${what}`, expires })),
  ];
  if (!world.asOf.known) {
    return rows.length === 0
      ? []
      : ['plan.waivers, plan.accepts and plan.traps are not assessed: no time given (--at)'];
  }
  const now = world.asOf.value;
  return rows.filter(({ expires }) => hasEnded(expires, now)).map(({ what, expires }) => `${what} ended ${expires}`);
}
