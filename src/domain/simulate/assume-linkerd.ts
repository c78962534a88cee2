import { asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { kindOf, refOf, type KubeObject } from '../kubernetes/object.ts';
import { linkerdControlPlanes, type LinkerdControlPlane } from '../mesh/linkerd/control-plane.ts';
import { DEFAULT_INBOUND_POLICY } from '../mesh/linkerd/names.ts';
import { parseAccessPolicy, type AccessPolicy } from '../mesh/linkerd/policy/access-policy.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import type { Step } from '../world/step.ts';
import { cohortsOf, type Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { AssumedSteps } from './assumption.ts';

/** What a policy becomes; undefined where it stays, because it demands as much already. */
type Tightening = (policy: AccessPolicy | undefined) => AccessPolicy | undefined;

/**
 * An identity is demanded on every port of a meshed pod: by its default inbound policy from the next restart on, and by
 * the access policy of each Server that lets strangers in. Stricter policies stay.
 * Source: https://linkerd.io/2-edge/reference/authorization-policy/#default-policies.
 */
export function strictLinkerd(world: World): AssumedSteps {
  return tightened(world, 'demand an identity', (policy) => {
    if (policy === 'cluster-unauthenticated') return 'cluster-authenticated';
    return policy === 'all-unauthenticated' || policy === 'audit' ? 'all-authenticated' : undefined;
  });
}

/** Nobody is let in unless an authorization names them: `deny` on every meshed pod and every Server. */
export function denyAllLinkerd(world: World): AssumedSteps {
  return tightened(world, 'deny', (policy) => (policy === 'deny' ? undefined : 'deny'));
}

function tightened(world: World, does: string, tighten: Tightening): AssumedSteps {
  const own = new Set(linkerdControlPlanes(world).map(({ namespace }) => namespace));
  const meshed = workloadsOf(world).filter((workload) => !own.has(workload.namespace) && isMeshed(workload, world));
  const changes = meshed.map((workload) => changeOf(workload, world, tighten));
  const servers = world.list(KIND.linkerdServer).objects.flatMap((server) => serverStep(server, tighten));
  const count = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  return {
    steps: [...servers, ...changes.flatMap(({ steps }) => steps)],
    notes: [
      `${does}: the default inbound policy of ${String(count('changed'))} workloads as of their next restart, ` +
        `and ${String(servers.length)} Servers`,
      'authorizations stay as they are, and those that name networks still let plaintext in',
      `the control plane's own pods stay as they are (${[...own].join(', ')})`,
      ...(count('unreadable') === 0
        ? []
        : [
            `${String(count('unreadable'))} meshed workloads are left out: their templates or today's policy are not known`,
          ]),
    ],
  };
}

function isMeshed(workload: Workload, world: World): boolean {
  return cohortsOf(workload).some((cohort) => dataPlaneOf(workload, cohort, world).dataPlane.mesh === 'linkerd');
}

interface Change {
  readonly kind: 'changed' | 'as-it-is' | 'unreadable';
  readonly steps: readonly Step[];
}

function changeOf(workload: Workload, world: World, tighten: Tightening): Change {
  const today = defaultToday(workload, world);
  const path = annotationPath(workload);
  if (today === undefined || path === undefined) return { kind: 'unreadable', steps: [] };
  const policy = tighten(today);
  if (policy === undefined) return { kind: 'as-it-is', steps: [] };
  const target = refOf(workload.object);
  const patch = path({ [DEFAULT_INBOUND_POLICY]: policy });
  return {
    kind: 'changed',
    steps: [
      { step: 'patch', target, patch, why: 'assumed default inbound policy' },
      { step: 'restart', workload: target, method: 'rollout-restart' },
    ],
  };
}

/** The default that new pods of the workload get: its own, its namespace's or the chart's; undefined if not known. */
function defaultToday(workload: Workload, world: World): AccessPolicy | undefined {
  const namespace = world.get({ kind: KIND.namespace, name: workload.namespace });
  if (namespace === undefined && world.list(KIND.namespace).gap !== undefined) return undefined;
  const written =
    workload.template.annotations[DEFAULT_INBOUND_POLICY] ?? namespace?.metadata.annotations[DEFAULT_INBOUND_POLICY];
  return (written === undefined ? undefined : parseAccessPolicy(written)) ?? chartDefault(linkerdControlPlanes(world));
}

function chartDefault([plane, second]: readonly LinkerdControlPlane[]): AccessPolicy | undefined {
  if (plane?.defaultInboundPolicy.known !== true || second !== undefined) return undefined;
  return parseAccessPolicy(plane.defaultInboundPolicy.value);
}

/** Where annotations of new pods stand in the workload's object; undefined where there is no template to write to. */
function annotationPath({ object, kind }: Workload): ((annotations: JsonObject) => JsonObject) | undefined {
  if (object.kind !== kind || kindOf(object) === KIND.pod) return undefined;
  const template = (annotations: JsonObject): JsonObject => ({ template: { metadata: { annotations } } });
  if (kindOf(object) !== KIND.cronJob) return (annotations) => ({ spec: template(annotations) });
  return (annotations) => ({ spec: { jobTemplate: { spec: template(annotations) } } });
}

function serverStep(server: KubeObject, tighten: Tightening): readonly Step[] {
  const written = parseAccessPolicy(asText(at(server.spec, 'accessPolicy')) ?? 'deny');
  const policy = written === undefined ? undefined : tighten(written);
  if (policy === undefined) return [];
  return [
    { step: 'patch', target: refOf(server), patch: { spec: { accessPolicy: policy } }, why: 'assumed access policy' },
  ];
}
