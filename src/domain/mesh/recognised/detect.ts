import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Detection, MeshState } from '../mesh.ts';
import type { Signature } from './signature.ts';
import { firstGap, signsOf, whyNotAbsent, type Signs } from './signs.ts';

const MOST_SHOWN = 3;

/** In what state the mesh is, by what points to it; strongest evidence first. Absence is said only of what was read. */
export function detectBySigns(signature: Signature, world: World): Detection {
  const signs = signsOf(signature, world);
  const state = stateOf(signature, signs, world);
  const gap = state === 'unknown' ? gapOf(signature, signs, world) : undefined;
  return {
    mesh: signature.id,
    state,
    version: versionOf(signature, signs),
    revisions: [],
    evidence: [...evidenceOf(signature, signs), ...(gap === undefined ? [] : [{ rule: gap }])],
    support: signature.support,
  };
}

function stateOf(signature: Signature, signs: Signs, world: World): MeshState {
  const { planes, webhooks, proxied } = signs;
  const enrolled = proxied.workloads.length > 0;
  if (planes.some(({ ready }) => ready)) {
    if (enrolled) return 'active';
    return proxyGap(signature, world) === undefined ? 'installed-unused' : 'unknown';
  }
  if (webhooks.some(({ answeredBy }) => answeredBy === 'url')) return 'external';
  // A control plane without a replica is none for those who need it, and is there for those who have no proxy.
  if (planes.length > 0) {
    if (enrolled) return 'orphaned';
    return proxyGap(signature, world) === undefined ? 'installed-unused' : 'unknown';
  }
  return withoutControlPlane(signature, signs, world);
}

function withoutControlPlane(signature: Signature, signs: Signs, world: World): MeshState {
  if (gapOf(signature, signs, world) !== undefined) return 'unknown';
  if (signs.proxied.workloads.length > 0) return 'orphaned';
  const left = signs.webhooks.length + signs.definitions.length + signs.objects.length + signs.labelled.length;
  return left > 0 ? 'remnant' : 'absent';
}

/** What would have to be read to be sure of the state. */
function gapOf(signature: Signature, signs: Signs, world: World): string | undefined {
  if (signs.planes.length > 0) return proxyGap(signature, world);
  if (signs.proxied.workloads.length === 0) return whyNotAbsent(signature, world);
  const webhooks = signature.webhook === undefined ? [] : [KIND.mutatingWebhook];
  return firstGap(world, [KIND.deployment, KIND.statefulSet, KIND.daemonSet, ...webhooks]);
}

function proxyGap({ proxyIn }: Signature, world: World): string | undefined {
  return proxyIn === undefined ? undefined : world.list(KIND.pod).gap;
}

function versionOf({ displayName }: Signature, { planes, proxied }: Signs): Fact<string> {
  const ofPlanes = sortedUnique(planes.flatMap(({ version }) => version ?? []));
  const versions = ofPlanes.length > 0 ? ofPlanes : sortedUnique(proxied.versions);
  if (versions.length > 0) return known(versions.join(', '));
  return unknown(`no image of ${displayName} names a version`);
}

function evidenceOf({ displayName }: Signature, signs: Signs): readonly Evidence[] {
  const { planes, webhooks, proxied, definitions, objects, labelled } = signs;
  return [
    ...planes.map(({ ref, ready }): Evidence => ({
      object: ref,
      rule: `control plane of ${displayName}${ready ? '' : ', of which no replica is ready'}`,
    })),
    ...webhooks.map(({ configuration, name, answeredBy }): Evidence => ({
      object: configuration,
      field: 'webhooks[].name',
      value: name,
      rule: `takes new pods into ${displayName}${answeredBy === 'url' ? ', and is answered outside the cluster' : ''}`,
    })),
    ...proxyEvidence(displayName, proxied),
    ...objects
      .slice(0, MOST_SHOWN)
      .map((object): Evidence => ({ object: refOf(object), rule: `an object of ${displayName}` })),
    ...definitions
      .slice(0, MOST_SHOWN)
      .map((object): Evidence => ({ object: refOf(object), rule: `defines a kind of ${displayName}` })),
    ...labelled.slice(0, MOST_SHOWN).map((object): Evidence => ({
      object: refOf(object),
      field: 'metadata.labels',
      rule: `asks for ${displayName}`,
    })),
  ];
}

function proxyEvidence(displayName: string, { workloads, pods }: Signs['proxied']): readonly Evidence[] {
  const [first] = workloads;
  if (first === undefined) return [];
  const rule = `${String(workloads.length)} workloads with ${String(pods)} live pods carry a proxy of ${displayName}`;
  return [{ object: refOf(first.object), rule }];
}
