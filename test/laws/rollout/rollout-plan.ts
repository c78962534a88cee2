import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { callId } from '../../../src/domain/calls/call-id.ts';
import type { Call, CallGraph } from '../../../src/domain/calls/call.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { kindOf } from '../../../src/domain/kubernetes/object.ts';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import { planRollout } from '../../../src/domain/rollout/plan-rollout.ts';
import type { RolloutInput } from '../../../src/domain/rollout/rollout-input.ts';
import { admit } from '../../../src/domain/world/admit.ts';
import type { CoverageEntry } from '../../../src/domain/world/coverage.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { foldPods } from '../../../src/domain/world/fold-pods.ts';
import { makeWorld } from '../../../src/domain/world/object-world.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { asObject, asText } from '../../../src/lib/json.ts';
import { naivePod } from './naive-pods.ts';
import type { NaiveCall } from './naive-rollout-judge.ts';
import { annotationsOf, kindOfRaw, namespaceOf, type Raw, type RawCluster } from './raw-cluster.ts';
import { portOf, servicePortOf } from './rollout-cluster.ts';
import type { CallFacts, RolloutWorld } from './rollout-world.ts';

/** The calls of a generated cluster, as the judge is told of them. */
export function naiveCalls({ workloads, calls }: RolloutWorld): readonly (NaiveCall & Pick<CallFacts, 'evidence'>)[] {
  return calls.flatMap(({ from, to, by, evidence, metrics }) => {
    const [client, server] = [workloads[from], workloads[to]];
    if (client === undefined || server === undefined) return [];
    const via = by === 'service' ? { service: server.name, port: servicePortOf(server) } : undefined;
    return [
      {
        from: client,
        to: server,
        port: metrics ? 9090 : portOf(server),
        via,
        speaks: metrics ? 'http' : server.speaks,
        evidence,
      },
    ];
  });
}

const PROTOCOL = { http: 'http', tcp: 'tcp', 'server-first': 'nats' } as const;
const WINDOW = { from: '2026-10-20T00:00:00Z', to: '2026-10-30T00:00:00Z' };

/** The same calls as the planner is told of them, beside what the objects themselves declare. */
export function graphFor(facts: RolloutWorld, world: World): CallGraph {
  const declared = buildCallGraph(world, [{ source: 'watch.csv', window: WINDOW, seesUnmeshed: true, rows: [] }]);
  const calls = new Map(
    [...declared.calls, ...naiveCalls(facts).map((one) => toCall(facts, one))].map((call) => [call.id, call]),
  );
  return { ...declared, calls: [...calls.values()].sort((left, right) => (left.id < right.id ? -1 : 1)) };
}

function toCall({ workloads }: RolloutWorld, call: NaiveCall & Pick<CallFacts, 'evidence'>): Call {
  const { namespace, kind, name } = call.from;
  const { namespace: to, kind: toKind, name: server } = call.to;
  const isHeadless = workloads.some((one) => one.name === server && one.headless);
  const ends: Pick<Call, 'from' | 'to' | 'phase'> = {
    from: { kind: 'workload', workload: { namespace, kind, name } },
    to:
      call.via === undefined
        ? { kind: 'pod-port', workload: { namespace: to, kind: toKind, name: server }, port: call.port }
        : {
            kind: isHeadless ? 'headless-instance' : 'service-port',
            namespace: to,
            service: call.via.service,
            port: call.via.port,
          },
    phase: 'run',
  };
  const evidence = { kind: call.evidence, source: 'watch.csv', detail: 'generated', count: 100, lastSeen: WINDOW.to };
  return { id: callId(ends), ...ends, protocol: PROTOCOL[call.speaks], evidence: [evidence] };
}

/** The manifests as the planner's world, read live and whole. */
export function worldOf(cluster: RawCluster): World {
  const objects = foldPods([...cluster.objects.values()].map((raw) => admitted(asRead(cluster, raw))));
  const facts = {
    coverage: { basis: 'live', entries: coverageOf(cluster) } as const,
    cluster: 'generated',
    asOf: known('2026-11-01T00:00:00Z'),
    kubernetesVersion: known('v1.34.2'),
  };
  return makeWorld(facts, objects);
}

function admitted(raw: Raw) {
  const found = admit(raw, { from: 'read' }, (text) => JSON.parse(text) as unknown);
  if (!('object' in found)) throw new Error(`not admitted: ${JSON.stringify(raw)}`);
  return found.object;
}

/** Text in ConfigMaps as text again, and the mark that the node agent leaves on pods that ambient mode took in. */
function asRead(cluster: RawCluster, raw: Raw): Raw {
  const decoded = asObject(raw['decoded']);
  if (decoded !== undefined) {
    const data = Object.entries(decoded).map(([key, value]) => [key, JSON.stringify(value)]);
    return { ...raw, decoded: undefined, data: Object.fromEntries(data) as Raw };
  }
  if (kindOfRaw(raw) !== 'Pod' || naivePod(cluster, namespaceOf(raw) ?? '', raw).proxy !== 'ztunnel') return raw;
  const annotations = { ...annotationsOf(raw), 'ambient.istio.io/redirection': 'enabled' };
  return { ...raw, metadata: { ...asObject(raw['metadata']), annotations } };
}

const OPTIONAL = /istio\.io|linkerd\.io|monitoring\.coreos\.com|argoproj\.io|flagger\.app|gateway\.networking/;

function coverageOf(cluster: RawCluster): readonly CoverageEntry[] {
  const raws = [...cluster.objects.values()];
  const found = new Map<string, number>();
  for (const raw of raws) {
    const kind = kindOf({ apiVersion: asText(raw['apiVersion']) ?? '', kind: asText(raw['kind']) ?? '' });
    found.set(kind, (found.get(kind) ?? 0) + 1);
  }
  const kinds = new Set([...Object.values(KIND), 'telemetry.istio.io/Telemetry', ...found.keys()]);
  return [...kinds].sort().map((kind): CoverageEntry => {
    const isServed = !OPTIONAL.test(kind) || found.has(kind) || cluster.served.has(kind.split('/')[0] ?? '');
    return { kind, state: isServed ? 'read' : 'absent', objects: found.get(kind) ?? 0 };
  });
}

/** Plans the cluster all the way, on what was watched, unless said otherwise. */
export function planFor(facts: RolloutWorld, cluster: RawCluster, more: Partial<RolloutInput> = {}): RolloutPlan {
  const world = worldOf(cluster);
  return planRollout({
    world,
    graph: graphFor(facts, world),
    target: facts.target,
    goal: 'deny-by-default',
    choices: NO_CHOICES,
    acceptEvidence: 'observed',
    meshwiseVersion: '0.0.0',
    fingerprint: 'none',
    warnings: [],
    ...more,
  });
}
