import { kindOf, type Kind, type KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import type { Arrival, AuthorizeQuestion, ServerEnd } from '../../../../../src/domain/mesh/mesh.ts';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import { known } from '../../../../../src/domain/world/fact.ts';
import { makeWorld } from '../../../../../src/domain/world/object-world.ts';
import type { Coverage } from '../../../../../src/domain/world/coverage.ts';
import type { World } from '../../../../../src/domain/world/world.ts';
import { linkerdObject } from '../../../../cases-runner/linkerd/policy-objects.ts';
import { policyWorld, type PlaneParts, type PodParts } from '../../../../cases-runner/linkerd/policy-world.ts';
import { podEnd } from '../../../../cases-runner/istio/seam-ends.ts';
import type { NaiveCall } from './naive.ts';

/** One meshed pod in namespace ns-a with a port `http` 80 and a label `app: web`. */
export const WEB: PodParts = {
  namespace: 'ns-a',
  labels: { app: 'web' },
  ports: [{ name: 'http', containerPort: 80 }],
  meshed: true,
};

export const CURL = 'curl.ns-a.serviceaccount.identity.linkerd.cluster.local';

/** The world of a pod with objects as cases write them. */
export function scene(
  resources: readonly object[],
  pod: Partial<PodParts> = {},
  plane: PlaneParts = {},
): { readonly world: World; readonly server: Omit<ServerEnd, 'port'> } {
  return policyWorld(
    plane,
    { ...WEB, ...pod },
    resources.map((raw) => linkerdObject(raw, 'ns-a')),
  );
}

/** The same world with other coverage, or with other objects. */
export function changed(
  world: World,
  change: {
    readonly coverage?: Coverage;
    readonly objects?: (objects: readonly KubeObject[]) => readonly KubeObject[];
  },
): { readonly world: World; readonly server: Omit<ServerEnd, 'port'> } {
  const objects = world.kinds().flatMap((kind) => world.list(kind).objects);
  const next = makeWorld(
    {
      coverage: change.coverage ?? world.coverage,
      cluster: world.cluster,
      asOf: world.asOf,
      kubernetesVersion: world.kubernetesVersion,
    },
    change.objects?.(objects) ?? objects,
  );
  return { world: next, server: podEnd(next, 'ns-a', 'server') };
}

/** A kind of which not all was read, and which of its objects (by name) were lost with that; without names all. */
export interface Missing {
  readonly kind: Kind;
  readonly lost?: readonly string[];
}

/** The same world with that missing. */
export function without(world: World, { kind, lost }: Missing): ReturnType<typeof changed> {
  const entries = world.coverage.entries.filter((entry) => entry.kind !== kind);
  const coverage: Coverage = { ...world.coverage, entries: [...entries, { kind, state: 'forbidden', objects: 0 }] };
  return changed(world, {
    coverage,
    objects: (objects) =>
      objects.filter(
        (object) => kindOf(object) !== kind || (lost !== undefined && !lost.includes(object.metadata.name)),
      ),
  });
}

/** Answers about a random call, with a kind left unread. */
export function callIn(call: NaiveCall, missing?: Missing): { readonly decision: string; readonly mode: string } {
  const whole = scene(call.resources, { ...call.pod }, call);
  const { world, server } = missing === undefined ? whole : without(whole.world, missing);
  const { tls, ip } = call.client;
  const { method, path } = call.request;
  return {
    decision: linkerd.authorize(
      ask({ ...server, port: call.port }, { tls, request: { method, path, sourceIp: ip } }),
      world,
    ).decision,
    mode: linkerd.portMode({ ...server, port: call.port }, world).mode,
  };
}

/** A question about a call over HTTP unless it says otherwise. */
export function ask(
  server: ServerEnd,
  call: {
    readonly tls?: string | null;
    readonly arrival?: Partial<Arrival>;
    readonly handledAs?: AuthorizeQuestion['handledAs'];
    readonly request?: AuthorizeQuestion['request'];
  } = {},
): AuthorizeQuestion {
  const tls = call.tls ?? undefined;
  return {
    server,
    arrival: {
      sender: 'workload',
      wire: tls === undefined ? 'plaintext' : 'mtls',
      payload: 'http',
      serverFirst: known(false),
      ...call.arrival,
    },
    handledAs: call.handledAs ?? 'http',
    identity: known(tls),
    request: call.request ?? {},
  };
}
