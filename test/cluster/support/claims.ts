import { asObject, asObjects, asText, at, type JsonObject } from '../../../src/lib/json.ts';

/** What an inventory says of one thing; `unknown` where it says that it does not know. */
type Claims = ReadonlyMap<string, string>;

/** Kinds by which pods find the workload that they belong to, and workloads what belongs to them. */
const OWNERSHIP = [
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Rollout',
  'Pod',
  'ReplicationController',
];

/** Kinds that say nothing of whether a workload is in a mesh, of its mTLS and of who may call it. */
const BESIDE_THE_POINT = [
  'APIService',
  'HorizontalPodAutoscaler',
  'IngressClass',
  'LimitRange',
  'PodDisruptionBudget',
  'PodMonitor',
  'ResourceQuota',
  'ScaledObject',
  'ServiceMonitor',
  'VerticalPodAutoscaler',
];

/** What kinds were not read although they were in the other run, as `kind: state`. */
export function gapsBeside(clean: JsonObject, other: JsonObject): readonly string[] {
  const states = new Map(asObjects(clean['coverage']).map((entry) => [asText(entry['kind']), asText(entry['state'])]));
  return asObjects(other['coverage'])
    .filter(({ kind, state, reason }) => {
      const before = states.get(asText(kind));
      return state !== before || (state === 'partial' && /could not be read|broke off/.test(asText(reason) ?? ''));
    })
    .map(({ kind, state }) => `${asText(kind) ?? ''}: ${asText(state) ?? ''}`);
}

/**
 * What a disturbed run says that the undisturbed one contradicts. Saying less is no contradiction where a kind that
 * bears on it is named as not read whole; without such a gap the two must say the same.
 */
export function wrongFacts(clean: JsonObject, disturbed: JsonObject): readonly string[] {
  const gaps = gapsBeside(clean, disturbed);
  const expected = claimsOf(clean);
  const said = claimsOf(disturbed);
  const ownershipGap = anyOf(gaps, OWNERSHIP);
  const gapsOfWorkloads = gaps.filter((gap) => !anyOf([gap], BESIDE_THE_POINT));
  const named = `gaps: ${gaps.length === 0 ? 'none' : gaps.join(', ')}`;
  const wrong: string[] = [];
  for (const [claim, value] of said) {
    const truth = expected.get(claim);
    const bearing = claim.startsWith('workload ') ? gapsOfWorkloads : gaps;
    if (truth === undefined ? ownershipGap : truth === value || (value === 'unknown' && bearing.length > 0)) continue;
    wrong.push(`${claim}: ${value}, but without faults ${truth ?? 'there is none'} (${named})`);
  }
  for (const [claim, value] of expected) {
    const excused = /^workload .* state$/.test(claim) ? ownershipGap : gaps.length > 0;
    if (!said.has(claim) && !excused) wrong.push(`${claim}: not said, but without faults ${value} (${named})`);
  }
  return wrong;
}

function anyOf(gaps: readonly string[], kinds: readonly string[]): boolean {
  return gaps.some((gap) => kinds.some((kind) => gap.startsWith(`${kind}: `) || gap.includes(`/${kind}: `)));
}

function claimsOf(inventory: JsonObject): Claims {
  const claims = new Map<string, string>();
  const add = (claim: string, value: unknown): void => void claims.set(claim, readClaim(value));
  for (const row of asObjects(inventory['workloads'])) {
    const name = `workload ${String(row['namespace'])}/${String(row['kind'])}/${String(row['name'])}`;
    add(`${name} pods`, row['pods']);
    add(`${name} state`, row['state']);
    add(`${name} next pods`, at(row, 'dataPlane', 'next', 'mode'));
    add(`${name} mTLS`, at(row, 'mtls', 'mode'));
    add(`${name} default`, at(row, 'authorization', 'default'));
    for (const [port, answer] of Object.entries(asObject(at(row, 'mtls', 'ports')) ?? {})) {
      add(`${name} port ${port} mTLS`, at(answer, 'mode'));
    }
  }
  for (const { name, enrolment } of asObjects(inventory['namespaces'])) add(`namespace ${String(name)}`, enrolment);
  for (const { mesh, state } of asObjects(inventory['meshes'])) add(`mesh ${String(mesh)}`, state);
  add('version of Kubernetes', at(inventory, 'cluster', 'kubernetesVersion'));
  for (const [fact, value] of Object.entries(asObject(at(inventory, 'cluster', 'platform')) ?? {})) {
    if (at(value, 'known') !== undefined) add(`platform ${fact}`, value);
  }
  return claims;
}

/** The value; `unknown` for what is not known, wholly or for some of the pods. */
function readClaim(value: unknown): string {
  if (at(value, 'known') === false) return 'unknown';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /\bunknown\b/.test(text) ? 'unknown' : text;
}
