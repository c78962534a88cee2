import { groupBy, sortedUnique } from '../../../lib/order.ts';
import type { Call } from '../../calls/call.ts';
import { isAnnotatedScrape } from '../../calls/declared-scrapes.ts';
import type { CallServer } from '../../calls/resolve-target.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { mayBeOf } from '../../mesh/claims.ts';
import type { Arrival } from '../../mesh/mesh.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { arrivalOf, mannerOf } from '../../simulate/manner.ts';
import type { Door } from '../../simulate/strangers.ts';
import { known } from '../../world/fact.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload, workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { OWN_PORTS } from '../proxy-ports.ts';
import type { Planning } from '../planning.ts';
import { showsIdentity } from './on-the-wire.ts';

/** Who may call a workload: principals with their ports, and ports at which callers have no identity. */
export interface Callers {
  readonly rules: readonly { readonly principals: readonly string[]; readonly ports: readonly number[] }[];
  /** Container ports that everybody may call, because a known caller shows no identity there. */
  readonly open: readonly number[];
  /** Other workloads that hold the same accounts, as sentences. */
  readonly alsoAdmits: readonly string[];
}

/** How those who call present themselves. */
export interface Identities {
  readonly trustDomain: string;
  /** Principals that call on at a container port on behalf of others: waypoints. */
  readonly relays?: ReadonlyMap<number, readonly string[]>;
}

const NOBODY: ReadonlyMap<number, readonly string[]> = new Map();

/** Derives them from all calls to the workload that pass today, inferred ones included; no policy stands before the agent's own ports. */
export function callersOf(planning: Planning, server: Workload, { trustDomain, relays = NOBODY }: Identities): Callers {
  const key = formatWorkload(server);
  const principalsAt = new Map<number, Set<string>>();
  const open = new Set<number>();
  const clients = new Set<string>();
  for (const call of planning.index.byWorkload.get(key) ?? []) {
    if (planning.fates.get(call.id)?.verdict === 'breaks') continue;
    const answering = (planning.index.servers.get(call.id) ?? []).filter(
      ({ workload, port }) => formatWorkload(workload) === key && !OWN_PORTS[planning.input.target](port),
    );
    for (const answer of answering) {
      const { port } = answer;
      const principals = identitiesAt(planning, { call, server: { ...answer, workload: server }, trustDomain });
      if (principals === 'bypass') continue;
      if (principals === 'none') open.add(port);
      else addAll(principalsAt, port, [...principals, ...(relays.get(port) ?? [])]);
      if (call.from.kind === 'workload') clients.add(formatWorkload(call.from.workload));
    }
  }
  return {
    rules: rulesOf(principalsAt, open),
    open: [...open].sort((left, right) => left - right),
    alsoAdmits: alsoAdmits(planning.world, {
      principals: new Set([...principalsAt.values()].flatMap((set) => [...set])),
      clients,
      trustDomain,
    }),
  };
}

interface CallAtPort {
  readonly call: Call;
  readonly server: CallServer;
  readonly trustDomain: string;
}

/** `bypass`: the call never passes the policies. `none`: it may come without an identity. */
function identitiesAt(planning: Planning, at: CallAtPort): readonly string[] | 'none' | 'bypass' {
  const { call, server, trustDomain } = at;
  const { from } = call;
  const passes = (): boolean => passesBy(planning.world, server, asSent(planning.world, { call, server }));
  if (isAnnotatedScrape(call) && passes()) return 'bypass';
  if (from.kind === 'outsider') return from.who === 'kubelet' && passes() ? 'bypass' : 'none';
  const client = findWorkload(planning.world, from.workload);
  const isKnown = isStrict(planning.world, server.workload, server.port) || showsIdentity(planning.fates.get(call.id));
  if (client === undefined || !isKnown) return 'none';
  const accounts = sortedUnique(cohortsOf(client).map(({ pod }) => pod.serviceAccount));
  return accounts.map((account) => `${trustDomain}/ns/${client.namespace}/sa/${account}`);
}

/** A probe that only connects is taken before any policy is asked, so it counts what the call is. */
function asSent(world: World, { call, server }: Pick<CallAtPort, 'call' | 'server'>): Arrival {
  return arrivalOf(mannerOf(call, server, world), 'plaintext');
}

/** Whether no policy stands before such calls of the port: they go to the agent, or end where they are connected. */
function passesBy(world: World, { workload, port }: Door, arrival: Arrival): boolean {
  return cohortsOf(workload).every((cohort) => {
    const server = { workload, cohort, port };
    const question = { server, arrival, handledAs: 'http', identity: known(undefined), request: {} } as const;
    const { decision, by } = istio.authorize(question, world);
    return decision === 'allow' && by === 'none';
  });
}

/** On a port that takes mutual TLS only, whoever gets through has shown who it is. */
function isStrict(world: World, workload: Workload, port: number): boolean {
  return cohortsOf(workload).every((cohort) => istio.portMode({ workload, cohort, port }, world).mode === 'strict');
}

function addAll(map: Map<number, Set<string>>, port: number, principals: readonly string[]): void {
  const set = map.get(port) ?? new Set<string>();
  map.set(port, set);
  for (const principal of principals) set.add(principal);
}

/** Ports with the same callers share a rule. */
function rulesOf(principalsAt: ReadonlyMap<number, ReadonlySet<string>>, open: ReadonlySet<number>): Callers['rules'] {
  const ports = [...principalsAt].filter(([port]) => !open.has(port)).sort(([left], [right]) => left - right);
  const groups = groupBy(ports, ([, principals]) => JSON.stringify(sortedUnique(principals)));
  return [...groups.values()].map((group) => ({
    principals: sortedUnique(group[0]?.[1] ?? []),
    ports: group.map(([port]) => port),
  }));
}

interface Admitted {
  readonly principals: ReadonlySet<string>;
  readonly clients: ReadonlySet<string>;
  readonly trustDomain: string;
}

function alsoAdmits(world: World, { principals, clients, trustDomain }: Admitted): readonly string[] {
  const before = `${trustDomain}/ns/`;
  const namespaces = [...principals].flatMap((principal) =>
    principal.startsWith(before) ? (principal.slice(before.length).split('/')[0] ?? []) : [],
  );
  const holders = sortedUnique(namespaces).flatMap((namespace) => workloadsIn(world, namespace));
  return holders.flatMap((workload) => {
    if (!principals.has(`${before}${workload.namespace}/sa/${workload.serviceAccount}`)) return [];
    const key = formatWorkload(workload);
    const isMeshed = (): boolean =>
      cohortsOf(workload).some((cohort) => mayBeOf('istio', dataPlaneOf(workload, cohort, world).dataPlane));
    if (clients.has(key) || !isMeshed()) return [];
    return [`${key} also gets in: it holds the same ServiceAccount ${workload.serviceAccount}.`];
  });
}
