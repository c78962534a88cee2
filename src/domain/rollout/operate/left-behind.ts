import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type Kind, type KubeObject } from '../../kubernetes/object.ts';
import { progressOf } from '../istio/authorization-objects.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import { formatWorkload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';

/** Longer lists are not read: the rest is counted. */
const MOST = 20;

/** What the migration needed and nobody needs for ever, one row each: catch-alls, opt-outs, policies for one revision. */
export function leftBehind(world: World): readonly string[] {
  return [
    ...rows('Goes once its last caller has a rule', catchAlls(world)),
    ...rows('Out of the mesh by a label of its pods; each needs an owner and an end', optOuts(world)),
    ...rows(
      'Holds for one revision only, and stops counting when the tag moves: take the label istio.io/rev off, or repeat it for the next revision, before an upgrade',
      boundToRevision(world),
    ),
  ];
}

function rows(what: string, found: readonly string[]): readonly string[] {
  const more = found.length > MOST ? ` and ${String(found.length - MOST)} more` : '';
  return found.length === 0 ? [] : [`${what}: ${found.slice(0, MOST).join(', ')}${more}.`];
}

function catchAlls(world: World): readonly string[] {
  return world
    .namespaces()
    .filter((namespace) => progressOf(world, namespace) === 'catch-all')
    .map((namespace) => `the policy of namespace ${namespace} that admits everybody`);
}

function optOuts(world: World): readonly string[] {
  return workloadsOf(world)
    .filter(
      ({ template: { labels }, namespace, name }) =>
        (labels['sidecar.istio.io/inject'] === 'false' || labels['istio.io/dataplane-mode'] === 'none') &&
        !/^(istiod|ztunnel|istio-cni-node)/.test(name) &&
        !namespace.startsWith('kube-'),
    )
    .map(formatWorkload);
}

const POLICIES: readonly Kind[] = [
  KIND.peerAuthentication,
  KIND.authorizationPolicy,
  KIND.requestAuthentication,
  KIND.destinationRule,
  KIND.virtualService,
  KIND.sidecar,
  KIND.envoyFilter,
];

function boundToRevision(world: World): readonly string[] {
  const isBound = ({ metadata }: KubeObject): boolean => metadata.labels['istio.io/rev'] !== undefined;
  return POLICIES.flatMap((kind) => world.list(kind).objects)
    .filter(isBound)
    .map((object) => formatRef(refOf(object)));
}
