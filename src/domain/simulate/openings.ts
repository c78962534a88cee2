import type { Arrival, Mesh } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload } from '../world/workload.ts';
import { findWorkload, workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { serverPortsOf } from '../world/server-ports.ts';

const PLAINTEXT = 'plaintext from any pod';
const ANY_NAMESPACE = 'any namespace';
const DEFAULT_ACCOUNT = 'account default of any namespace';

/**
 * What the second world accepts, from callers that nobody named, and the first refused; sorted. A door counts as open
 * where some cohort opens it, and an unknown answer before counts as open, so that only what was surely shut is listed.
 * Where plaintext of any pod surely came in before, every pod did: asking it for mutual TLS lets in nobody who was out.
 * Looks at the workloads of the given namespaces, or at all.
 */
export function openingsBetween(
  before: World,
  after: World,
  namespaces: readonly string[] = after.namespaces(),
): readonly string[] {
  if (before === after) return [];
  return namespaces
    .flatMap((namespace) => workloadsIn(after, namespace))
    .flatMap((workload) => openingsOf(workload, before, after))
    .sort();
}

function openingsOf(workload: Workload, before: World, after: World): string[] {
  const earlier = findWorkload(before, workload);
  if (earlier === undefined) return [];
  return serverPortsOf(workload, after).flatMap((port) => {
    const open = admitted({ workload: earlier, port }, before);
    if ((open.anyIdentity && open.names.has(PLAINTEXT)) || open.takesPlaintext) return [];
    const names = [...admitted({ workload, port }, after).names].filter(
      (name) => !open.names.has(name) && (name === PLAINTEXT || !open.anyIdentity),
    );
    return withoutImplied(names).map((name) => `${formatWorkload(workload)} port ${String(port)}: ${name}`);
  });
}

/** Whoever lets in every namespace lets in its default account. */
function withoutImplied(names: readonly string[]): readonly string[] {
  return names.includes(byIdentity(ANY_NAMESPACE))
    ? names.filter((name) => name !== byIdentity(DEFAULT_ACCOUNT))
    : names;
}

function byIdentity(from: string): string {
  return `mutual TLS from ${from}`;
}

interface Door {
  readonly workload: Workload;
  readonly port: number;
}

/** The strangers that some cohort does not surely refuse. */
interface Admitted {
  readonly names: ReadonlySet<string>;
  /** Whether a cohort may let in any identity: it has no mesh, or nobody knows what identities look like there. */
  readonly anyIdentity: boolean;
  /** Whether a cohort surely takes plaintext, without asking who calls. */
  readonly takesPlaintext: boolean;
}

function admitted(door: Door, world: World): Admitted {
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
