import { dataPlaneOf } from '../mesh/registry.ts';
import { oncePer } from '../world/derived.ts';
import { besidePolicies } from '../world/object-world.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { whyPodsMissing } from './end-gaps.ts';
import { sendsFreely } from './wire-policies.ts';

/** One object for all callers of a world of which each cohort sends what the same cohort of the others does. */
export interface CallerKind {
  /** Whether that holds towards servers of the caller's own namespace too. */
  readonly everywhere: boolean;
}

/** A workload as a caller in one world. */
export interface Caller {
  readonly workload: Workload;
  readonly cohorts: readonly Cohort[];
  /** Of each cohort, for messages. */
  readonly names: readonly string[];
  /** Why pods of it may be there that the world does not show. */
  readonly gap: string | undefined;
  /** Undefined for a caller that is to be looked at alone. */
  readonly kind: CallerKind | undefined;
  /** What each cohort shows of itself where it shows anything; undefined in no mesh. */
  readonly identities: readonly (string | undefined)[];
  /** For each cohort the first one that sends the same under the same identity, wherever the kind holds. */
  readonly firstAlike: readonly number[];
}

/** The workload as a caller; asked once of each in a world. */
export function callerIn(world: World, workload: Workload): Caller {
  return callers(world, workload);
}

/** No policy before a server changes what callers send. */
const callers = oncePer(findCaller, (world: World, workload) =>
  cohortsOf(workload).some(({ unread }) => unread !== undefined) ? world : besidePolicies(world),
);

function findCaller(world: World, workload: Workload): Caller {
  const cohorts = cohortsOf(workload);
  const traits = cohorts.map((cohort) => traitOf(workload, cohort, world));
  return {
    workload,
    cohorts,
    names: cohorts.map((cohort) => cohortName(workload, cohort)),
    gap: whyPodsMissing(workload, world),
    kind: kindOf(traits, world),
    identities: traits.map((trait) => trait?.identity),
    firstAlike: traits.map((trait) => traits.findIndex((each) => isSame(each, trait))),
  };
}

function isSame(left: Trait | undefined, right: Trait | undefined): boolean {
  return left === right || (left?.key === right?.key && left?.identity === right?.identity);
}

/** All of a cohort that its calls depend on while it runs. */
interface Trait {
  readonly key: string;
  readonly everywhere: boolean;
  readonly identity: string | undefined;
}

function traitOf(workload: Workload, cohort: Cohort, world: World): Trait | undefined {
  const { pod } = cohort;
  if (!sendsFreely({ namespace: workload.namespace, pod }, world)) return undefined;
  const { mesh } = dataPlaneOf(workload, cohort, world);
  const host = pod.hostNetwork ? 'host' : 'pod';
  if (mesh === undefined) return { key: host, everywhere: true, identity: undefined };
  const alike = mesh.alike?.(workload, cohort, world);
  return alike === undefined ? undefined : { ...alike, key: `${host} ${mesh.id} ${alike.key}` };
}

function kindOf(traits: readonly (Trait | undefined)[], world: World): CallerKind | undefined {
  const found = traits.flatMap((trait) => (trait === undefined ? [] : [trait]));
  if (found.length < traits.length) return undefined;
  const everywhere = found.every((trait) => trait.everywhere);
  return kinds(world, JSON.stringify([everywhere, ...found.map(({ key }) => key)]));
}

const kinds = oncePer(
  (_world: World, key: string): CallerKind => ({ everywhere: key.startsWith('[true') }),
  besidePolicies,
);

/** The cohort, as `shop/Deployment/cart, pod cart-7d-x` or `shop/Deployment/db, its next pods`. */
export function cohortName(workload: Workload, cohort: Cohort | undefined): string {
  const which = cohort === undefined ? '' : cohort.state === 'next' ? ', its next pods' : `, pod ${cohort.id}`;
  return `${formatWorkload(workload)}${which}`;
}
