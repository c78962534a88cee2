import type { Arrival, Mesh } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { oncePer } from '../world/derived.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import { cohortsOf, type Cohort, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';

/** How plaintext without an identity is named. */
export const PLAINTEXT = 'plaintext from any pod';

/** Whom an identity stands for that no policy names. */
export const ANY_NAMESPACE = 'any namespace';

/** How callers with identities of that origin are named. */
export function byIdentity(from: string): string {
  return `mutual TLS from ${from}`;
}

/** A container port of a workload. */
export interface Door {
  readonly workload: Workload;
  readonly port: number;
}

/** The strangers that some cohort does not surely refuse. */
export interface Admitted {
  readonly names: ReadonlySet<string>;
  /** Whether a cohort may let in any identity: it has no mesh, or nobody knows what identities look like there. */
  readonly anyIdentity: boolean;
  /** Whether a cohort surely takes plaintext, without asking who calls. */
  readonly takesPlaintext: boolean;
}

/** Whom that nobody named a port would let in, over all cohorts of its workload: with plaintext, and with identities of strangers. */
export function strangersAt({ workload, port }: Door, world: World): Admitted {
  const found = admittedAt(world, workload);
  const kept = found.get(port) ?? findAdmitted({ workload, port }, world);
  found.set(port, kept);
  return kept;
}

/** The world after one stage is the world before the next. */
const admittedAt = oncePer<World, Workload, Map<number, Admitted>>(() => new Map());

function findAdmitted(door: Door, world: World): Admitted {
  const cohorts = cohortsOf(door.workload).map((cohort) => admittedBy(door, cohort, world));
  return {
    names: new Set(cohorts.flatMap(({ names }) => [...names])),
    anyIdentity: cohorts.some(({ anyIdentity }) => anyIdentity),
    takesPlaintext: cohorts.some(({ takesPlaintext }) => takesPlaintext),
  };
}

function admittedBy(door: Door, cohort: Cohort, world: World): Admitted {
  const { mesh, dataPlane } = dataPlaneOf(door.workload, cohort, world);
  if (mesh === undefined) return UNGUARDED;
  // Behind ztunnel mutual TLS comes as HBONE, and in no other way.
  const wire = dataPlane.mode === 'ambient' ? ('hbone' as const) : ('mtls' as const);
  const comers = [
    { name: PLAINTEXT, wire: 'plaintext' as const, identity: known(undefined) },
    ...strangersTo(mesh, { workload: door.workload, cohort }, world).map((stranger) => ({ ...stranger, wire })),
  ];
  const answers = comers.map((comer) => ({ ...comer, answer: answerTo({ ...door, cohort, mesh }, comer, world) }));
  const letIn = answers.filter(({ answer }) => answer !== 'refused');
  const anyIdentity = letIn.some(({ identity }) => !identity.known);
  const takesPlaintext = answers.some(({ name, answer }) => name === PLAINTEXT && answer === 'admitted');
  return { names: new Set(letIn.map(({ name }) => name)), anyIdentity, takesPlaintext };
}

const UNGUARDED: Admitted = {
  names: new Set([PLAINTEXT, byIdentity(ANY_NAMESPACE)]),
  anyIdentity: true,
  takesPlaintext: true,
};

interface Comer {
  readonly name: string;
  readonly wire: Arrival['wire'];
  readonly identity: Fact<string | undefined>;
}

/** Names of identities differ by mesh, and policies may name whole trust domains; of others nobody can say who calls. */
function strangersTo(
  mesh: Mesh,
  server: { readonly workload: Workload; readonly cohort: Cohort },
  world: World,
): readonly Omit<Comer, 'wire'>[] {
  const strangers = mesh.strangers?.(server, world) ?? unknown(`what identities of ${mesh.displayName} look like`);
  if (!strangers.known) return [{ name: byIdentity(ANY_NAMESPACE), identity: strangers }];
  return strangers.value.map(({ from, identity }) => ({ name: byIdentity(from), identity: known(identity) }));
}

/** What the cohort surely does with whoever comes so; `unknown` where nobody can say. */
function answerTo(
  { workload, cohort, port, mesh }: Door & { readonly cohort: Cohort; readonly mesh: Mesh },
  { wire, identity }: Comer,
  world: World,
): 'refused' | 'admitted' | 'unknown' {
  const server = { workload, cohort, port };
  const arrival: Arrival = { sender: 'workload', wire, payload: 'unknown', serverFirst: known(false) };
  const inbound = mesh.inbound(server, arrival, world);
  if (inbound.outcome === 'refused') return 'refused';
  const untrusted = mesh.whyUntrusted?.({ server, arrival, identity }, world);
  if (untrusted?.known === true && untrusted.value !== undefined) return 'refused';
  const { decision } = mesh.authorize({ server, arrival, handledAs: inbound.handledAs, identity, request: {} }, world);
  if (decision === 'deny') return 'refused';
  return decision === 'allow' && inbound.outcome === 'accepted' ? 'admitted' : 'unknown';
}
